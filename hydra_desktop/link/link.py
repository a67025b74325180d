"""The desktop's end of the connection: two threads, one state, and signals on the GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from hydra_desktop.link import state as states
from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.link.control import Control
from hydra_desktop.link.feed import FeedReader
from hydra_desktop.link.follow import Follower, Numbered
from hydra_desktop.link.state import LinkState, Stage
from inference_server.protocol.messages import GetSnapshot, Request, Snapshot, Welcome

_CLOSED = Failure("closed", "There is no connection to a server.", "Choose one in Settings.")


class Link(QObject):
    """Connects, stays connected, and hands on one gapless story: a snapshot, then what came after.

    Start and recovery are the same act: a welcome is followed by a snapshot, always.
    """

    changed = Signal(object)  # LinkState
    restored = Signal(object)  # Snapshot
    arrived = Signal(list)  # list[Arrival], in order and without gaps
    answered = Signal(int, object)  # ticket, Answer
    failed = Signal(int, object)  # ticket, Failure
    counted = Signal(int, int)  # number of the newest message of the feed, gaps so far

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._control: Control | None = None
        self._feed: FeedReader | None = None
        self._follower = Follower()
        self._snapshot_ticket = 0
        self._ticket = 0
        self._server = ""
        self.state = LinkState(changed_at=datetime.now(UTC))

    # ------------------------------------------------------------ what others call

    def open(self, address: str, key: str, station: str) -> None:
        """Connect to ``address`` and stay so; an open connection is closed first."""
        self.close()
        self._follower = Follower()
        self._set(LinkState(address=address, changed_at=datetime.now(UTC)))
        self._control = Control(address, key, station, self)
        self._control.welcomed.connect(self._welcomed)
        self._control.heard.connect(self._heard)
        self._control.refused.connect(self._refused)
        self._control.fell_silent.connect(self._fell_silent)
        self._control.answered.connect(self._answered)
        self._control.failed.connect(self._failed)
        self._control.start()

    def close(self) -> None:
        """End both threads; returns when they have ended."""
        for thread in (self._feed, self._control):
            if thread is not None:
                thread.close()
                thread.deleteLater()
        self._feed = self._control = None
        self._snapshot_ticket = 0

    def ask(self, request: Request) -> int:
        """Put a question; ``answered`` or ``failed`` comes with the ticket that this returns."""
        self._ticket += 1
        if self._control is None or self._control.isFinished():
            # Later, so that whoever asked knows the ticket by then.
            QTimer.singleShot(0, self, partial(self.failed.emit, self._ticket, _CLOSED))
        else:
            self._control.ask(self._ticket, request)
        return self._ticket

    @Slot()
    def refresh(self) -> None:
        """Ask for everything again."""
        if self.state.stage is Stage.CONNECTED:
            self._ask_snapshot()
        elif self._control is not None:
            self._control.greet()

    # ------------------------------------------------------------ from the threads

    @Slot(object, float)
    def _welcomed(self, welcome: Welcome, delay_ms: float) -> None:
        self.state = states.heard(self.state, datetime.now(UTC), delay_ms)
        self._read_feed(welcome)
        self._server = welcome.server
        self._ask_snapshot()

    @Slot(float)
    def _heard(self, delay_ms: float) -> None:
        self._set(states.heard(self.state, datetime.now(UTC), delay_ms))

    @Slot(object)
    def _refused(self, failure: Failure) -> None:
        self._set(states.refused(self.state, datetime.now(UTC), failure.words))

    @Slot()
    def _fell_silent(self) -> None:
        self._set(states.silent(self.state, datetime.now(UTC)))
        if self._control is not None:
            self._control.greet()

    @Slot(list)
    def _news(self, items: Sequence[Numbered]) -> None:
        self.state = states.heard(self.state, datetime.now(UTC))
        in_step = self._follower.in_step
        ready = self._follower.take(items)
        if ready:
            self.arrived.emit(ready)
        self.counted.emit(self._follower.sequence, self._follower.gaps)
        if in_step and not self._follower.in_step:
            self._ask_snapshot()
        elif self.state.stage is Stage.RECONNECTING and self._control is not None:
            self._control.greet()

    @Slot(int, object)
    def _answered(self, ticket: int, answer: Answer) -> None:
        if ticket != self._snapshot_ticket:
            self.answered.emit(ticket, answer)
        elif isinstance(answer.message, Snapshot):
            self._restore(answer.message)

    @Slot(int, object)
    def _failed(self, ticket: int, failure: Failure) -> None:
        if ticket != self._snapshot_ticket:
            self.failed.emit(ticket, failure)
        elif self._control is not None:
            self._control.greet()  # the server said hello and then nothing: begin again

    # ------------------------------------------------------------ parts

    def _restore(self, snapshot: Snapshot) -> None:
        self._snapshot_ticket = 0
        self._set(states.welcomed(self.state, datetime.now(UTC), self._server))
        self.restored.emit(snapshot)
        held = self._follower.restore(snapshot.session, snapshot.sequence)
        if held:
            self.arrived.emit(held)
        self.counted.emit(self._follower.sequence, self._follower.gaps)
        if not self._follower.in_step:
            self._ask_snapshot()

    def _ask_snapshot(self) -> None:
        self._follower.restart()
        self._snapshot_ticket = self.ask(GetSnapshot())

    def _read_feed(self, welcome: Welcome) -> None:
        if self._control is None:
            return
        address = self._control.feed_address(welcome)
        if self._feed is not None and self._feed.address == address:
            return
        if self._feed is not None:
            self._feed.close()
        self._feed = FeedReader(address, self._control.key, self)
        self._feed.arrived.connect(self._news)
        self._feed.fell_silent.connect(self._fell_silent)
        self._feed.start()

    def _set(self, state: LinkState) -> None:
        self.state = state
        self.changed.emit(state)
