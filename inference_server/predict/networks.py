"""Torch networks by name: as a feature extractor, or whole with the classes of one plot type."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, fx, nn

from inference_server import torchvision_shim
from inference_server.predict.weights import LITE0, NetworkError, lite0_file

log = logging.getLogger(__name__)

_LITE0_SCALING = ((127.0, 127.0, 127.0), (128.0, 128.0, 128.0))  # how its weights were trained
_IMAGENET_SCALING = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
# torchvision's own weights for these two expect the inputs rescaled inside the network.
_TRANSFORMED = frozenset({"inception_v3", "googlenet"})
_TRANSFORMED_WITH = {"transform_input": True, "init_weights": True, "aux_logits": False}
_ENOUGH = 0.9  # of a network's tensors that a weights file must have; the layer of classes differs


class Scaled(nn.Module):
    """Bytes in, the network's own scale out: (N, H, W, 3) uint8 to (N, 3, H, W) float32."""

    mean: Tensor
    factor: Tensor

    def __init__(self, name: str) -> None:
        super().__init__()
        mean, deviation = _LITE0_SCALING if name == LITE0 else _IMAGENET_SCALING
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer(
            "factor", 1 / torch.tensor(deviation).view(1, 3, 1, 1), persistent=False
        )

    def forward(self, pictures: Tensor) -> Tensor:
        planes = pictures.permute(0, 3, 1, 2).to(torch.float32)
        scaled: Tensor = (planes - self.mean) * self.factor
        return scaled


class Features(nn.Module):
    """The last feature map, pooled twice: (N, H, W, 3) uint8 to (N, 2 x channels) float32.

    The mean says how much of a pattern there is, the maximum whether it is anywhere at all (one
    dead board in a large plot). ``body`` ends in that map, so GradCAM can look at it.
    """

    def __init__(self, name: str, body: nn.Module) -> None:
        super().__init__()
        self.scaled = Scaled(name)
        self.body = body

    def forward(self, pictures: Tensor) -> Tensor:
        maps = self.body(self.scaled(pictures))
        return torch.cat([maps.mean(dim=(2, 3)), maps.amax(dim=(2, 3))], dim=1)


class Classifier(nn.Module):
    """A whole network with one output per class: (N, H, W, 3) uint8 to (N, classes) logits."""

    def __init__(self, name: str, classes: int) -> None:
        super().__init__()
        self.scaled = Scaled(name)
        self.network: nn.Module
        if name == LITE0:
            self.network = Pooled(_architecture(name, 0), classes)
        else:
            self.network = _architecture(name, classes)

    def forward(self, pictures: Tensor) -> Tensor:
        logits: Tensor = self.network(self.scaled(pictures))
        return logits


class Pooled(nn.Module):
    """The default backbone with a layer of classes on both of its poolings, as heads have it."""

    def __init__(self, network: Any, classes: int) -> None:
        super().__init__()
        self.body = network
        self.classes = nn.Linear(2 * network.num_features, classes)

    def begin_with(self, matrix: Tensor, bias: Tensor) -> None:
        """Judge as a head on the untouched features does: (C, 2 x channels), (C,)."""
        self.classes.load_state_dict({"weight": matrix, "bias": bias})

    def forward(self, planes: Tensor) -> Tensor:
        maps = self.body.forward_features(planes)
        logits: Tensor = self.classes(torch.cat([maps.mean(dim=(2, 3)), maps.amax(dim=(2, 3))], 1))
        return logits


