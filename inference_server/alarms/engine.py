"""All alarm lines of a server. Pure: it is told verdicts, commands and the time, and tells what moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from inference_server.alarms import line as acts
from inference_server.alarms import signals
from inference_server.alarms.line import Line, Moved
from inference_server.alarms.rules import Rule
from inference_server.alarms.standing import EVERY, Kind, Plot, Standing, state
from inference_server.protocol.alarms import (
    AlarmCondition,
    AlarmEvent,
    AlarmEventKind,
    AlarmLine,
    AlarmRef,
    AlarmSeverity,
    AlarmState,
    Conditions,
    Held,
)
from inference_server.protocol.messages import Verdict


@dataclass(frozen=True, slots=True)
class Change:
    """A line that moved, and what happened to it; no event: only its facts changed."""

    standing: Standing
    events: tuple[AlarmEvent, ...] = ()


@dataclass(slots=True)
class Engine:
    """``session`` makes the events of this engine unique. ``started``: nothing was late before."""

    session: str
    started: datetime
    conditions: Conditions = field(default_factory=Conditions)
    _lines: dict[tuple[Plot, AlarmLine], Standing] = field(default_factory=dict)
    _kinds: dict[Plot, Kind] = field(default_factory=dict)
    _rules: dict[int, Rule] = field(default_factory=dict)
    _seen: dict[Plot, signals.Seen] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    # ------------------------------------------------------------ what it knows

    def standings(self) -> tuple[Standing, ...]:
        """Everything that a restart needs."""
        return tuple(self._lines.values())

    def states(self) -> tuple[AlarmState, ...]:
        """All lines that are not normal."""
        return tuple(
            state(each)
            for each in self._lines.values()
            if each.line.condition is not AlarmCondition.NORMAL
        )

    def restore(self, standings: Iterable[Standing]) -> None:
        """Go on from what an engine before this one knew."""
        for each in standings:
            self._lines[each.plot, each.which] = each

    def learn(self, kinds: Mapping[Plot, Kind], rules: Mapping[int, Rule]) -> None:
        """Take over the catalogue and the settings; they hold from the next signal on."""
        self._kinds, self._rules = dict(kinds), dict(rules)
        for key in self._lines:
            self._lines[key] = self._standing(*key)

    def set_rule(self, plot_type_id: int, rule: Rule) -> None:
        """Change when one plot type alarms."""
        self._rules[plot_type_id] = rule

    # ------------------------------------------------------------ what it hears

    def observe(self, verdict: Verdict, now: datetime) -> list[Change]:
        """A verdict; one that is older than the newest of its plot type is left aside."""
        plot = (verdict.plot_type, verdict.chunked)
        held = self._standing(plot, AlarmLine.VERDICT)
        if held.heard_at is not None and verdict.judged_at <= held.heard_at:
            return []
        self._note(plot, verdict)
        changes = self._open_or_close(plot, now)
        changes += self._hear_verdict(plot, verdict)
        changes += self._signal(plot, AlarmLine.SUPPLY, AlarmSeverity.NONE, "", now)
        return changes + self._signal(EVERY, AlarmLine.SUPPLY, AlarmSeverity.NONE, "", now)

    def unreadable(self, plot: Plot, reason: str, now: datetime) -> list[Change]:
        """A picture came and could not be read."""
        words = f"cannot be read: {reason.rstrip('.')}"
        return self._signal(plot, AlarmLine.SUPPLY, AlarmSeverity.INVALID, words, now)

    def tick(self, now: datetime) -> list[Change]:
        """The clock: late plots, gates, ends of shelves."""
        changes: list[Change] = []
        for plot in {plot for plot, _ in self._lines}:
            changes += self._open_or_close(plot, now)
        for key, standing in list(self._lines.items()):
            moved = acts.tick(standing.line, self._rule(key[0], key[1]), now)
            changes += self._move(standing, moved, now)
        return changes + self._look_for_late(now)

    # ------------------------------------------------------------ what people do

    def acknowledge(self, ref: AlarmRef, held: Held) -> list[Change]:
        """Raises ValueError: it called anew meanwhile, or there is nothing to acknowledge."""
        return self._act(ref, lambda line: acts.acknowledged(line, ref.serial, held), held)

    def shelve(self, ref: AlarmRef, held: Held) -> list[Change]:
        """Raises ValueError: no reason, or a span that is not offered."""
        return self._act(ref, lambda line: acts.shelved(line, held), held)

    def unshelve(self, ref: AlarmRef, held: Held) -> list[Change]:
        """Raises ValueError: it is not shelved."""
        return self._act(ref, lambda line: acts.unshelved(line, held.since), held)

    def maintain(self, plot_type_ids: Iterable[int], held: Held, *, on: bool) -> list[Change]:
        """Take both lines of plot types out of service or back. Raises ValueError: no such plot type."""
        known = {kind.plot_type_id: plot for plot, kind in self._kinds.items()}
        if unknown := [number for number in plot_type_ids if number not in known]:
            raise ValueError(f"there is no plot type {unknown[0]}")
        changes: list[Change] = []
        for plot in (known[number] for number in plot_type_ids):
            for which in AlarmLine:
                changes += self._maintain(self._standing(plot, which), held, on=on)
        return changes

    # ------------------------------------------------------------ parts

    def _maintain(self, standing: Standing, held: Held, *, on: bool) -> list[Change]:
        if on:
            moved = acts.out_of_service(standing.line, held)
        elif standing.line.maintenance is not None:
            moved = acts.in_service(standing.line)
        else:
            return []
        return self._move(standing, moved, held.since, held)

    def _act(self, ref: AlarmRef, act: Callable[[Line], Moved], held: Held) -> list[Change]:
        standing = self._standing((ref.plot_type, ref.chunked), ref.line)
        return self._move(standing, act(standing.line), held.since, held)

    def _hear_verdict(self, plot: Plot, verdict: Verdict) -> list[Change]:
        standing = self._standing(plot, AlarmLine.VERDICT)
        signal, rule = signals.of_verdict(verdict), self._rule(plot, AlarmLine.VERDICT)
        moved = acts.signalled(standing.line, signal, rule, verdict.judged_at)
        called = moved.line.serial != standing.line.serial
        told = replace(standing, heard_at=verdict.judged_at, plot_type_id=verdict.plot_type_id)
        if called or (signal is moved.line.shown and moved.line.active):
            first = verdict.chunk if called or standing.run != verdict.run else told.first_chunk
            told = replace(
                told,
                sentence=signals.words(verdict),
                run=verdict.run,
                first_chunk=first,
                last_chunk=verdict.chunk,
                picture_hash=verdict.picture_hash,
            )
        return self._move(told, moved, verdict.judged_at)

    def _signal(
        self, plot: Plot, which: AlarmLine, signal: AlarmSeverity, words: str, now: datetime
    ) -> list[Change]:
        standing = self._standing(plot, which)
        if signal is standing.line.raw:
            return []
        moved = acts.signalled(standing.line, signal, self._rule(plot, which), now)
        if signal is not AlarmSeverity.NONE:
            standing = replace(standing, sentence=words, run=self.newest_run)
        return self._move(standing, moved, now)

    def _look_for_late(self, now: datetime) -> list[Change]:
        if not self._seen or self.conditions.running is False:
            return []
        newest = max(each.at for each in self._seen.values())
        changes: list[Change] = []
        watched = {
            plot: seen
            for plot, seen in self._seen.items()
            if plot[1] and self._rule_of(plot).watch_supply and not self._ignored(plot)
        }
        for plot, seen in watched.items():
            if signals.late(seen, newest, self.newest_run, now):
                words = f"has not come for more than {seen.stale_after_s:.0f} s"
                changes += self._signal(plot, AlarmLine.SUPPLY, AlarmSeverity.INVALID, words, now)
        if signals.silent(watched.values(), now):
            words = "have stopped: no new picture of any kind comes"
            changes += self._signal(EVERY, AlarmLine.SUPPLY, AlarmSeverity.INVALID, words, now)
        return changes

    def _open_or_close(self, plot: Plot, now: datetime) -> list[Change]:
        changes: list[Change] = []
        for which in AlarmLine:
            standing = self._standing(plot, which)
            why = signals.gate(
                self._rule_of(plot), which, self.conditions, ignored=self._ignored(plot)
            )
            changes += self._move(standing, acts.suppressed(standing.line, why), now)
        return changes

    def _move(
        self, standing: Standing, moved: Moved, at: datetime, held: Held | None = None
    ) -> list[Change]:
        before = self._lines.get((standing.plot, standing.which))
        after = replace(standing, line=moved.line)
        if after == before:
            return []
        self._lines[standing.plot, standing.which] = after
        if not moved.kinds and state(before or replace(after, line=Line())) == state(after):
            return []
        return [Change(after, tuple(self._event(after, kind, at, held) for kind in moved.kinds))]

    def _event(
        self, after: Standing, kind: AlarmEventKind, at: datetime, held: Held | None
    ) -> AlarmEvent:
        return AlarmEvent(
            uid=f"{self.session}-{next(self._numbers)}",
            at=at,
            kind=kind,
            plot_type=after.plot[0],
            chunked=after.plot[1],
            line=after.which,
            severity=after.line.shown,
            condition=after.line.condition,
            sentence=after.sentence,
            who=held.who if held else "",
            why=held.why if held else "",
            run=after.run,
            chunk=after.last_chunk,
            picture_hash=after.picture_hash,
        )

    def _note(self, plot: Plot, verdict: Verdict) -> None:
        kind = self._kinds.get(plot, Kind(verdict.plot_type_id))
        at = max(verdict.judged_at, self.started)
        self._seen[plot] = signals.Seen(at, verdict.run, kind.stale_after_s)

    @property
    def newest_run(self) -> int:
        """The run of the newest picture."""
        newest = max(self._seen.values(), key=lambda each: each.at, default=None)
        return newest.run if newest else 0

    def _standing(self, plot: Plot, which: AlarmLine) -> Standing:
        held = self._lines.get((plot, which)) or Standing(plot=plot, which=which)
        kind = self._kinds.get(plot)
        return replace(held, plot_type_id=kind.plot_type_id) if kind else held

    def _rule_of(self, plot: Plot) -> Rule:
        kind = self._kinds.get(plot)
        return self._rules.get(kind.plot_type_id, Rule()) if kind else Rule()

    def _rule(self, plot: Plot, which: AlarmLine) -> Rule:
        """Shares count pictures, and the supply line hears of none: it has its own delay."""
        rule = self._rule_of(plot)
        if which is AlarmLine.VERDICT:
            return rule
        return Rule(latch=rule.latch, chatter_raises=rule.chatter_raises, chatter_s=rule.chatter_s)

    def _ignored(self, plot: Plot) -> bool:
        kind = self._kinds.get(plot)
        return kind is not None and kind.ignored
