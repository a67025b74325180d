"""Joins the state of the connection with all that shows it: banner, foot, pages and the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal, Slot

from hydra_desktop.link.state import LinkState, Stage, sentence
from hydra_desktop.words import wall_clock
from ui.main_window import MainWindow


class LinkRoom(QObject):
    """Everything that may be old must look so while the link is lost."""

    lost = Signal(bool)

    def __init__(
        self, window: MainWindow, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__(window)
        self._window, self._now = window, now
        self._state: LinkState | None = None
        self._feed, self._gaps = 0, 0

    @Slot(object)
    def show_state(self, state: LinkState) -> None:
        """Show how the connection stands."""
        was_lost = self._state is None or self._state.lost
        self._state = state
        if state.lost != was_lost:
            self.lost.emit(state.lost)
        self._say()

    @Slot(int, int)
    def show_feed(self, sequence: int, gaps: int) -> None:
        """The number of the newest message of the feed, and how many gaps there were."""
        self._feed, self._gaps = sequence, gaps
        self._say_feed()

    def show_station(self, name: str) -> None:
        """Which station this is."""
        self._window.foot.station.setText(f"Station {name}")

    @Slot()
    def tick(self) -> None:
        """Once a second: the clock, and how long the silence lasts."""
        self._window.status_line.show_clock(*wall_clock(self._now()))
        self._say()

    def _say(self) -> None:
        if self._state is None:
            return
        words = sentence(self._state, self._now())
        refused = self._state.stage in (Stage.REFUSED, Stage.CONNECTING)
        self._window.banner.show_trouble(words, can_change=refused)
        self._window.foot.server.setText(_server(self._state))
        self._say_feed()

    def _say_feed(self) -> None:
        gaps = {0: "no gaps", 1: "1 gap, caught up"}.get(
            self._gaps, f"{self._gaps} gaps, caught up"
        )
        words = f"Feed {self._feed}, {gaps}" if self._feed else "No feed yet"
        self._window.foot.feed.setText(words)


def _server(state: LinkState) -> str:
    name = state.server or state.address
    match state.stage:
        case Stage.CONNECTED:
            delay = f", {state.delay_ms:.0f} ms" if state.delay_ms is not None else ""
            return f"Server {name}{delay}"
        case Stage.REFUSED:
            return f"Refused by {name}"
        case Stage.RECONNECTING:
            return f"Reconnecting to {name}"
        case Stage.CONNECTING:
            return f"Connecting to {name}" if name else "No server chosen"
