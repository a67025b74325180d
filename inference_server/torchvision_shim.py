"""Lets torchvision be imported beside a torch whose device support its compiled part does not match.

torchvision's published wheel links against CUDA libraries. Beside a CPU-only torch its operators do
not load, and ``import torchvision`` then fails while registering shape rules for two of them. None
of ours (classification networks, transforms) calls them: declaring their signatures is enough.
Where the compiled operators are there, this does nothing.
"""

from __future__ import annotations

import contextlib
import importlib.util
from functools import cache
from pathlib import Path

_SIGNATURES = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


@cache
def prepare() -> None:
    """Make ``import torchvision`` (and ``import timm``, which does it) safe; call before either."""
    import torch

    if hasattr(torch.ops.torchvision, "nms") or _compiled_part_loads():
        return
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for signature in _SIGNATURES:
        library.define(signature)  # type: ignore[no-untyped-call]
    _kept.append(library)


_kept: list[object] = []  # a Library that is collected takes its declarations away again


def _compiled_part_loads() -> bool:
    """Whether torchvision's own operators can be loaded here."""
    import torch

    package = importlib.util.find_spec("torchvision")
    if package is None or package.origin is None:
        return False
    for candidate in sorted(Path(package.origin).parent.glob("_C*")):
        with contextlib.suppress(OSError):
            torch.ops.load_library(str(candidate))  # type: ignore[no-untyped-call]
            return hasattr(torch.ops.torchvision, "nms")
    return False
