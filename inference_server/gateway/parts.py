"""How every part of the server is: what roles say of themselves, and what is said of those that are silent. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from inference_server.messages import Measured
from inference_server.protocol.messages import Component

SILENT_S = 5.0  # a role says its pulse each second
STARTS_S = 60.0  # a role that has not been heard of for longer does not start
RATE_S = 60.0
IN_TROUBLE = ("degraded", "dead")


@dataclass(slots=True)
class _Part:
    component: Component
    measured: Measured
    heard: float
    done: deque[tuple[float, int]] = field(default_factory=deque)  # of the last minute
    trouble: tuple[str, str, datetime] | None = None  # sentence, next step, when


@dataclass(slots=True)
class Parts:
    """``now`` is in monotonic seconds. ``expected``: the roles that belong to this server."""

    expected: tuple[str, ...] = ()
    _known: dict[tuple[str, str], _Part] = field(default_factory=dict)
    _began: float | None = None

    def pulse(self, component: Component, now: float, measured: Measured | None = None) -> None:
        """A role said how it is."""
        at = datetime.now(UTC)
        key = component.host, component.name
        before = self._known.get(key)
        part = _Part(msgspec.structs.replace(component, last_seen=at), measured or Measured(), now)
        if before is not None:
            part.trouble = before.trouble
            if before.component.pid == component.pid:
                part.done = before.done
            elif before.component.state != "stopping":
                part.trouble = (*_restarted(before.component), at)
        part.done.append((now, component.done))
        while now - part.done[0][0] > RATE_S:
            part.done.popleft()
        if component.state in IN_TROUBLE:
            part.trouble = component.sentence, component.next_step, at
        self._known[key] = part

    def look(self, now: float) -> None:
        """Once a second: remember who fell silent."""
        self._began = now if self._began is None else self._began
        for part in self._known.values():
            if now - part.heard > SILENT_S:
                dead = _dead(part.component, now - part.heard)
                part.trouble = dead.sentence, dead.next_step, datetime.now(UTC)

    def components(self, now: float) -> tuple[Component, ...]:
        """All of them; one that has been silent for long is said to be dead, as is one that never came."""
        heard = [_told(part, now) for part in self._known.values()]
        there = {each.role for each in heard}
        missing = (role for role in self.expected if role not in there)
        waited_s = 0.0 if self._began is None else now - self._began
        return (*heard, *(_never_heard(role, waited_s) for role in missing))

    def measured(self, now: float) -> tuple[tuple[Component, Measured], ...]:
        """The same with what only monitoring reads, of those that were heard ever."""
        return tuple((_told(part, now), part.measured) for part in self._known.values())


def gpu(workers: Sequence[tuple[Component, Measured]]) -> Component:
    """What the predict workers compute on, as a part of its own."""
    talking = [(each, more) for each, more in workers if each.role == "predict" and each.device]
    made = Component(role="gpu", name="gpu", state="starting")
    if not talking:
        sentence = "No predict worker has said yet what it computes on."
        return msgspec.structs.replace(made, sentence=sentence)
    if all(each.state == "dead" for each, _ in talking):
        sentence = "The predict workers are silent, so nothing is known of it."
        step = "Look at the predict workers."
        return msgspec.structs.replace(made, state="dead", sentence=sentence, next_step=step)
    cards = {each.device: more for each, more in talking if more.gpu_used_bytes is not None}
    if not cards:
        sentence = "No GPU here: pictures are judged on the processor."
        return msgspec.structs.replace(made, state="absent", sentence=sentence)
    words = (
        f"{name}: {(more.gpu_used_bytes or 0) / 1e9:.1f} of {more.gpu_total_bytes / 1e9:.0f} GB in use."
        for name, more in sorted(cards.items())
    )
    return msgspec.structs.replace(made, state="running", sentence=" ".join(words))


def _told(part: _Part, now: float) -> Component:
    silent_s = now - part.heard
    shown = part.component if silent_s <= SILENT_S else _dead(part.component, silent_s)
    sentence, step, at = part.trouble or ("", "", None)
    return msgspec.structs.replace(
        shown,
        per_minute=max(0, part.done[-1][1] - part.done[0][1]) if silent_s <= SILENT_S else 0,
        last_error=sentence,
        last_step=step,
        last_error_at=at,
    )


def _dead(component: Component, silent_s: float) -> Component:
    return msgspec.structs.replace(
        component,
        state="dead",
        sentence=f"{component.name} has said nothing for {silent_s:.0f} s.",
        next_step=(
            "If it ended, it is started again by itself within seconds. If this stays so, it hangs: "
            f"kill -9 {component.pid} on {component.host or 'the server'}, then read logs/{component.name}.log."
        ),
    )


def _restarted(component: Component) -> tuple[str, str]:
    return (
        f"{component.name} (process {component.pid}) ended and was started again.",
        f"Nothing, if it stays the only time; else read logs/{component.name}.log.",
    )


def _never_heard(role: str, waited_s: float) -> Component:
    if waited_s <= STARTS_S:
        return Component(role=role, name=role, sentence="It is being started.")
    return Component(
        role=role,
        name=role,
        state="dead",
        sentence=f"{role} has not been heard for {waited_s:.0f} s, since the gateway started.",
        next_step=f"Read its log file in logs/; a {role} on another machine must reach this one.",
    )
