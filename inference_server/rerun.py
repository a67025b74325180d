"""What a past run looks like when it is judged anew, and what would have called in it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from db.values import Model
from inference_server.alarms.engine import Change, Engine
from inference_server.alarms.rules import Rule
from inference_server.alarms.standing import Kind, Plot
from inference_server.keeper.judge import judge
from inference_server.protocol.alarms import AlarmEvent, AlarmEventKind, AlarmRef, Held
from inference_server.protocol.base import Severity
from inference_server.protocol.replay import ReplayCall
from inference_server.protocol.verdicts import ClassScore, Verdict

TICK = timedelta(seconds=20)  # how often the clock is looked at for pictures that did not come
TICKS = 200  # of one run at most: each asks all plot types, 5 ms for 81
_CALLS = (AlarmEventKind.RAISED, AlarmEventKind.WORSENED)


def judged_anew(
    then: Verdict, scores: Mapping[str, float], model: Model, severities: Mapping[str, Severity]
) -> Verdict:
    """The verdict of ``model``, which gives ``scores``, at its thresholds in force now."""
    found = judge(scores, model.thresholds)
    ordered = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return msgspec.structs.replace(
        then,
        label=found.label,
        severity=severities.get(found.label, Severity.NEUTRAL),
        confidence=found.confidence,
        confirmed=found.confirmed,
        scores=tuple(
            ClassScore(
                name=name,
                severity=severities.get(name, Severity.NEUTRAL),
                confidence=sure,
                threshold=model.thresholds.get(name, 1.0),
            )
            for name, sure in ordered
        ),
        model_id=model.id,
    )


def calls(
    verdicts: Sequence[Verdict], kinds: Mapping[Plot, Kind], rules: Mapping[int, Rule]
) -> list[ReplayCall]:
    """What would have called, if each call had been acknowledged at once. ``verdicts`` in order."""
    if not verdicts:
        return []
    engine = Engine("replay", verdicts[0].judged_at)
    engine.learn(kinds, rules)
    found: list[ReplayCall] = []
    for now, verdict in _beats(verdicts):
        changes = engine.tick(now) if verdict is None else engine.observe(verdict, now)
        for change in changes:
            found += [_call(change, each) for each in change.events if each.kind in _CALLS]
            _acknowledge(engine, change, now)
    return found


def _beats(verdicts: Sequence[Verdict]) -> Iterator[tuple[datetime, Verdict | None]]:
    """The verdicts, and between them the beats of the clock."""
    began = verdicts[0].judged_at
    beat = max(TICK, (verdicts[-1].judged_at - began) / TICKS)
    following = began + beat
    for verdict in verdicts:
        while following < verdict.judged_at:
            yield following, None
            following += beat
        yield verdict.judged_at, verdict


def _acknowledge(engine: Engine, change: Change, now: datetime) -> None:
    line, plot = change.standing.line, change.standing.plot
    if not line.seen:
        ref = AlarmRef(
            plot_type=plot[0], chunked=plot[1], line=change.standing.which, serial=line.serial
        )
        engine.acknowledge(ref, Held(who="replay", why="", since=now))


def _call(change: Change, event: AlarmEvent) -> ReplayCall:
    return ReplayCall(
        at=event.at,
        plot_type_id=change.standing.plot_type_id,
        plot_type=event.plot_type,
        severity=event.severity,
        sentence=event.sentence,
        chunk=event.chunk,
    )
