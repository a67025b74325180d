"""The alarms in the gateway's own thread: hears verdicts and the clock, does what people ask."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from db.values import Catalogue
from inference_server.alarms.engine import Change, Engine
from inference_server.alarms.rules import Rule
from inference_server.alarms.standing import Kind, Standing, state
from inference_server.gateway.alarm_store import AlarmStore
from inference_server.messages import SetAside
from inference_server.protocol.alarms import (
    Acknowledge,
    AlarmChanged,
    AlarmRef,
    AlarmSettingsChanged,
    AlarmState,
    Conditions,
    ConditionsChanged,
    Held,
    SetConditions,
    SetMaintenance,
    Shelve,
    StationReport,
    StationSound,
    Unshelve,
)
from inference_server.protocol.messages import Done, News, Refused, Reply, Snapshot, Verdict

Command = Acknowledge | Shelve | Unshelve | SetMaintenance | SetConditions | StationReport
COMMANDS = (Acknowledge, Shelve, Unshelve, SetMaintenance, SetConditions, StationReport)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a command: ``kept`` ends when a restart would know of it."""

    reply: Reply
    news: tuple[News, ...] = ()
    kept: Future[None] | None = None


class AlarmDesk:
    """Decides nothing by itself: the engine does. Used by the gateway's thread only."""

    def __init__(self, store: AlarmStore, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock
        self._engine = Engine(secrets.token_hex(6), clock())
        self._rules: dict[int, Rule] = {}
        self._silent: dict[str, str] = {}  # station -> what is wrong with its sound
        kept = store.recall()
        self.restored = kept is not None
        if kept is not None:
            self._engine.restore(kept.standings)
            self._rules = dict(kept.rules)

    @property
    def conditions(self) -> Conditions:
        """Beam and run as they were told last."""
        return self._engine.conditions

    # ------------------------------------------------------------ what it hears

    def judged(self, verdict: Verdict) -> list[News]:
        """A verdict was published."""
        return self._tell(self._engine.observe(verdict, self._clock()))

    def set_aside(self, message: SetAside) -> list[News]:
        """A picture could not be read; without a plot type it belongs to no alarm."""
        if not message.plot_type:
            return []
        plot = (message.plot_type, message.chunked)
        return self._tell(self._engine.unreadable(plot, message.item.reason, self._clock()))

    def tick(self) -> list[News]:
        """Once a second."""
        return self._tell(self._engine.tick(self._clock()))

    def catch_up(self) -> None:
        """Once in a while: the database may be back."""
        self._store.catch_up()

    def learn(self, catalogue: Catalogue, rules: dict[int, Rule] | None) -> None:
        """Take over the catalogue and the settings (None: the database is away, as before)."""
        if rules is not None:
            self._rules = rules
        kinds = {
            (each.name, each.chunked): Kind(each.id, each.stale_after_s, each.ignored)
            for each in catalogue.plot_types
        }
        self._engine.learn(kinds, self._rules)

    def overhear(self, news: News) -> None:
        """What other handlers changed: alarm settings are in force before anybody is told."""
        if isinstance(news, AlarmSettingsChanged):
            self._rules[news.plot_type_id] = Rule.of(news.settings)
            self._engine.set_rule(news.plot_type_id, self._rules[news.plot_type_id])

    def restore(self, standings: Iterable[Standing]) -> list[News]:
        """Without a state file: go on from what the database knows."""
        if self.restored:
            return []
        self.restored = True
        known = {(each.plot, each.which) for each in self._engine.standings()}
        fresh = [each for each in standings if (each.plot, each.which) not in known]
        self._engine.restore(fresh)
        return [AlarmChanged(alarm=state(each)) for each in fresh]

    def heard_since(self) -> datetime | None:
        """From when on verdicts may have been missed; None: nothing was heard ever."""
        heard = [each.heard_at for each in self._engine.standings() if each.heard_at]
        return max(heard) - timedelta(minutes=1) if heard else None

    def take_conditions(self, conditions: Conditions) -> list[News]:
        """Beam and run, from wherever."""
        if conditions == self._engine.conditions:
            return []
        self._engine.conditions = conditions
        return [ConditionsChanged(conditions=conditions), *self.tick()]

    def states(self) -> tuple[AlarmState, ...]:
        """All lines that are not normal."""
        return self._engine.states()

    def on(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with the alarms on it."""
        return msgspec.structs.replace(
            snapshot,
            alarms=self._engine.states(),
            conditions=self._engine.conditions,
            silent_stations=tuple(sorted(self._silent)),
        )

    # ------------------------------------------------------------ what people do

    def command(self, request: Command, who: str) -> Outcome:
        """Do what is asked; refusals say why."""
        now = self._clock()
        try:
            match request:
                case Acknowledge():
                    return self._acknowledge(request, now)
                case Shelve():
                    until = now + timedelta(hours=request.hours)
                    held = _held(request.person, request.why, now, until)
                    return self._done(self._engine.shelve(_ref(request), held), "It is shelved.")
                case Unshelve():
                    held = _held(request.person, "", now)
                    return self._done(
                        self._engine.unshelve(_ref(request), held), "It is no longer shelved."
                    )
                case SetMaintenance():
                    return self._maintain(request, now)
                case SetConditions():
                    told = msgspec.structs.replace(
                        request.conditions, at=now, source=request.conditions.source or who
                    )
                    return Outcome(Done(), tuple(self.take_conditions(told)))
                case StationReport():
                    return self._station(request)
        except ValueError as error:
            step = "Look at the alarm again, then decide."
            sentence = f"This cannot be done: {error}."
            return Outcome(Refused(code="invalid", sentence=sentence, next_step=step))

    def _acknowledge(self, request: Acknowledge, now: datetime) -> Outcome:
        held = _held(request.person, request.why, now)
        changes: list[Change] = []
        refused: list[str] = []
        for ref in request.alarms:
            try:
                changes += self._engine.acknowledge(ref, held)
            except ValueError as error:
                refused.append(f"{ref.plot_type}: {error}")
        if not changes:
            raise ValueError("; ".join(refused) or "no alarm was named")
        words = "" if not refused else f" Left as it is: {'; '.join(refused)}."
        return self._done(changes, f"Acknowledged by {held.who}.{words}")

    def _maintain(self, request: SetMaintenance, now: datetime) -> Outcome:
        until = now + timedelta(hours=request.hours) if request.hours else None
        held = _held(request.person, request.why, now, until)
        if request.on and not request.why.strip():
            raise ValueError("maintenance needs a reason")
        changes = self._engine.maintain(request.plot_type_ids, held, on=request.on)
        return self._done(changes, "Out of service." if request.on else "Back in service.")

    def _station(self, request: StationReport) -> Outcome:
        if request.sound_works:
            self._silent.pop(request.station, None)
        else:
            self._silent[request.station] = request.sentence
        told = StationSound(
            station=request.station, works=request.sound_works, sentence=request.sentence
        )
        return Outcome(Done(), (told,))

    def _done(self, changes: list[Change], sentence: str) -> Outcome:
        news, kept = _news(changes), self._keep(changes)
        return Outcome(Done(sentence=sentence), tuple(news), kept)

    def _tell(self, changes: list[Change]) -> list[News]:
        if changes:
            self._keep(changes)
        return _news(changes)

    def _keep(self, changes: list[Change]) -> Future[None]:
        return self._store.keep(self._engine.standings(), self._rules, changes)


def _news(changes: Iterable[Change]) -> list[News]:
    told: list[News] = []
    for change in changes:
        shown = state(change.standing)
        told += [AlarmChanged(alarm=shown, event=event) for event in change.events]
        if not change.events:
            told.append(AlarmChanged(alarm=shown))
    return told


def _held(person: str, why: str, since: datetime, until: datetime | None = None) -> Held:
    if not person.strip():
        raise ValueError("it needs the name of the person who does it")
    return Held(who=person.strip(), why=why.strip(), since=since, until=until)


def _ref(request: Shelve | Unshelve) -> AlarmRef:
    return AlarmRef(
        plot_type=request.plot_type, chunked=request.chunked, line=request.line, serial=0
    )


def utc_now() -> datetime:
    """The server's clock."""
    return datetime.now(UTC)
