"""The one window that stacks alarms: on top, never modal, and never taking the keyboard from anybody."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeySequence, QMouseEvent, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui.masked import fitted
from ui.names import breakable
from ui.parts import BadgeLabel, label
from ui.states import TileState
from ui.strip import Strip

WIDTH = 600
PICTURE = (112, 84)
_WORDS = 350  # px that the words have beside badge and picture
_STEPS = {
    "Alt+Left": QPoint(-40, 0),
    "Alt+Right": QPoint(40, 0),
    "Alt+Up": QPoint(0, -40),
    "Alt+Down": QPoint(0, 40),
}


@dataclass(frozen=True, slots=True)
class StackRow:
    """One alarm, or one group of them."""

    badge: TileState
    title: str
    todo: str
    facts: str
    plot: str
    picture: str = ""  # handle of its picture
    strip: tuple[TileState, ...] = ()  # its last verdicts, where they tell more than the newest


@dataclass(frozen=True, slots=True)
class Stack:
    """All that wait. ``summary``: many came at once, so that rows are groups."""

    heading: str = ""
    rows: tuple[StackRow, ...] = ()
    more: str = ""
    summary: str = ""


class AlarmPopup(QFrame):
    """Shown by ``show_stack``; an empty stack hides it, and so does its minimise button until the next call."""

    acknowledge_wanted = Signal()
    show_wanted = Signal(str)  # name of the plot type
    mute_wanted = Signal()
    moved = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        flags = (
            Qt.WindowType.Tool
            | Qt.WindowType.FramelessWindowHint
            | Qt.WindowType.WindowStaysOnTopHint
        )
        super().__init__(parent, flags)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setProperty("kind", "popup")
        self.setWindowTitle("Hydra alarms")
        self.setAccessibleName("Hydra alarms")
        self.setFixedWidth(WIDTH)
        self.heading = label("", "body", kind="muted")
        self.summary = label("", "name")
        self.more = label("", "body", kind="muted")
        self.rows = [_Row() for _ in range(4)]
        self.acknowledge = QPushButton("Acknowledge  Ctrl+K")
        self.show_plot = QPushButton("Show  Enter")
        self.mute = QPushButton("Mute this sound  M")
        self.minimise = QPushButton("–")
        self._stack = Stack()
        self._grip: QPoint | None = None
        self._join()
        self._lay_out()

    @property
    def stack(self) -> Stack:
        """What it shows."""
        return self._stack

    def show_stack(self, stack: Stack, *, fresh: bool) -> None:
        """``fresh``: something calls anew, so a minimised window comes back."""
        self._stack = stack
        self.heading.setText(stack.heading)
        self.summary.setText(stack.summary)
        self.summary.setVisible(bool(stack.summary))
        self.more.setText(stack.more)
        self.more.setVisible(bool(stack.more))
        for number, row in enumerate(self.rows):
            row.show_row(stack.rows[number] if number < len(stack.rows) else None)
        several = len(stack.rows) > 1 or stack.more
        self.acknowledge.setText("Acknowledge all  Ctrl+K" if several else "Acknowledge  Ctrl+K")
        self._fit()
        if not stack.rows:
            self.hide()
        elif fresh:
            self.show()
            self.raise_()

    def show_picture(self, picture: str, image: QImage) -> None:
        """The picture of all rows that wait for it."""
        for row in self.rows:
            row.show_picture(picture, image)

    def pictures(self) -> tuple[str, ...]:
        """Handles of the pictures that are still missing."""
        return tuple(row.missing for row in self.rows if row.missing)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._grip = event.globalPosition().toPoint() - self.pos()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self.move(event.globalPosition().toPoint() - self._grip)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        if self._grip is not None:
            self._grip = None
            self.moved.emit(self.pos())

    def _fit(self) -> None:
        """As high as its words at this width; ``adjustSize`` would leave room for narrower ones."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(WIDTH, layout.totalHeightForWidth(WIDTH))

    def _show_first(self) -> None:
        if self._stack.rows:
            self.show_wanted.emit(self._stack.rows[0].plot)

    def _join(self) -> None:
        self.acknowledge.clicked.connect(self.acknowledge_wanted)
        self.show_plot.clicked.connect(self._show_first)
        self.mute.clicked.connect(self.mute_wanted)
        self.minimise.clicked.connect(self.hide)
        # Keys only while this window has the keyboard; and never a bare one to acknowledge.
        for keys, act in (
            ("Ctrl+K", self.acknowledge_wanted.emit),
            ("Return", self._show_first),
            ("M", self.mute_wanted.emit),
            ("Esc", self.hide),
        ):
            QShortcut(QKeySequence(keys), self, act)
        for keys, step in _STEPS.items():
            QShortcut(QKeySequence(keys), self, partial(self._shift, step))

    def _shift(self, step: QPoint) -> None:
        """The keyboard's way to drag it."""
        self.move(self.pos() + step)
        self.moved.emit(self.pos())

    def _lay_out(self) -> None:
        self.acknowledge.setProperty("kind", "primary")
        self.minimise.setProperty("kind", "plain")
        self.minimise.setAccessibleName("Minimise")
        self.minimise.setToolTip("Minimise until the next alarm")
        self.minimise.setFixedWidth(32)
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.addWidget(label("HYDRA alarms", "section"))
        head.addSpacing(8)
        head.addWidget(self.heading)
        head.addStretch(1)
        head.addWidget(self.minimise)
        foot.addWidget(self.acknowledge)
        foot.addWidget(self.show_plot)
        foot.addStretch(1)
        foot.addWidget(self.mute)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 14)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.summary)
        for row in self.rows:
            column.addWidget(row)
        column.addWidget(self.more)
        column.addLayout(foot)
        self.show_plot.setFocus()  # where the keyboard begins, once somebody clicks in here


class _Row(QFrame):
    """Badge, words, picture."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "alarm-row")
        self.badge = BadgeLabel(TileState.MAJOR, 44)
        self.title, self.todo = label("", "card"), label("")
        self.facts = label("", "small", kind="muted")
        self.strip = Strip()
        self.picture = QLabel()
        self.picture.setFixedSize(*PICTURE)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setAccessibleName("The plot")
        self._wanted = self._shown = ""
        words = QVBoxLayout()
        words.setSpacing(3)
        for text in (self.title, self.todo, self.facts):
            text.setWordWrap(True)
            words.addWidget(text)
        words.insertWidget(1, self.strip)
        words.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        line = QHBoxLayout(self)
        line.setContentsMargins(10, 8, 10, 8)
        line.setSpacing(12)
        line.addWidget(self.badge, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        line.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)

    @property
    def missing(self) -> str:
        """The picture it wants and does not have."""
        return "" if self.isHidden() or self._wanted == self._shown else self._wanted

    def show_row(self, row: StackRow | None) -> None:
        """Show ``row``, or nothing."""
        self.setVisible(row is not None)
        if row is None:
            self._wanted = ""
            return
        self.badge.show_state(row.badge)
        self.title.setText(breakable(row.title, self.title.fontMetrics(), _WORDS))
        self.todo.setText(row.todo)
        self.facts.setText(row.facts)
        self.strip.show_states(row.strip)
        self.setAccessibleName(f"{row.title}. {row.todo} {row.facts}")
        self._wanted = row.picture
        if row.picture != self._shown:
            self.picture.clear()
        self.picture.setVisible(bool(row.picture))

    def show_picture(self, picture: str, image: QImage) -> None:
        """Show ``image`` where it is wanted."""
        if picture != self._wanted:
            return
        self._shown = picture
        self.picture.setPixmap(fitted(image, QSize(*PICTURE), self.devicePixelRatioF()))