def begin(name: str, classes: int, weights: Path | None) -> tuple[Classifier, bool]:
    """A network to be fine-tuned, and whether it starts from trained weights.

    The default backbone has weights of its own; torchvision's start from ``weights`` or at random.
    Raises NetworkError: unknown architecture, weights that do not fit.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = Classifier(name, classes)
    if isinstance(made.network, Pooled):
        trained = _lite0(weights).state_dict()
        made.network.body.load_state_dict(
            {key: tensor for key, tensor in trained.items() if not key.startswith("classifier.")}
        )
        return made, True
    if weights is None:
        return made, False
    own = made.network.state_dict()
    stored = _stored(weights)
    fitting = {k: v for k, v in stored.items() if k in own and own[k].shape == v.shape}
    if len(fitting) < _ENOUGH * len(own):
        raise NetworkError(f"{weights} does not hold weights of {name}.")
    made.network.load_state_dict(fitting, strict=False)
    return made, True


def features(name: str, size: int, weights: Path | None) -> Features:
    """The feature extractor ``name`` for pictures of ``size``, ready for inference.

    Raises NetworkError: unknown architecture, weights that do not fit.
    """
    if name == LITE0:
        body: nn.Module = _Lite0Body(_lite0(weights))
    else:
        body = _cut_at_last_map(_torchvision(name, weights), name, size)
    return Features(name, body).eval().requires_grad_(False)


class _Lite0Body(nn.Module):
    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, planes: Tensor) -> Tensor:
        maps: Tensor = self.network.forward_features(planes)
        return maps


def _lite0(weights: Path | None) -> nn.Module:
    network = _architecture(LITE0, 1000)
    path = weights or lite0_file()
    stored, own = _stored(path), network.state_dict()
    shapes = [tensor.shape for tensor in stored.values()]
    if shapes != [tensor.shape for tensor in own.values()]:
        raise NetworkError(f"{path} does not hold weights of EfficientNet-Lite0.")
    # The file names its layers as the 2020 package did, in the same order as timm's network.
    network.load_state_dict(dict(zip(own, stored.values(), strict=True)))
    return network


def _torchvision(name: str, weights: Path | None) -> nn.Module:
    network = _architecture(name, 1000)
    if weights is None:
        log.warning(
            "the backbone %s has no weights file, so its features are random; name one in"
            " [backbone] weights",
            name,
        )
        return network
    stored = _stored(weights)
    own = network.state_dict()
    if (
        name in _TRANSFORMED
    ):  # the files hold side branches too, which only help training from nothing
        stored = {key: tensor for key, tensor in stored.items() if key in own}
    try:
        network.load_state_dict(stored)
    except RuntimeError as error:
        raise NetworkError(f"{weights} does not hold weights of {name}: {error}") from error
    return network


def _stored(path: Path) -> dict[str, Tensor]:
    try:
        stored: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise NetworkError(f"{path} cannot be read: {error.strerror}. Check weights.") from error
    return stored


def _architecture(name: str, classes: int) -> nn.Module:
    """A network with untrained weights, the same ones each time."""
    torchvision_shim.prepare()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        if name == LITE0:
            import timm

            lite0: nn.Module = timm.create_model(
                "tf_efficientnet_lite0", pretrained=False, num_classes=classes
            )
            return lite0
        import torchvision

        # Only those that classify: others would fetch weights from the network when they are made.
        if name not in torchvision.models.list_models(module=torchvision.models):
            raise NetworkError(
                f"There is no architecture {name!r}. Use {LITE0} or a classification network of"
                " torchvision, such as resnet50."
            )
        extra = dict(_TRANSFORMED_WITH) if name in _TRANSFORMED else {}
        network: nn.Module = torchvision.models.get_model(
            name, weights=None, num_classes=classes, **extra
        )
    return network


def _cut_at_last_map(network: nn.Module, name: str, size: int) -> nn.Module:
    """``network`` without its classifier: it ends in the last map with height and width."""
    from torch.fx.passes.shape_prop import ShapeProp

    try:
        traced = fx.symbolic_trace(network.eval())
        ShapeProp(traced).propagate(torch.zeros(2, 3, size, size))
    except Exception as error:
        raise NetworkError(
            f"{name} cannot be used at {size} pixels: {error}. Use another size or architecture."
        ) from error
    maps = [node for node in traced.graph.nodes if _is_map(node)]
    if not maps:
        raise NetworkError(f"{name} has no feature map. Use a convolutional network.")
    (output,) = (node for node in traced.graph.nodes if node.op == "output")
    output.args = (maps[-1],)
    traced.graph.eliminate_dead_code()
    traced.delete_all_unused_submodules()
    traced.recompile()
    return traced


def _is_map(node: fx.Node) -> bool:
    shape: tuple[int, ...] = tuple(getattr(node.meta.get("tensor_meta"), "shape", ()))
    return node.op != "placeholder" and len(shape) == 4 and shape[2] > 1 and shape[3] > 1
