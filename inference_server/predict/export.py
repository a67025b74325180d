"""A torch network as an ONNX file, and ONNX Runtime around it."""

from __future__ import annotations

import contextlib
import copy
import logging
import os
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import onnxruntime

from inference_server.predict.pixels import Pixels

if TYPE_CHECKING:
    from torch import nn

log = logging.getLogger(__name__)

_IN = "pictures"
# Pictures in one pass: more of them leave the processor's caches. Measured on one and on two threads:
# 5.7 and 6.1 ms of processor time for each in fours, 6.5 and 7.6 ms in sixteens.
CHUNK = 4


def export(module: nn.Module, size: int, path: Path, output: str = "features") -> None:
    """Write ``module`` for batches (N, size, size, 3) uint8 of any N to ``path``, whole or not at all.

    Tracing takes half a second, and the graph is as fast as the one that torch's newer exporter makes
    in six; that one is for networks whose way depends on what they see.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations inside the exporters, nothing a user can do
        fresh = Path(folder) / "network.onnx"
        try:
            _trace(module, size, fresh, output)
        except (RuntimeError, TypeError, ValueError) as error:  # whatever cannot be traced
            log.info("the network cannot be traced, so its export takes longer: %s", error)
            _capture(module, size, fresh, output)
        fresh.replace(path)


def _trace(module: nn.Module, size: int, path: Path, output: str) -> None:
    """Raises RuntimeError, or what the exporter raises: the graph would hold for one batch only."""
    import torch
    from torch.jit import TracerWarning  # type: ignore[attr-defined]  # public, and not exported

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", TracerWarning)
        torch.onnx.export(
            _settled(module, size),
            (torch.zeros(2, size, size, 3, dtype=torch.uint8),),
            path,
            input_names=[_IN],
            output_names=[output],
            dynamic_axes={_IN: {0: _IN}, output: {0: _IN}},
            dynamo=False,
        )
    for warning in said:
        if issubclass(warning.category, TracerWarning):
            raise RuntimeError(str(warning.message))


def _capture(module: nn.Module, size: int, path: Path, output: str) -> None:
    import torch

    torch.onnx.export(
        module,
        (torch.zeros(2, size, size, 3, dtype=torch.uint8),),
        path,
        input_names=[_IN],
        output_names=[output],
        dynamic_shapes=({0: torch.export.Dim("pictures")},),
        dynamo=True,
        external_data=False,
        verbose=False,
    )


def _settled(module: nn.Module, size: int) -> nn.Module:
    """``module`` for pictures of ``size``, or a copy whose layers no longer work out their padding.

    timm's do at each pass; a tracer writes that arithmetic into the graph, which then takes half as
    long again.
    """
    import torch
    from torch import nn

    if not _that_pad(module):
        return module
    from timm.layers.padding import pad_same_arg

    own = copy.deepcopy(module).eval()
    layers, seen = _that_pad(own), {}
    hooks = [
        layer.register_forward_pre_hook(lambda layer, given: seen.update({layer: given[0].shape}))
        for layer in layers.values()
    ]
    with torch.inference_mode():
        own(torch.zeros(1, size, size, 3, dtype=torch.uint8))
    for hook in hooks:
        hook.remove()
    for name, layer in layers.items():
        a, b, c, d = pad_same_arg(seen[layer][-2:], layer.kernel_size, layer.stride, layer.dilation)
        layer.__class__ = nn.Conv2d  # it differs from one in that it pads
        own.set_submodule(name, nn.Sequential(nn.ZeroPad2d((a, b, c, d)), layer))
    return own


def _that_pad(module: nn.Module) -> dict[str, Any]:
    return {
        name: layer
        for name, layer in module.named_modules()
        if type(layer).__name__ == "Conv2dSame"  # by name: importing timm takes a second
    }


class Session:
    """A network as a function of a batch."""

    def __init__(self, made: onnxruntime.InferenceSession, step: int) -> None:
        self._made, self._step = made, step
        self._outputs = [made.get_outputs()[0].name]
        self._running = onnxruntime.RunOptions()

    def __call__(self, batch: Pixels) -> np.ndarray:
        if len(batch) <= self._step:
            return self._run(batch)
        starts = range(0, len(batch), self._step)
        return np.concatenate([self._run(batch[n : n + self._step]) for n in starts])

    def interrupt(self) -> None:
        """Have the run that is under way raise, within a layer; from any thread."""
        self._running.terminate = True

    def _run(self, batch: Pixels) -> np.ndarray:
        self._running = onnxruntime.RunOptions()
        return cast("np.ndarray", self._made.run(self._outputs, {_IN: batch}, self._running)[0])


def session(path: Path, threads: int) -> Session:
    """The network in ``path`` on ``threads`` CPU threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = max(1, threads)
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Waiting threads must sleep: decoding wants the cores between two batches.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    made = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return Session(made, max(CHUNK, threads))


def replace(path: Path, content: bytes) -> None:
    """Write ``content`` so that a reader or a crash sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(fresh).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(fresh).unlink()
        raise
