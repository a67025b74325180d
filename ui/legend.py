"""What badges, colours and marks mean: a pop-up that closes at the next click."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from ui import theme
from ui.alarm_marks import WORDS, AlarmMark, AlarmSign, paint_sign
from ui.parts import BadgeLabel, label
from ui.states import TileState
from ui.tokens import class_colour

BADGES = (
    (TileState.GOOD, "Good: nothing to do"),
    (TileState.MASKED, "Masked: good but for a known problem area, which is left out"),
    (TileState.NEUTRAL, "Neither good nor bad: no data, a calibration"),
    (TileState.UNCONFIRMED, "Unconfirmed: the model is not sure enough"),
    (TileState.MINOR, "To look at: may be bad"),
    (TileState.MAJOR, "Bad: stands in the bad lane"),
    (TileState.INVALID, "No model: nobody has taught this plot yet"),
    (TileState.STALE, "Old: a new picture is overdue"),
    (TileState.IGNORED, "Ignored: switched off by the maintainer"),
)
SIGNS = (
    (AlarmMark.SEEN, "Acknowledged: somebody is on it"),
    (AlarmMark.RETURNED, "Was bad, good again, nobody has acknowledged it"),
    (AlarmMark.SHELVED, "Shelved: silent until the time that is said"),
    (AlarmMark.SUPPRESSED, "Suppressed by design: no beam, no run"),
    (AlarmMark.OUT_OF_SERVICE, "Out of service: somebody works on it"),
)
MARKS = (
    ("≠ 4.2×", "Unlike anything Good: so many times as far from it as the limit"),
    ("▂▂▅█", "The last 20 verdicts: the taller, the worse; right is newest"),
    ("Hatched", "A masked area: what is there is not judged"),
    ("Half bright", "The picture is old, or the server does not answer"),
)


class ClassChip(QWidget):
    """A square in a class's colour; the word stands beside it."""

    def __init__(self, name: str, severity: str, own: str) -> None:
        super().__init__()
        self._name, self._severity, self._own = name, severity, own
        self.setFixedSize(16, 16)

    def sizeHint(self) -> QSize:
        return QSize(16, 16)

    def paintEvent(self, _event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.text), 1))
        painter.setBrush(QColor(class_colour(colours, self._name, self._severity, self._own)))
        painter.drawRoundedRect(QRectF(2.5, 2.5, 11, 11), 2, 2)


class SignLabel(QLabel):
    """A badge with the mark of what was done; the words stand beside it."""

    def __init__(self, mark: AlarmMark) -> None:
        super().__init__()
        self._mark = mark
        self.setAccessibleName(WORDS[mark])
        self.setFixedSize(26, 22)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_sign(painter, QRectF(0, 1, 18, 18), AlarmSign(self._mark, TileState.MAJOR))


class Legend(QFrame):
    """``classes``: name, severity, own colour."""

    def __init__(self, classes: Sequence[tuple[str, str, str]], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("kind", "popup")
        self.setAccessibleName("Legend")
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 14, 16, 14)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(7)
        row = 0
        for state, words in BADGES:
            grid.addWidget(BadgeLabel(state, 18), row, 0)
            grid.addWidget(label(words), row, 1)
            row += 1
        for sign, words in SIGNS:
            grid.addWidget(SignLabel(sign), row, 0)
            grid.addWidget(label(words), row, 1)
            row += 1
        for mark, words in MARKS:
            grid.addWidget(label(mark, "name"), row, 0)
            grid.addWidget(label(words), row, 1)
            row += 1
        for place, (name, severity, own) in enumerate(classes):
            grid.addWidget(ClassChip(name, severity, own), place, 2)
            grid.addWidget(label(name), place, 3)

    def open_below(self, widget: QWidget) -> None:
        """Show it below ``widget``, inside the window."""
        self.adjustSize()
        corner = widget.mapToGlobal(QPoint(widget.width() - self.width(), widget.height() + 4))
        self.move(corner)
        self.show()
