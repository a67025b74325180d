"""Where a model looked for a class: GradCAM through backbone and head, or a whole network.

Selvaraju et al., "Grad-CAM" (ICCV 2017), as Captum implements it: each channel of the last feature
map counts by the mean gradient of the class's logit, and what speaks against the class is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import torch
from captum.attr import LayerAttribution, LayerGradCam
from torch import Tensor, nn

from inference_server import config as settings
from inference_server.predict import heads, networks, pixels, whole
from inference_server.predict.heads import Floats, Head, HeadError
from inference_server.predict.patches import Patch, lay
from inference_server.predict.pixels import Limits

_KEPT = 16  # models held in memory


class HeatmapError(ValueError):
    """There can be no heat map; the message says why, for people."""


class Explainer:
    """Makes heat maps on the CPU, one after the other, so that a GPU stays free for judging.

    The torch network is used even where ONNX Runtime judges: only torch has gradients.
    """

    def __init__(
        self, backbone: settings.Backbone, models_dir: Path, limits: Limits, threads: int
    ) -> None:
        torch.set_num_threads(max(1, threads))
        self._config, self._models_dir, self._limits = backbone, models_dir, limits
        self._asked = lru_cache(maxsize=_KEPT)(self._load)
        self._features: networks.Features | None = None

    def heatmap(
        self, data: bytes, folder: str, class_name: str, laid: Sequence[Patch] = ()
    ) -> Floats:
        """Importance of each part of the picture in ``data``: (size, size) float32, 0..1.

        The map is that of the network's own square input. All zero: nothing speaks for the class.
        ``laid``: masked areas, which the model did not see.
        Raises HeatmapError, HeadError, Unreadable.
        """
        asked = self._asked(folder)
        if class_name not in asked.labels:
            raise HeatmapError(f"The model does not know the class {class_name}.")
        seen = lay(pixels.decode(data, self._limits), laid)
        fitted = pixels.fit(seen, asked.size)
        picture = torch.from_numpy(np.ascontiguousarray(fitted[None]))
        found = LayerGradCam(asked.module, asked.layer).attribute(
            picture, target=asked.labels.index(class_name), relu_attributions=True
        )
        grown = LayerAttribution.interpolate(
            found, (asked.size, asked.size), interpolate_mode="bilinear"
        )
        return _scaled(grown[0, 0].detach().numpy())

    def _load(self, folder: str) -> _Asked:
        path = self._models_dir / folder
        card = heads.read_card(path)
        if card.kind == "network":
            module = whole.load(path).module
            layer = _last_map(module, card.size)
            return _Asked(module, layer, card.labels, card.size)
        features = self._backbone()
        head = heads.load(path)
        if head.weights.mean.shape[0] != _width(features, self._config.size):
            raise HeadError(
                f"The model was trained on features of {card.backbone}, which this server no longer computes."
            )
        return _Asked(_Judging(features, head), features.body, card.labels, self._config.size)

    def _backbone(self) -> networks.Features:
        if self._features is None:
            own = self._config
            self._features = networks.features(own.name, own.size, own.weights)
        return self._features


class _Asked:
    """A network with one output per class, and the layer whose map is shown."""

    def __init__(
        self, module: nn.Module, layer: nn.Module, labels: tuple[str, ...], size: int
    ) -> None:
        self.module, self.layer, self.labels, self.size = module, layer, labels, size


class _Judging(nn.Module):
    """Backbone and head as one network: (N, H, W, 3) uint8 to (N, C) logits."""

    def __init__(self, features: networks.Features, head: Head) -> None:
        super().__init__()
        self.features = features
        weights = head.weights
        self.mean = torch.from_numpy(weights.mean)
        self.spread = torch.from_numpy(np.maximum(weights.spread, 1e-6))
        self.matrix, self.bias = torch.from_numpy(weights.matrix), torch.from_numpy(weights.bias)

    def forward(self, pictures: Tensor) -> Tensor:
        standard = (self.features(pictures) - self.mean) / self.spread
        logits: Tensor = standard @ self.matrix.T + self.bias
        return logits


def _last_map(module: nn.Module, size: int) -> nn.Module:
    """The part of a whole network that gives the last map with height and width."""
    maps: list[nn.Module] = []

    def watch(part: nn.Module, _given: object, made: object) -> None:
        if isinstance(made, Tensor) and made.ndim == 4 and min(made.shape[2:]) > 1:
            maps.append(part)

    hooks = [part.register_forward_hook(watch) for part in module.modules()]
    try:
        with torch.inference_mode():
            module(torch.zeros(1, size, size, 3, dtype=torch.uint8))
    finally:
        for hook in hooks:
            hook.remove()
    if not maps:
        raise HeatmapError("The network has no feature map to look at.")
    return maps[-1]


def _width(features: networks.Features, size: int) -> int:
    with torch.inference_mode():
        return int(features(torch.zeros(1, size, size, 3, dtype=torch.uint8)).shape[1])


def _scaled(found: np.ndarray) -> Floats:
    """Divided by its maximum; a flat map stays flat, no division by nothing."""
    peak = max(float(found.max()), float(np.finfo(np.float32).tiny))
    return np.clip(found / peak, 0, 1).astype(np.float32)


def png(heatmap: Floats) -> bytes:
    """The map as an 8-bit grey PNG."""
    written, data = cv2.imencode(".png", np.round(heatmap * 255).astype(np.uint8))
    if not written:  # only when the encoder is missing from the build
        raise RuntimeError("OpenCV cannot write PNG. Reinstall opencv-python-headless.")
    return bytes(data)
