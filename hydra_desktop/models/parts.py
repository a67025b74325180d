"""What is said of each part of the server. Pure: the room brings the clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hydra_desktop.words import clock, duration, moment
from inference_server.protocol.messages import Component
from ui.states import TileState
from ui.status_page import ComponentFacts

SILENT_S = 5.0
ROLES = (
    "feeder", "balancer", "predict", "keeper", "gateway", "trainer", "explain", "database", "disk", "gpu",
)  # fmt: skip
SURROUNDINGS = {"database": "Database", "disk": "Disk", "gpu": "GPU"}
_STATES = {
    "running": (TileState.GOOD, "Running"),
    "starting": (TileState.UNCONFIRMED, "Starting"),
    "stopping": (TileState.UNCONFIRMED, "Stopping"),
    "degraded": (TileState.MINOR, "Degraded"),
    "dead": (TileState.MAJOR, "Dead"),
    "absent": (TileState.NEUTRAL, "None here"),
}
IN_TROUBLE = (TileState.STALE, TileState.MINOR, TileState.MAJOR)


def shown(components: Sequence[Component], now: datetime) -> list[ComponentFacts]:
    """All parts in the order in which a picture passes them. ``now``: on the server's clock."""
    ordered = sorted(components, key=lambda each: (_place(each.role), each.name, each.host))
    names = [each.name for each in components]
    return [_facts(each, now, twice=names.count(each.name) > 1) for each in ordered]


def alive(components: Sequence[Component], now: datetime) -> str:
    """One sentence on all of them."""
    if not components:
        return "No component heard yet"
    troubled = [each.name for each in components if condition(each, now)[0] in IN_TROUBLE]
    if not troubled:
        return "All components alive"
    return f"In trouble: {', '.join(troubled)}"


def condition(component: Component, now: datetime) -> tuple[TileState, str]:
    """Badge and word. A part that stopped talking is in doubt, whatever it said last."""
    if component.state == "dead":
        return _STATES["dead"]
    seen = component.last_seen
    if seen is not None and (silence := (now - seen).total_seconds()) > SILENT_S:
        return TileState.STALE, f"Not heard for {duration(silence)}"
    return _STATES.get(component.state, (TileState.UNCONFIRMED, component.state.capitalize()))


def _place(role: str) -> int:
    return ROLES.index(role) if role in ROLES else len(ROLES)


def _facts(component: Component, now: datetime, *, twice: bool) -> ComponentFacts:
    state, word = condition(component, now)
    name = SURROUNDINGS.get(component.role, component.name)
    return ComponentFacts(
        name=f"{name} on {component.host}" if twice else name,
        state=state,
        word=word,
        sentence=component.sentence,
        next_step=component.next_step,
        facts=tuple(_rows(component)),
        past=_past(component, now),
        past_step=component.last_step if _past(component, now) else "",
    )


def _rows(component: Component) -> list[tuple[str, str]]:
    if component.role in SURROUNDINGS:
        took = component.ms_per_item
        return [("Time for an answer", f"{took:.1f} ms")] if took else []
    waiting = str(component.queue)
    if component.queue and component.oldest_s >= 1:
        waiting += f", the first for {duration(component.oldest_s)}"
    what = _COUNTED.get(component.role, "Pictures")
    rows = [("Waiting", waiting)]
    if component.per_minute is not None:
        rows.append((f"{what} in the last minute", str(component.per_minute)))
    rows.append((f"{what} since its start", str(component.done)))
    if component.ms_per_item:
        rows.append(("Time for one", f"{component.ms_per_item:.1f} ms"))
    rows.append(("Memory", f"{component.rss_mb:.0f} MB"))
    if component.host:
        rows.append(("Host and process", f"{component.host}, {component.pid}"))
    return rows


_COUNTED = {"gateway": "Questions", "trainer": "Trainings", "explain": "Heat maps"}


def _past(component: Component, now: datetime) -> str:
    """The last trouble, unless it is the one that is there now and said already."""
    at = component.last_error_at
    if not component.last_error or at is None or component.state in {"degraded", "dead"}:
        return ""
    said = clock(at) if now.date() == at.date() else moment(at, now)
    return f"Last trouble, {said}: {component.last_error}"
