"""Icons and other files that ship with the programs, found alike from checkout, wheel and executable."""

from __future__ import annotations

from pathlib import Path

# PyInstaller keeps packages as folders and sets __file__ there too, so one rule serves all three.
_HERE = Path(__file__).resolve().parent


def path(name: str) -> Path:
    """Where the resource ``name`` ("icons/run.svg", "icons") lies on disk.

    Raises FileNotFoundError when this installation lacks it.
    """
    found = _HERE / name
    if not found.exists():
        raise FileNotFoundError(
            f"{found} is missing: this installation is incomplete. Install the program again."
        )
    return found
