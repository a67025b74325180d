"""Which plots the feed of a demo shows while its models are being taught: those that can be judged."""

from __future__ import annotations

import time
from pathlib import Path

FOLDER = "taught"  # in the data directory of a demo
SETTLE_S = 2.0  # from a model in the database to the workers that have it loaded


def mark(folder: Path, plot: str) -> None:
    """Say that ``plot`` has a model. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / plot).open("a"):  # a mark that is there keeps its time
        pass


class Taught:
    """The plots that were marked some seconds ago; without a folder all of them."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._known: set[str] = set()

    def has(self, plot: str) -> bool:
        """Whether ``plot`` can be judged."""
        if self._folder is None or plot in self._known:
            return True
        try:
            marked = (self._folder / plot).stat().st_mtime
        except FileNotFoundError:
            return False
        if time.time() - marked < SETTLE_S:
            return False
        self._known.add(plot)
        return True
