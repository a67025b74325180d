"""The current picture of the window in a file."""

from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from hydra_desktop import camera


def image(colour: str) -> QImage:
    made = QImage(8, 8, QImage.Format.Format_RGB32)
    made.fill(QColor(colour))
    return made


class Overtaken:
    """While it is being written, the last picture of the window is taken."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def save(self, path: str, kind: str) -> bool:
        written = image("red").save(path, kind)
        camera.save(image("blue"), self._file)
        return written


def test_that_a_last_picture_during_another_takes_nothing_away_from_it(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "window.png"
    camera.save(Overtaken(file), file)  # type: ignore[arg-type]
    assert not QImage(str(file)).isNull()
    assert [each.name for each in file.parent.iterdir()] == ["window.png"]


def test_that_a_picture_that_cannot_be_kept_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="file"):
        camera.save(image("red"), tmp_path / "file" / "window.png")
