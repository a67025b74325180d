"""What the link's threads hand to the GUI thread: plain values, pictures decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QImage

from hydra_desktop.models.masks import rectangle
from inference_server.protocol.detail import History, RunVerdicts
from inference_server.protocol.masks import Area
from inference_server.protocol.messages import Judged, News, Picture, Reply
from ui.masked import marked


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message of the feed. ``image``: its thumbnail, decoded on the reader's thread."""

    message: News
    image: QImage | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply. ``image``: the picture, if the reply is one. ``images``: all pictures that came along,
    decoded; ``blobs``: the same as bytes."""

    message: Reply
    image: QImage | None = None
    images: tuple[QImage | None, ...] = ()
    blobs: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a question got no answer: a code for programs, words for people."""

    code: str  # those of Refused, or "timeout", "closed"
    sentence: str
    next_step: str = ""

    @property
    def words(self) -> str:
        """Sentence and next step."""
        return f"{self.sentence} {self.next_step}".strip()


def pictures_of(message: News | Reply, blobs: Sequence[bytes]) -> tuple[QImage | None, ...]:
    """The pictures that came with ``message``, each with the areas that it was judged without."""
    images = tuple(decoded(blob) for blob in blobs)
    for image, areas in zip(images, _masked(message), strict=False):
        if image is not None:
            marked(image, [rectangle(each) for each in areas])
    return images


def _masked(message: News | Reply) -> list[tuple[Area, ...]]:
    match message:
        case Picture(masked=areas):
            return [areas]
        case Judged(verdict=verdict):
            return [verdict.masked]
        case History(verdicts=verdicts) | RunVerdicts(verdicts=verdicts):
            return [each.masked for each in verdicts]
    return []


def decoded(blob: bytes) -> QImage | None:
    """The picture in ``blob``; None if there is none or Qt cannot read it."""
    if not blob:
        return None
    # Not QImageReader on a buffer, though that would leave Python's lock to others meanwhile: it keeps Qt's own
    # lock of the image formats and asks for Python's to read the buffer, and a GUI thread that loads an
    # icon just then has the one and waits for the other, for ever.
    image = QImage.fromData(blob)
    return None if image.isNull() else image
