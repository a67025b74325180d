"""Fetches small pictures for what is in view, a few at a time, the newest wish first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.rooms.run_room import Asker
from inference_server.protocol.messages import GetThumbnail

IN_FLIGHT = 12
SMALL = 480  # px: larger pictures are kept so wide


class Thumbnails(QObject):
    """Wishes replace each other: what left the view before its turn is not fetched."""

    came = Signal(str, QImage)  # hash, picture

    def __init__(
        self, asker: Asker, has: Callable[[str], bool], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._asker, self._has = asker, has
        self._wanted: list[str] = []
        self._asked: dict[int, str] = {}
        self._missing: set[str] = set()

    def want(self, hashes: Iterable[str]) -> None:
        """These are in view now, the most wanted first."""
        busy = set(self._asked.values())
        self._wanted = [
            each for each in hashes if each not in busy | self._missing and not self._has(each)
        ]
        self._fetch()

    def restart(self) -> None:
        """The connection is a new one."""
        self._asked.clear()
        self._missing.clear()
        self._fetch()

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """A picture came."""
        if (picture_hash := self._asked.pop(ticket, None)) is None:
            return
        if answer.image is None:
            self._missing.add(picture_hash)
        else:
            self.came.emit(picture_hash, _small(answer.image))
        self._fetch()

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """It is not to be had; one that timed out is wished for again by the next look."""
        if (picture_hash := self._asked.pop(ticket, None)) is None:
            return
        if failure.code == "not-found":
            self._missing.add(picture_hash)
        self._fetch()

    def _fetch(self) -> None:
        while self._wanted and len(self._asked) < IN_FLIGHT:
            picture_hash = self._wanted.pop(0)
            ticket = self._asker.ask(GetThumbnail(picture_hash=picture_hash))
            self._asked[ticket] = picture_hash


def _small(image: QImage) -> QImage:
    return image.scaledToWidth(SMALL) if image.width() > SMALL else image


class KeptThumbnails(QObject):
    """Small pictures that are held here, the newest ``most`` of them."""

    came = Signal(str, QImage)  # hash, picture: one that was wished for

    def __init__(self, asker: Asker, most: int, parent: QObject) -> None:
        super().__init__(parent)
        self._most = most
        self._images: OrderedDict[str, QImage] = OrderedDict()
        self._fetching = Thumbnails(asker, self._images.__contains__, self)
        self._fetching.came.connect(self._came)

    def image(self, picture_hash: str) -> QImage | None:
        """The picture, if it is here."""
        return self._images.get(picture_hash)

    def keep(self, picture_hash: str, image: QImage) -> None:
        """One that came otherwise."""
        self._images[picture_hash] = image
        if len(self._images) > self._most:
            self._images.popitem(last=False)

    def want(self, hashes: Iterable[str]) -> None:
        """These are in view now, the most wanted first."""
        self._fetching.want(hashes)

    def forget(self) -> None:
        """None is wanted any more."""
        self._images.clear()
        self.want(())
        self.restart()

    def restart(self) -> None:
        """Ask anew also for what was not to be had."""
        self._fetching.restart()

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """A picture came."""
        self._fetching.take_answer(ticket, answer)

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """It is not to be had."""
        self._fetching.take_failure(ticket, failure)

    def _came(self, picture_hash: str, image: QImage) -> None:
        self.keep(picture_hash, image)
        self.came.emit(picture_hash, image)
