"""The icon beside the clock of the desktop, with the number of alarms that wait."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from ui import icons, theme
from ui.states import TileState, fill_of
from ui.type_scale import sized

SIDE = 64


class AlarmTray(QObject):
    """Does nothing where the desktop has no tray."""

    show_wanted = Signal()
    alarms_wanted = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._icon = QSystemTrayIcon(self) if QSystemTrayIcon.isSystemTrayAvailable() else None
        self._shown = (-1, TileState.EMPTY)
        if self._icon is None:
            return
        menu = QMenu(window)
        for words, signal in (("Show Hydra", self.show_wanted), ("Alarms", self.alarms_wanted)):
            action = QAction(words, menu)
            action.triggered.connect(signal)
            menu.addAction(action)
        self._icon.setContextMenu(menu)
        self._icon.activated.connect(lambda _reason: self.show_wanted.emit())
        self._icon.messageClicked.connect(self.alarms_wanted)

    def show_count(self, count: int, worst: TileState) -> None:
        """How many wait, and how bad the worst is."""
        if (count, worst) == self._shown or self._icon is None:
            return
        self._shown = (count, worst)
        self._icon.setIcon(QIcon(picture(count, worst)))
        words = f"Hydra: {count} alarms not acknowledged" if count else "Hydra: no alarms"
        self._icon.setToolTip(words)
        self._icon.show()

    def notify(self, title: str, words: str, *, urgent: bool) -> None:
        """A notice of the desktop."""
        if self._icon is not None:
            kinds = QSystemTrayIcon.MessageIcon
            self._icon.showMessage(title, words, kinds.Critical if urgent else kinds.Warning)

    def hide(self) -> None:
        """Take the icon away."""
        if self._icon is not None:
            self._icon.hide()


def picture(count: int, worst: TileState) -> QPixmap:
    """Our mark; with alarms a disc in the fill of the worst, and the number on it."""
    colours = theme.current()
    made = QPixmap(SIDE, SIDE)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawPixmap(0, 0, icons.pixmap("hydra", colours.accent, SIDE))
    fill = fill_of(worst, colours)
    if count and fill is not None:
        box = QRectF(18, 18, 44, 44)
        painter.setBrush(QColor(fill.background))
        painter.setPen(QColor(fill.text))
        painter.drawEllipse(box)
        painter.setFont(sized(20))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(count) if count < 100 else "99")
    painter.end()
    return made
