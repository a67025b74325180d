"""One picture of a plot in full: how sure the model is, why, what to do, and what was before and after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QImage, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ui.class_bars import ClassBars
from ui.heat_bar import HeatBar
from ui.label_bar import KEYS, LabelBar
from ui.neighbours import Strip, Trend
from ui.parts import BadgeLabel, Card, FactRows, IconFollower, label, restyle
from ui.picture_view import PictureView
from ui.roles import ScoreBar
from ui.states import TileState

_PROPERTY = {
    TileState.MAJOR: "major",
    TileState.MINOR: "minor",
    TileState.INVALID: "invalid",
    TileState.STALE: "stale",
}
_WALK = "Left and Right step through time"
_SHORT = 720  # px: in a lower page what to do comes before why


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One picture, ready to show."""

    name: str
    subtitle: str
    state: TileState
    verdict: str  # "Bad 97 %"
    standing: str  # "Confirmed", "Unconfirmed: a person should look"
    scores: tuple[ScoreBar, ...]
    why: tuple[tuple[str, str], ...]
    lately: tuple[tuple[str, str], ...]
    guidance: str
    past: bool  # a later one is known
    masks: tuple[QRectF, ...] = ()  # areas that are not judged, in fractions of the picture


class DetailPage(QWidget):
    """Esc goes back; Left and Right walk through time; Page Up and Page Down to other plots."""

    back = Signal()
    step = Signal(int)  # -1 or +1 plots
    walk = Signal(int)  # -1 or +1 chunks
    newest_wanted = Signal()
    hide_wanted = Signal()
    mask_wanted = Signal()
    action_wanted = Signal()  # an expert wants to say what the shift shall do
    entry_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.title = label("", "card")
        self.subtitle = label("", "body", kind="muted")
        self.picture, self.heat = PictureView(), HeatBar()
        self.bars, self.facts, self.lately = ClassBars(), FactRows(), FactRows()
        self.guidance, self.note = label(""), label("", "small", kind="muted")
        self.seen_by = label("", kind="muted")  # who did what about its alarm
        self.labels, self.strip, self.trend = LabelBar(), Strip(), Trend()
        self.head_actions = QHBoxLayout()  # for what concerns the verdict: acknowledge
        self.do_row = QHBoxLayout()  # below "Do this": log book, hide, shelve
        self.hide_button, self.entry = (
            QPushButton("Hide this plot"),
            QPushButton("Write to log book"),
        )
        self.mask_area = QPushButton("Mask an area")
        self.mask_area.setToolTip("Leave a known problem out of judging; all masks: Ctrl+Shift+M")
        self.set_action = QPushButton("Say what to do")
        self.set_action.setToolTip("An expert writes here what the shift shall do when it is Bad")
        self.newest = QPushButton("Newest  End")
        self._walking = label(_WALK, "small", kind="muted")
        self._badge = BadgeLabel(TileState.EMPTY, 24, on_fill=True)
        self._verdict, self._standing = label("", "card"), label("", "body", kind="muted")
        self._chip = QFrame()
        self._back = QPushButton(" Run  Esc")
        self._lay_out()
        self._connect()

    def show_shown(self, shown: Shown) -> None:
        """Words and bars; the picture comes by ``show_picture``."""
        self.title.setText(shown.name)
        self.subtitle.setText(shown.subtitle)
        restyle(self._chip, "state", _PROPERTY.get(shown.state, ""))
        restyle(self._chip, "kind", "" if shown.state in _PROPERTY else "card")
        self._badge.show_state(shown.state)
        self._verdict.setText(shown.verdict)
        self._standing.setText(shown.standing)
        self.bars.show_scores(shown.scores)
        self.picture.show_masks(shown.masks)
        self.facts.show_facts(shown.why)
        self.lately.show_facts(shown.lately)
        self.guidance.setText(shown.guidance or "No action is set for this plot.")
        self.set_action.setVisible(not shown.guidance)
        self.newest.setVisible(shown.past)
        self._walking.setText(f"{_WALK}. You look at the past." if shown.past else _WALK)

    def show_picture(self, image: QImage, *, full: bool) -> None:
        """The thumbnail first, then the picture itself (``full``)."""
        self.picture.show_image(image, keep_view=full)
        size = f"{image.width()} × {image.height()} px. " if full else ""
        keys = "Wheel or + and − zoom, Shift+arrows move, 0 shows it whole."
        self.note.setText(size + keys if full else "The picture in full size is on its way.")

    def show_no_picture(self, sentence: str) -> None:
        """Why the full picture does not come; the thumbnail stays."""
        self.note.setText(sentence)

    @property
    def verdict_words(self) -> tuple[str, str]:
        """What the chip in the head says, and what stands beside it."""
        return self._verdict.text(), self._standing.text()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._facts.insertWidget(1 if self.height() < _SHORT else 2, self._action)

    # ------------------------------------------------------------ keys

    def _connect(self) -> None:
        self._back.clicked.connect(self.back)
        self.newest.clicked.connect(self.newest_wanted)
        self.hide_button.clicked.connect(self.hide_wanted)
        self.entry.clicked.connect(self.entry_wanted)
        self.mask_area.clicked.connect(self.mask_wanted)
        self.set_action.clicked.connect(self.action_wanted)
        self.heat.compare_chosen.connect(self.picture.compare)
        keys: tuple[tuple[str, Callable[[], object]], ...] = (
            ("Esc", self.back.emit),
            ("End", self.newest_wanted.emit),
            ("Left", lambda: self.walk.emit(-1)),
            ("Right", lambda: self.walk.emit(+1)),
            ("Ctrl+Left", lambda: self.step.emit(-1)),
            ("Ctrl+Right", lambda: self.step.emit(+1)),
            ("PgUp", lambda: self.step.emit(-1)),
            ("PgDown", lambda: self.step.emit(+1)),
            ("G", self.heat.looked.click),
            ("[", lambda: self.heat.step(-5)),
            ("]", lambda: self.heat.step(+5)),
            ("R", self.heat.next_compare),
            ("+", self.picture.closer),
            ("=", self.picture.closer),
            ("-", self.picture.farther),
            ("0", self.picture.fit),
            ("Shift+Left", lambda: self.picture.pan(-1, 0)),
            ("Shift+Right", lambda: self.picture.pan(+1, 0)),
            ("Shift+Up", lambda: self.picture.pan(0, -1)),
            ("Shift+Down", lambda: self.picture.pan(0, +1)),
        )
        for key, act in keys:
            self._bind(key, act)
        for place, key in enumerate(KEYS, start=1):
            self._bind(key, partial(self.labels.press, place))

    def _bind(self, key: str, act: Callable[[], object]) -> None:
        # While the page has the focus only: a bare letter must not act from anywhere else.
        shortcut = QShortcut(QKeySequence(key), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(act)

    # ------------------------------------------------------------ layout

    def _lay_out(self) -> None:
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addLayout(self._picture_side(), 6)
        body.addWidget(self._fact_side(), 6)
        column = QVBoxLayout()
        column.setContentsMargins(16, 12, 16, 8)
        column.setSpacing(10)
        column.addLayout(body, 1)
        column.addLayout(self._time_head())
        column.addWidget(self.strip)
        column.addWidget(self.trend)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._head())
        outer.addLayout(column, 1)

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
        row.addWidget(self._standing)
        row.addLayout(self.head_actions)
        return head

    def _picture_side(self) -> QVBoxLayout:
        frame = QFrame()
        frame.setProperty("kind", "picture")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(6, 6, 6, 6)
        inside.addWidget(self.picture)
        side = QVBoxLayout()
        side.setSpacing(6)
        side.addWidget(frame, 1)
        side.addWidget(self.note)
        side.addWidget(self.heat)
        return side

    def _fact_side(self) -> QScrollArea:
        sure, why, lately = Card("How sure"), Card("Why this verdict"), Card("This plot lately")
        self._action, self._facts = Card("Do this"), QVBoxLayout()
        sure.body.addWidget(self.bars)
        why.body.addWidget(self.facts)
        lately.body.addWidget(self.lately)
        for card in (why, lately):
            card.body.addStretch(1)
        self.guidance.setWordWrap(True)
        self.seen_by.setWordWrap(True)
        for words in (self.guidance, self.seen_by):
            self._action.body.addWidget(words)
        for button in (self.set_action, self.entry, self.hide_button, self.mask_area):
            self.do_row.addWidget(button)
        self.do_row.addStretch(1)
        self._action.body.addLayout(self.do_row)
        both = QWidget()
        pair = QHBoxLayout(both)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.setSpacing(12)
        pair.addWidget(why, 1)
        pair.addWidget(lately, 1)
        inside, column = QWidget(), self._facts
        inside.setLayout(column)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(12)
        for part in (sure, both, self._action, self.labels):
            column.addWidget(part)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumWidth(420)
        area.setAccessibleName("Facts about this picture")
        return area

    def _time_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(label("Before and after", "name"))
        row.addWidget(self._walking)
        row.addStretch(1)
        self.newest.setAccessibleName("Show the newest picture")
        self.newest.hide()
        row.addWidget(self.newest)
        return row
