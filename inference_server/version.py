"""Which version of the program this is."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """The installed version, or the one of a bare checkout."""
    try:
        return metadata.version("hydra-dqm")
    except metadata.PackageNotFoundError:
        return "0+checkout"
