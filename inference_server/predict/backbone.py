"""The shared network: one pass turns a mixed batch of pictures into features for every head.

On a CPU the network is exported to ONNX once, checked against torch on several kinds of picture, and
used where it is equal and faster (measured on two cores at 224 px: 340 pictures/s against 90). The
decision is kept beside the export, so that later starts need no torch at all.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

import msgspec
import numpy as np

from inference_server import config as settings
from inference_server.predict import weights
from inference_server.predict.pixels import Pixels
from inference_server.predict.weights import BackboneError

if TYPE_CHECKING:
    import torch

    from inference_server.predict.networks import Features

log = logging.getLogger(__name__)

Vectors: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float32]]
Forward: TypeAlias = Callable[[Pixels], Vectors]

RECIPE = 1  # counts changes in how pictures become features: old exports and features are then void
_CLOSE = 1e-3  # largest difference that counts as equal, in units of the features' spread
_CLOSE_HALF = 2e-2  # likewise for 16-bit floats on a GPU


class _Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What was found out about an export on this machine."""

    dim: int
    difference: float  # from torch, in units of the features' spread
    onnx_per_s: float
    torch_per_s: float
    made_with: str


class Backbone:
    """Pictures (N, size, size, 3) uint8 RGB to features (N, dim) float32."""

    def __init__(
        self, config: settings.Backbone, *, dim: int, runtime: str, forward: Forward
    ) -> None:
        self.name = config.name
        self.size = config.size
        self.id = identity(config)
        self.dim = dim
        self.runtime = runtime
        self._config = config
        self._forward = forward

    @property
    def device(self) -> str:
        """Where it computes: "cpu", "cuda", "cuda:1"."""
        return self.runtime.removeprefix("torch ") if self.runtime.startswith("torch") else "cpu"

    def features(self, batch: Pixels) -> Vectors:
        """One pass; an empty batch gives shape (0, dim)."""
        if not len(batch):
            return np.empty((0, self.dim), np.float32)
        return self._forward(batch)

    def warm_up(self, batch: int) -> None:
        """First passes allocate memory and pick kernels: have them before anybody waits."""
        for count in {1, batch}:
            self.features(np.zeros((count, self.size, self.size, 3), np.uint8))

    @cached_property
    def module(self) -> Features:
        """The torch network itself, made when first asked for (GradCAM needs gradients)."""
        from inference_server.predict import networks

        return networks.features(self._config.name, self._config.size, self._config.weights)


def identity(config: settings.Backbone) -> str:
    """The name under which features are cached: equal ids give comparable features."""
    own = "" if config.weights is None else f"+{config.weights.stem[:40]}"
    return f"{config.name}{own}@{config.size}" + ("" if RECIPE == 1 else f".{RECIPE}")


def load_backbone(config: settings.Backbone, cache_dir: Path, threads: int) -> Backbone:
    """The backbone for this machine, on ``threads`` cores or a GPU. Makes the export if need be.

    Raises NetworkError (unknown architecture, weights that do not fit) and BackboneError (a device or
    runtime that was asked for and is not there).
    """
    device = _device(config)
    if device != "cpu":
        return _on_gpu(config, device)
    if config.runtime == "torch":
        return _on_torch(config, threads)
    from inference_server.predict import export

    path = cache_dir / f"{_key(config)}.onnx"
    choice = _remembered(path, threads) or _examined_once(config, path, threads)
    if config.runtime == "auto" and not _prefers_onnx(choice):
        return _on_torch(config, threads)
    if choice.difference > _CLOSE:
        raise BackboneError(
            f"ONNX Runtime computes {config.name} differently from torch (by {choice.difference:.1e} of"
            ' the spread). Set runtime = "torch" in [backbone].'
        )
    forward = export.session(path, threads)
    return Backbone(config, dim=choice.dim, runtime="onnx", forward=forward)


def _prefers_onnx(choice: _Choice) -> bool:
    return choice.difference <= _CLOSE and choice.onnx_per_s >= choice.torch_per_s


def _key(config: settings.Backbone) -> str:
    content = weights.fingerprint(config.name, config.weights)
    return f"{config.name}-{config.size}-{content}-{RECIPE}"


def _device(config: settings.Backbone) -> str:
    if config.device == "cpu":
        return "cpu"
    if config.device == "auto" and not Path("/dev/nvidiactl").exists():
        return "cpu"  # spares a machine without a GPU the seconds that importing torch takes
    import torch

    if torch.cuda.is_available():
        return "cuda" if config.device == "auto" else config.device
    if config.device == "auto":
        return "cpu"
    raise BackboneError(
        f'There is no usable GPU for device = "{config.device}". Check nvidia-smi, or set'
        ' device = "auto" in [backbone].'
    )


