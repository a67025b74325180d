"""What the link's threads hand to the GUI thread: plain values, pictures decoded."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage, QImageReader

from inference_server.protocol.messages import News, Reply


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


def decoded(blob: bytes) -> QImage | None:
    """The picture in ``blob``; None if there is none or Qt cannot read it."""
    if not blob:
        return None
    source = QBuffer()
    source.setData(blob)
    source.open(QIODevice.OpenModeFlag.ReadOnly)
    # Not QImage.fromData: that keeps Python's lock while it decodes, and the GUI thread waits for it.
    image = QImageReader(source).read()
    return None if image.isNull() else image
