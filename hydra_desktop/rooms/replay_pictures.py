"""The pictures of a replay: fetched before they are due, a limited number held."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from hydra_desktop.asking import Asking
from hydra_desktop.link.arrival import Answer
from inference_server.protocol.messages import GetThumbnail

KEPT = 400  # pictures held


class ReplayPictures(QObject):
    """Each is asked for once."""

    came = Signal(str, QImage)  # hash, picture

    def __init__(self, asking: Asking, parent: QObject) -> None:
        super().__init__(parent)
        self._asking = asking
        self._images: dict[str, QImage | None] = {}  # None: asked for

    def image(self, picture_hash: str) -> QImage | None:
        """The picture, if it is here."""
        return self._images.get(picture_hash)

    def forget(self) -> None:
        """Another run begins, or none."""
        self._images = {}

    def want(self, hashes: Iterable[str]) -> None:
        """What is shown without a picture, and what comes next."""
        for wanted in hashes:
            if wanted not in self._images:
                self._ask(wanted)
        while len(self._images) > KEPT:
            del self._images[next(iter(self._images))]

    def _ask(self, wanted: str) -> None:
        self._images[wanted] = None
        self._asking.ask_whole(
            GetThumbnail(picture_hash=wanted),
            lambda answer: self._take(wanted, answer),
            lambda _failure: None,
        )

    def _take(self, wanted: str, answer: Answer) -> None:
        if answer.image is not None:
            self._images[wanted] = answer.image
            self.came.emit(wanted, answer.image)
