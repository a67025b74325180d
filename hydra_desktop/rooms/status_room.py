"""Joins what the server says of itself and the status page, the foot and the progress bar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Slot

from hydra_desktop.link.arrival import Answer, Arrival, Failure
from hydra_desktop.models.quarantine import QuarantineModel
from hydra_desktop.rooms.run_room import Asker
from hydra_desktop.words import duration
from inference_server.protocol.administration import TryAgain
from inference_server.protocol.messages import (
    Component,
    ComponentsChanged,
    Done,
    GetQuarantine,
    Preparation,
    Preparing,
    Quarantine,
    Quarantined,
    Snapshot,
)
from ui.banner import PreparingBar
from ui.foot_bar import FootBar
from ui.states import TileState
from ui.status_page import ComponentFacts, StatusPage

_SILENT_S = 5.0
_STATES = {
    "running": (TileState.GOOD, "Running"),
    "starting": (TileState.UNCONFIRMED, "Starting"),
    "stopping": (TileState.UNCONFIRMED, "Stopping"),
    "degraded": (TileState.MINOR, "Degraded"),
    "dead": (TileState.MAJOR, "Dead"),
}


class StatusRoom(QObject):
    """Asks for the list of pictures set aside when it grew and somebody looks."""

    def __init__(
        self, page: StatusPage, foot: FootBar, preparing: PreparingBar, asker: Asker
    ) -> None:
        super().__init__(page)
        self._page, self._foot, self._preparing, self._asker = page, foot, preparing, asker
        self._quarantine = QuarantineModel(self)
        self._total, self._listed, self._ticket, self._again = 0, -1, 0, 0
        page.show_quarantine(self._quarantine)
        page.try_again_wanted.connect(self._try_again)
        self._show_total(0)

    @Slot(object)
    def restore(self, snapshot: Snapshot) -> None:
        """Show the state of a snapshot."""
        self._show_components(snapshot.components)
        self._listed = -1
        self._show_total(snapshot.quarantined)
        self._show_preparation(snapshot.preparation or Preparation(sentence="", fraction=1.0))

    @Slot(list)
    def receive(self, batch: Sequence[Arrival]) -> None:
        """What the feed says of the server."""
        for arrival in batch:
            match arrival.message:
                case ComponentsChanged(components=components):
                    self._show_components(components)
                case Quarantined(total=total):
                    self._show_total(total)
                case Preparing(preparation=preparation):
                    self._show_preparation(preparation)

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """The list that was asked for."""
        match answer.message:
            case Done(sentence=sentence) if ticket == self._again:
                self._page.show_quarantine_note(sentence)
            case Quarantine(items=items, total=total) if ticket == self._ticket:
                self._quarantine.show_items(items)
                self._listed = total
                self._show_total(total)

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Why the list is not there."""
        if ticket == self._again:
            self._page.show_quarantine_note(failure.words)
        if ticket == self._ticket:
            self._listed = -1
            self._page.show_quarantine_note(failure.words)

    def look(self) -> None:
        """The page is being looked at: bring the list up to date."""
        if self._listed != self._total:
            self._listed = self._total
            self._ticket = self._asker.ask(GetQuarantine())

    def _try_again(self, row: int) -> None:
        request = TryAgain(kept_as=self._quarantine.item(row).kept_as)
        self._again = self._asker.ask(request)

    def _show_total(self, total: int) -> None:
        self._total = total
        self._foot.show_quarantined(total)
        if self._page.isVisible():
            self.look()
        shown = self._quarantine.rowCount()
        newest = f", the newest {shown} below" if 0 < shown < total else ""
        self._page.show_quarantine_note(
            f"{total} could not be judged{newest}. They are kept for the expert."
            if total
            else "None. Every picture could be read and judged."
        )

    def _show_components(self, components: Sequence[Component]) -> None:
        now = datetime.now(UTC)
        newest = max((c.last_seen for c in components if c.last_seen), default=now)
        ordered = sorted(components, key=lambda component: (_place(component.role), component.name))
        self._page.show_components([_facts(component, newest) for component in ordered])
        self._foot.components.setText(_alive(components, newest))

    def _show_preparation(self, preparation: Preparation) -> None:
        self._preparing.show_progress(preparation.sentence, preparation.fraction)


_ROLES = ("feeder", "balancer", "predict", "keeper", "gateway", "trainer", "explain")


def _place(role: str) -> int:
    return _ROLES.index(role) if role in _ROLES else len(_ROLES)


def _condition(component: Component, now: datetime) -> tuple[TileState, str]:
    """Badge and word. A part that stopped talking is in doubt, whatever it said last."""
    seen = component.last_seen
    if seen is not None and (silence := (now - seen).total_seconds()) > _SILENT_S:
        return TileState.STALE, f"Not heard for {duration(silence)}"
    return _STATES.get(component.state, (TileState.UNCONFIRMED, component.state.capitalize()))


def _facts(component: Component, now: datetime) -> ComponentFacts:
    state, word = _condition(component, now)
    rows = [("Waiting", str(component.queue)), ("Pictures since its start", str(component.done))]
    if component.ms_per_item:
        rows.append(("Time for one", f"{component.ms_per_item:.1f} ms"))
    rows.append(("Memory", f"{component.rss_mb:.0f} MB"))
    if component.host:
        rows.append(("Host and process", f"{component.host}, {component.pid}"))
    return ComponentFacts(
        component.name, state, word, component.sentence, component.next_step, tuple(rows)
    )


def _alive(components: Sequence[Component], now: datetime) -> str:
    if not components:
        return "No component heard yet"
    troubled = [c.name for c in components if _condition(c, now)[0] in _IN_TROUBLE]
    if not troubled:
        return "All components alive"
    return f"In trouble: {', '.join(troubled)}"


_IN_TROUBLE = (TileState.STALE, TileState.MINOR, TileState.MAJOR)
