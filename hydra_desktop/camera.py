"""Keeps a current picture of the window in a file, for people without a display."""

from __future__ import annotations

import logging
import os
from itertools import count
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from hydra_desktop import background

log = logging.getLogger(__name__)
_numbers = count()


class Camera(QObject):
    """The file is replaced whole, so whoever opens it never sees half a picture."""

    def __init__(self, window: QWidget, file: Path, every_s: float) -> None:
        super().__init__(window)
        self._window, self._file = window, file
        self._busy = False
        self._timer = QTimer(self, interval=round(every_s * 1000))
        self._timer.timeout.connect(self.shoot)
        self._timer.start()

    @Slot()
    def shoot(self) -> None:
        """Take a picture now; the encoding, which takes a tenth of a second, happens elsewhere."""
        if self._busy:
            return
        self._busy = True
        image = self._window.grab().toImage()
        background.run(
            self, lambda: save(image, self._file), then=self._done, failed=self._cannot_save
        )

    def stop(self) -> None:
        """Take a last picture and no more."""
        self._timer.stop()
        try:
            save(self._window.grab().toImage(), self._file)
        except OSError as error:
            self._cannot_save(error)

    def _done(self, _nothing: None) -> None:
        self._busy = False

    def _cannot_save(self, error: Exception) -> None:
        self._busy = False
        log.warning("no screenshot in %s: %s", self._file, error)


def save(image: QImage, file: Path) -> None:
    """Write ``image`` as PNG beside ``file``, then put it in its place.

    Raises OSError: the directory is missing or full.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own: the last picture may be taken while another is still being written.
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.{next(_numbers)}")
    if not image.save(str(unfinished), "PNG"):  # type: ignore[call-overload]
        raise OSError(f"{unfinished} cannot be written")
    unfinished.replace(file)
