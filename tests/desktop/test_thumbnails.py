"""Small pictures that are held: what was not to be had is asked for again when somebody looks anew."""

from __future__ import annotations

from PySide6.QtCore import QObject

from hydra_desktop.link.arrival import Failure
from hydra_desktop.thumbnails import KeptThumbnails


class Counter:
    """Notes what is asked for."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def ask(self, request: object) -> int:
        self.asked.append(request)
        return len(self.asked)


def test_that_what_was_not_to_be_had_is_asked_for_again_after_a_fresh_start(qapp: object) -> None:
    asker, parent = Counter(), QObject()
    small = KeptThumbnails(asker, 10, parent)
    small.want(["a"])
    small.take_failure(1, Failure("not-found", "It is not there.", ""))
    small.want(["a"])
    assert len(asker.asked) == 1
    small.restart()
    small.want(["a"])
    assert len(asker.asked) == 2
