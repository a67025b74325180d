"""How sure the model is of each class, as bars with the threshold each has to pass."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.painting import write
from ui.roles import ScoreBar
from ui.tokens import class_colour
from ui.type_scale import sized

ROW = 23  # px per class in the lane; the detail page has more air


def paint_bars(painter: QPainter, box: QRect, scores: tuple[ScoreBar, ...], figures: str) -> None:
    """Bars into ``box``, one row each; ``figures``: "percent" or "exact" (three digits + threshold)."""
    if not scores:
        return
    exact = figures == "exact"
    height = box.height() // len(scores)
    name = min(box.width() // 3, max(_wide(painter, score.name) for score in scores) + 30)
    end = 110 if exact else _wide(painter, "100 %") + 12
    for row, score in enumerate(scores):
        line = QRect(box.left(), box.top() + row * height, box.width(), height)
        _name(painter, line.adjusted(0, 0, name - line.width(), 0), score)
        _bar(painter, line.adjusted(name, 0, -end - 8, 0), score)
        _figures(
            painter, QRect(line.right() - end, line.top(), end + 1, height), score, exact=exact
        )


def _wide(painter: QPainter, text: str) -> int:
    return painter.fontMetrics().horizontalAdvance(text)


def _name(painter: QPainter, box: QRect, score: ScoreBar) -> None:
    colours = theme.current()
    middle = box.top() + box.height() / 2
    painter.setPen(QPen(QColor(colours.text), 1))
    painter.setBrush(QColor(class_colour(colours, score.name, score.severity, score.colour)))
    painter.drawRoundedRect(QRectF(box.left() + 0.5, middle - 5.5, 11, 11), 2, 2)
    painter.setPen(QColor(colours.text))
    write(painter, box.adjusted(20, 0, 0, 0), score.name)


def _bar(painter: QPainter, box: QRect, score: ScoreBar) -> None:
    colours = theme.current()
    top = box.top() + box.height() / 2 - 4
    track = QRectF(box.left(), top, box.width(), 8)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.sunken))
    painter.drawRoundedRect(track, 2, 2)
    painter.setBrush(QColor(class_colour(colours, score.name, score.severity, score.colour)))
    painter.drawRoundedRect(QRectF(track.left(), top, track.width() * score.confidence, 8), 2, 2)
    painter.setBrush(QColor(colours.text))
    painter.drawRect(QRectF(track.left() + track.width() * score.threshold - 1, top - 4, 2, 16))


def _figures(painter: QPainter, box: QRect, score: ScoreBar, *, exact: bool) -> None:
    colours = theme.current()
    usual = painter.font()
    painter.setPen(QColor(colours.text))
    if not exact:
        write(painter, box, percent(score.confidence), Qt.AlignmentFlag.AlignRight)
        return
    bold = QFont(usual)
    bold.setWeight(QFont.Weight.DemiBold)
    painter.setFont(bold)
    write(
        painter, box.adjusted(0, 0, -50, 0), f"{score.confidence:.3f}", Qt.AlignmentFlag.AlignRight
    )
    painter.setFont(usual)
    painter.setPen(QColor(colours.muted))
    write(painter, box, f"{score.threshold:.2f}", Qt.AlignmentFlag.AlignRight)


def percent(share: float) -> str:
    """ "97 %"; never "100 %" for what is not certain."""
    whole = round(share * 100)
    return f"{min(whole, 99) if share < 1 else whole} %"


class ClassBars(QWidget):
    """The chart as a widget, with exact figures and a head line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scores: tuple[ScoreBar, ...] = ()
        self.setAccessibleName("How sure")

    def show_scores(self, scores: tuple[ScoreBar, ...]) -> None:
        """Show these classes, in this order."""
        self._scores = scores
        said = ", ".join(f"{s.name} {s.confidence:.3f}, needs {s.threshold:.2f}" for s in scores)
        self.setAccessibleDescription(said)
        self.setToolTip("Sure: the model's confidence. Needs: the threshold that it has to pass.")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(360, 18 + 23 * len(self._scores))

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._scores:
            painter.setPen(QColor(theme.current().muted))
            write(painter, self.rect(), "No model has judged this picture.")
            return
        painter.setFont(sized(9))
        painter.setPen(QColor(theme.current().muted))
        head = QRect(0, 0, self.width(), 18)
        write(painter, head.adjusted(0, 0, -50, 0), "Sure", Qt.AlignmentFlag.AlignRight)
        write(painter, head, "Needs", Qt.AlignmentFlag.AlignRight)
        painter.setFont(sized(10))
        paint_bars(painter, self.rect().adjusted(0, 18, 0, 0), self._scores, "exact")