def _made_with(threads: int) -> str:
    import platform
    from importlib.metadata import version

    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "onnxruntime"))
    return f"{packages}, {platform.machine()}, {os.cpu_count()} cores, {threads} threads"


def _remembered(path: Path, threads: int) -> _Choice | None:
    """What an earlier start found out, if it still holds for this machine and these versions."""
    try:
        choice = msgspec.json.decode(_card(path, threads).read_bytes(), type=_Choice)
    except (OSError, msgspec.MsgspecError):
        return None
    return choice if path.exists() and choice.made_with == _made_with(threads) else None


def _card(path: Path, threads: int) -> Path:
    """The note beside an export, one for each number of threads: which runtime is faster depends on it.

    A server and an import beside it have different ones, and neither is to find out again.
    """
    return path.with_suffix(f".{threads}.json")


def _examined_once(config: settings.Backbone, path: Path, threads: int) -> _Choice:
    """Several processes want it at a first start: one does it, the others wait and read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)  # the lock leaves no file behind
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        return _remembered(path, threads) or _examine(config, path, threads)
    finally:
        os.close(folder)


def _examine(config: settings.Backbone, path: Path, threads: int) -> _Choice:
    """Export if need be, compare with torch, time both, and write down what came out."""
    from inference_server.predict import export

    log.info("preparing the backbone %s (once per machine)", identity(config))
    reference = _on_torch(config, threads)
    if not path.exists():
        export.export(reference.module, config.size, path)
    forward = export.session(path, threads)
    trial = trial_pictures(config.size)
    choice = _Choice(
        dim=reference.dim,
        difference=_difference(reference.features(trial), forward(trial)),
        onnx_per_s=_rate(forward, trial),
        torch_per_s=_rate(reference.features, trial),
        made_with=_made_with(threads),
    )
    export.replace(_card(path, threads), msgspec.json.format(msgspec.json.encode(choice)))
    log.info("backbone %s: %s", identity(config), choice)
    return choice


def _on_torch(config: settings.Backbone, threads: int) -> Backbone:
    import torch

    torch.set_num_threads(max(1, threads))
    return _from_torch(config, torch.device("cpu"), half=False)


def _on_gpu(config: settings.Backbone, device: str) -> Backbone:
    """16-bit floats where they agree with 32-bit ones, as they do for the networks tried."""
    import torch

    place = torch.device(device)
    exact = _from_torch(config, place, half=False)
    fast = _from_torch(config, place, half=True)
    trial = trial_pictures(config.size)
    difference = _difference(exact.features(trial), fast.features(trial))
    log.info("backbone %s on %s: 16-bit differs by %.1e", exact.id, device, difference)
    return fast if difference <= _CLOSE_HALF else exact


def _from_torch(config: settings.Backbone, device: torch.device, *, half: bool) -> Backbone:
    import torch

    from inference_server.predict import networks

    module = networks.features(config.name, config.size, config.weights)
    # Channels-last: twice as fast as the default layout on the CPUs measured.
    placed = module.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(batch: Pixels) -> Vectors:
        with torch.inference_mode(), torch.autocast(device.type, torch.float16, enabled=half):
            found = placed(torch.from_numpy(np.ascontiguousarray(batch)).to(device))
            return cast("Vectors", found.float().cpu().numpy())

    dim = forward(np.zeros((1, config.size, config.size, 3), np.uint8)).shape[1]
    return Backbone(config, dim=dim, runtime=f"torch {device}", forward=forward)


def _difference(one: Vectors, other: Vectors) -> float:
    """Largest difference in units of the features' spread; infinite when something is not finite."""
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return float("inf")
    return float(np.abs(one - other).max() / max(float(one.std()), 1e-6))


def _rate(forward: Forward, batch: Pixels, rounds: int = 3) -> float:
    """Pictures per second, the best of some rounds after one to warm up."""
    forward(batch)
    best = float("inf")
    for _ in range(rounds):
        begin = time.perf_counter()
        forward(batch)
        best = min(best, time.perf_counter() - begin)
    return len(batch) / best


def trial_pictures(size: int) -> Pixels:
    """Eight pictures to try a runtime on: noise, blank ones, and what plots are made of."""
    random = np.random.default_rng(7)
    batch = np.full((8, size, size, 3), 255, np.uint8)
    batch[0] = random.integers(0, 256, (size, size, 3))
    batch[1] = 0
    batch[3] = (random.poisson(2.0, (size, size, 1)) * 40).clip(0, 255)
    for row in range(4, 8):
        heights = random.integers(size // 8, size - size // 8, size)
        for column, height in enumerate(heights):
            batch[row, size - height :, column] = random.integers(0, 256, 3) if row % 2 else 40
        batch[row, size // 10, :] = batch[row, :, size // 10] = 0  # a frame, as axes draw it
    return cast("Pixels", batch)
