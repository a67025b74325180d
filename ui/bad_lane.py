"""The lane on the right where bad plots stand, large, until they are good again."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ui.lane_delegate import LaneDelegate
from ui.parts import BadgeLabel, label
from ui.replay_bar import tag
from ui.roles import Role
from ui.states import TileState

WIDEST_LANE = 560  # px


class LaneCards(QListView):
    """Remembers where a click ended: a card has two places to click."""

    released_at = QPoint()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.released_at = event.position().toPoint()
        super().mouseReleaseEvent(event)


class BadLane(QFrame):
    """Keeps its width when empty, and then says since when all is well."""

    opened = Signal(str)  # name of the plot type
    acknowledge_wanted = Signal(str)
    menu_wanted = Signal(str, QPoint)  # a plot, and where on the screen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "lane")
        self.setMinimumWidth(280)
        self.setMaximumWidth(WIDEST_LANE)
        self.count = label("None", "body", kind="muted")
        self.replay = tag("REPLAY")
        self.replay.hide()
        self.heat = QSlider(Qt.Orientation.Horizontal)
        self._heat_holder, self._wall = QWidget(), False
        self.cards = LaneCards(self)
        self._delegate = LaneDelegate(self.cards)
        self._quiet_title = label("", "section")
        self._quiet_since = label("", "body", kind="muted")
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self._make_quiet())
        self._pages.addWidget(self._make_cards())
        self._lay_out()

    def show_model(self, model: QAbstractItemModel) -> None:
        """Show ``model``: bad plots only, the worst first."""
        self.cards.setModel(model)
        for changed in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            changed.connect(self._recount)
        self._recount()

    def show_quiet(self, title: str, since: str) -> None:
        """What stands here while nothing is bad."""
        self._quiet_title.setText(title)
        self._quiet_since.setText(since)

    def show_replay(self, on: bool) -> None:
        """Mark that what stands here is not live."""
        self.replay.setVisible(on)

    def set_link_lost(self, lost: bool) -> None:
        """Paint the pictures at half strength."""
        self._delegate.link_lost = lost
        self.cards.viewport().update()

    def set_wall(self, on: bool) -> None:
        """Words to be read from afar, and no controls."""
        self._delegate.scale = 1.7 if on else 1.0
        self._wall = on
        self._recount()
        self.cards.scheduleDelayedItemsLayout()

    def reveal(self, name: str = "") -> None:
        """Bring the card of ``name`` (or the first) into view and give it the keyboard."""
        model = self.cards.model()
        rows = range(model.rowCount()) if model else range(0)
        wanted = [row for row in rows if name in ("", model.index(row, 0).data(Role.NAME))]
        if wanted:
            self.cards.setCurrentIndex(model.index(wanted[0], 0))
            self.cards.scrollTo(model.index(wanted[0], 0))
            self.cards.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def current(self) -> str:
        """The plot whose card has the keyboard."""
        return str(self.cards.currentIndex().data(Role.NAME) or "")

    @property
    def quiet_words(self) -> tuple[str, str]:
        """What it says while nothing is bad."""
        return self._quiet_title.text(), self._quiet_since.text()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._delegate.width = max(240, self.contentsRect().width() - 32)
        self.cards.scheduleDelayedItemsLayout()

    def _recount(self) -> None:
        bad = self.cards.model().rowCount() if self.cards.model() else 0
        self.count.setText(str(bad) if bad else "None")
        self._heat_holder.setVisible(bool(bad) and not self._wall)
        self._pages.setCurrentIndex(1 if bad else 0)

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(index.data(Role.NAME))

    def _clicked(self, index: QModelIndex) -> None:
        place = self.cards.visualRect(index)
        if self._delegate.acknowledge_hit(place, index, self.cards.released_at):
            self.acknowledge_wanted.emit(index.data(Role.NAME))
        else:
            self._open(index)

    def _menu(self, at: QPoint) -> None:
        """By the mouse for the card below it, by the menu key for the current one."""
        below = self.cards.indexAt(at)
        index = below if below.isValid() else self.cards.currentIndex()
        if index.isValid():
            self.menu_wanted.emit(index.data(Role.NAME), self.cards.viewport().mapToGlobal(at))

    def _make_cards(self) -> QListView:
        self.cards.setAccessibleName("Bad plots")
        self.cards.setItemDelegate(self._delegate)
        self.cards.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.cards.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.cards.setResizeMode(QListView.ResizeMode.Adjust)
        self.cards.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.cards.clicked.connect(self._clicked)
        self.cards.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.cards.customContextMenuRequested.connect(self._menu)
        self.cards.activated.connect(self._open)
        return self.cards

    def _make_quiet(self) -> QWidget:
        page, card = QWidget(), QFrame()
        card.setProperty("kind", "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(16, 44, 16, 44)
        inside.setSpacing(8)
        inside.addWidget(BadgeLabel(TileState.GOOD, 30), 0, Qt.AlignmentFlag.AlignHCenter)
        for text in (self._quiet_title, self._quiet_since):
            text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            text.setWordWrap(True)
            inside.addWidget(text)
        below = label(
            "A bad plot appears here. Nothing here means nothing to do.", "small", kind="muted"
        )
        below.setWordWrap(True)
        outer = QVBoxLayout(page)
        outer.setContentsMargins(0, 0, 12, 0)
        outer.addWidget(card)
        outer.addStretch(1)
        outer.addWidget(below)
        return page

    def _heat_row(self) -> QWidget:
        row = QHBoxLayout(self._heat_holder)
        row.setContentsMargins(0, 0, 12, 8)
        row.setSpacing(8)
        self.heat.setAccessibleName("Strength of the heat maps in percent")
        self.heat.setToolTip("A heat map is a hint where the model looked, and no proof.")
        self.heat.setRange(0, 100)
        self.heat.setSingleStep(5)
        self.heat.setValue(50)
        share = label("50 %", "small", kind="muted")
        self.heat.valueChanged.connect(lambda value: share.setText(f"{value} %"))
        self.heat.valueChanged.connect(self._set_heat)
        row.addWidget(label("Where it looked", "small", kind="muted"))
        row.addWidget(self.heat, 1)
        row.addWidget(share)
        return self._heat_holder

    def _set_heat(self, percent: int) -> None:
        self._delegate.heat = percent / 100
        self.cards.viewport().update()

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 0, 4, 12)
        outer.setSpacing(0)
        outer.addWidget(_head("Bad plots", self.count, self.replay))
        outer.addWidget(self._heat_row())
        outer.addWidget(self._pages, 1)


def _head(title: str, count: QLabel, replay: QLabel) -> QWidget:
    head = QWidget()
    head.setFixedHeight(44)
    row = QHBoxLayout(head)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(label(title, "section"))
    row.addSpacing(4)
    row.addWidget(count)
    row.addSpacing(8)
    row.addWidget(replay)
    row.addStretch(1)
    return head
