"""One plot in full: the picture, how sure the model is of each class, and the facts behind it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ui.class_bars import ClassBars
from ui.parts import BadgeLabel, Card, FactRows, IconFollower, label, restyle
from ui.picture_view import PictureView
from ui.roles import Role
from ui.states import TileState

_PROPERTY = {
    TileState.MAJOR: "major",
    TileState.MINOR: "minor",
    TileState.INVALID: "invalid",
    TileState.STALE: "stale",
}


class DetailPage(QWidget):
    """Shows one row of the plots model; Esc goes back, Left and Right to the next plot."""

    back = Signal()
    step = Signal(int)  # -1 or +1 tiles

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.title = label("", "card")
        self.subtitle = label("", "body", kind="muted")
        self.picture = PictureView()
        self.bars = ClassBars()
        self.facts = FactRows()
        self.guidance = label("")
        self.note = label("", "small", kind="muted")
        self._badge = BadgeLabel(TileState.EMPTY, 24, on_fill=True)
        self._verdict = label("", "card")
        self._chip = QFrame()
        self._back = QPushButton(" Run  Esc")
        self._lay_out()
        self._bind_keys()

    def show_row(self, index: QModelIndex) -> None:
        """Words and bars from ``index``; the picture comes by ``show_picture``."""
        state = TileState(index.data(Role.STATE))
        self.title.setText(index.data(Role.NAME))
        facts = index.data(Role.FACTS)
        self.subtitle.setText(_headline(facts))
        restyle(self._chip, "state", _PROPERTY.get(state, ""))
        restyle(self._chip, "kind", "" if state in _PROPERTY else "card")
        self._badge.show_state(state)
        self._verdict.setText(index.data(Role.VERDICT))
        self.bars.show_scores(index.data(Role.SCORES))
        self.facts.show_facts(facts)
        self.guidance.setText(index.data(Role.GUIDANCE) or "No action is set for this plot.")

    def show_picture(self, image: QImage, *, full: bool) -> None:
        """The thumbnail first, then the picture itself (``full``)."""
        self.picture.show_image(image, keep_view=full)
        size = f"{image.width()} × {image.height()} px. " if full else ""
        keys = "Wheel or + and − zoom, 0 shows it whole."
        self.note.setText(size + keys if full else "The picture in full size is on its way.")

    def show_no_picture(self, sentence: str) -> None:
        """Why the full picture does not come; the thumbnail stays."""
        self.note.setText(sentence)

    def _bind_keys(self) -> None:
        self._back.clicked.connect(self.back)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.back)
        for key, by in ((Qt.Key.Key_Left, -1), (Qt.Key.Key_Right, +1)):
            arrow = QShortcut(QKeySequence(key), self)
            arrow.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            arrow.activated.connect(self._step_back if by < 0 else self._step_on)

    def _step_back(self) -> None:
        self.step.emit(-1)

    def _step_on(self) -> None:
        self.step.emit(+1)

    def _lay_out(self) -> None:
        body = QHBoxLayout()
        body.setContentsMargins(16, 12, 16, 12)
        body.setSpacing(16)
        body.addLayout(self._picture_side(), 6)
        body.addWidget(self._fact_side(), 5)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._head())
        outer.addLayout(body, 1)

    def _head(self) -> QFrame:
        head = QFrame()
        head.setProperty("kind", "page-head")
        head.setFixedHeight(52)
        row = QHBoxLayout(head)
        row.setContentsMargins(10, 6, 16, 6)
        row.setSpacing(12)
        self._back.setProperty("kind", "plain")
        self._back.setAccessibleName("Back to the run page")
        IconFollower(self._back, "back", 18)
        chip = QHBoxLayout(self._chip)
        chip.setContentsMargins(8, 3, 12, 3)
        chip.setSpacing(8)
        chip.addWidget(self._badge)
        chip.addWidget(self._verdict)
        for widget in (self._back, self.title, self.subtitle):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self._chip)
        return head

    def _picture_side(self) -> QVBoxLayout:
        frame = QFrame()
        frame.setProperty("kind", "picture")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(6, 6, 6, 6)
        inside.addWidget(self.picture)
        side = QVBoxLayout()
        side.setSpacing(8)
        side.addWidget(frame, 1)
        side.addWidget(self.note)
        return side

    def _fact_side(self) -> QScrollArea:
        sure, why, action = Card("How sure"), Card("Why this verdict"), Card("Do this")
        sure.body.addWidget(self.bars)
        why.body.addWidget(self.facts)
        self.guidance.setWordWrap(True)
        action.body.addWidget(self.guidance)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(12)
        for card in (sure, why, action):
            column.addWidget(card)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumWidth(360)
        return area


def _headline(facts: Sequence[tuple[str, str]]) -> str:
    known = dict(facts)
    run = known.get("Run and chunk") or known.get("Run", "")
    return f"Run {run}, picture from {known['Picture from']}" if run else ""
