"""The alarms of the server as this desktop knows them, and the one it raises by itself: link lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from hydra_desktop.calling import calls
from hydra_desktop.link.arrival import Arrival
from hydra_desktop.link.state import LinkState, Stage
from hydra_desktop.models.alarms import Guide, Key, by_need, key_of
from inference_server.protocol.alarms import (
    AlarmChanged,
    AlarmCondition,
    AlarmEvent,
    AlarmLine,
    AlarmSeverity,
    AlarmState,
    Held,
    StationSound,
)
from inference_server.protocol.messages import PlotTypesChanged, Snapshot

DEAD_S = 5.0  # silence of the server until this desktop calls; the link notices after 3.5 s
SERVER = "Server"  # the plot type of the desktop's own alarm
_WELL = AlarmState(
    plot_type=SERVER,
    chunked=False,
    line=AlarmLine.SUPPLY,
    serial=0,
    condition=AlarmCondition.NORMAL,
    severity=AlarmSeverity.NONE,
    active=False,
)


class AlarmRoom(QObject):
    """The only writer of the alarms. ``changed`` after each change, ``called`` when one calls anew."""

    changed = Signal()
    called = Signal(object)  # AlarmState
    happened = Signal(object)  # AlarmEvent
    stations_changed = Signal(tuple)  # names of stations without sound

    def __init__(
        self,
        parent: QObject | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(parent)
        self.now = now
        self.guide: Guide = {}
        self._alarms: dict[Key, AlarmState] = {}
        self._link: LinkState | None = None
        self._own = _WELL
        self._silent: set[str] = set()
        self._fed_at: datetime | None = None  # when the feed, or our wait for it, was last alive

    @property
    def alarms(self) -> tuple[AlarmState, ...]:
        """All that are not normal, our own among them."""
        own = () if self._own.condition is AlarmCondition.NORMAL else (self._own,)
        return (*own, *self._alarms.values())

    @property
    def waiting(self) -> list[AlarmState]:
        """Those that somebody has to acknowledge, the newest of the worst first."""
        return by_need(alarm for alarm in self.alarms if calls(alarm))

    def forget(self) -> None:
        """Another server is chosen: what the one before it said is no longer ours."""
        self.guide, self._alarms, self._silent = {}, {}, set()
        self._own, self._link, self._fed_at = _WELL, None, None
        self.stations_changed.emit(())
        self.changed.emit()

    # ------------------------------------------------------------ what comes in

    @Slot(object)
    def restore(self, snapshot: Snapshot) -> None:
        """The state of a snapshot: what calls there and was not known here calls now."""
        before = self._alarms
        self.guide = {each.name: each for each in snapshot.plot_types}
        self._alarms = {key_of(alarm): alarm for alarm in snapshot.alarms}
        for key, alarm in self._alarms.items():
            self._call(before.get(key), alarm)
        self._silent = set(snapshot.silent_stations)
        self.stations_changed.emit(tuple(sorted(self._silent)))
        self.changed.emit()

    @Slot(list)
    def receive(self, batch: Sequence[Arrival]) -> None:
        """One pass over the batch, then one signal."""
        self._alive()
        moved = False
        for arrival in batch:
            match arrival.message:
                case AlarmChanged(alarm=alarm, event=event):
                    moved = True
                    self._take(alarm, event)
                case StationSound(station=station, works=works):
                    self._silent = self._silent - {station} if works else self._silent | {station}
                    self.stations_changed.emit(tuple(sorted(self._silent)))
                case PlotTypesChanged(plot_types=known):
                    self.guide = {each.name: each for each in known}
        if moved:
            self.changed.emit()

    @Slot(object)
    def show_link(self, state: LinkState) -> None:
        """How the connection stands; ``tick`` calls when it is silent for too long."""
        if self._link is None or self._link.address != state.address:
            self._fed_at = None
        self._link = state
        self._fed_at = self._fed_at or state.changed_at

    @Slot()
    def tick(self) -> None:
        """Once a second: the dead man's switch, for the server and for its feed alone."""
        link = self._link
        if link is None or not link.address or self._own.active:
            return
        now, heard_at = datetime.now(UTC), link.heard_at or link.changed_at
        fed_at = self._fed_at or heard_at
        if link.stage is Stage.REFUSED or (link.lost and _s(now - heard_at) >= DEAD_S):
            self._dead(heard_at, "does not answer: no alarm can reach this station")
        elif _s(now - fed_at) >= DEAD_S:
            self._dead(fed_at, "answers, but sends no news: alarms can come late to this station")

    def acknowledge_own(self, who: str, why: str) -> None:
        """Our own alarm needs no server."""
        held = Held(who=who, why=why, since=datetime.now(UTC))
        gone = not self._own.active
        self._own = msgspec.structs.replace(
            self._own,
            condition=AlarmCondition.NORMAL if gone else AlarmCondition.ACKNOWLEDGED,
            acknowledged=held,
        )
        self.changed.emit()

    # ------------------------------------------------------------ parts

    def _take(self, alarm: AlarmState, event: AlarmEvent | None) -> None:
        key = key_of(alarm)
        before = self._alarms.get(key)
        if alarm.condition is AlarmCondition.NORMAL:
            self._alarms.pop(key, None)
        else:
            self._alarms[key] = alarm
        if event is not None:
            self.happened.emit(event)
        self._call(before, alarm)

    def _call(self, before: AlarmState | None, alarm: AlarmState) -> None:
        anew = before is None or before.serial != alarm.serial or not calls(before)
        if calls(alarm) and anew:
            self.called.emit(alarm)

    def _alive(self) -> None:
        """The feed speaks; a welcome alone ends no silence."""
        self._fed_at = datetime.now(UTC)
        if self._own.active and self._link is not None and not self._link.lost:
            self._back()

    def _dead(self, since: datetime, sentence: str) -> None:
        self._own = msgspec.structs.replace(
            self._own,
            serial=self._own.serial + 1,
            condition=AlarmCondition.UNACKNOWLEDGED,
            severity=AlarmSeverity.UNDEFINED,
            active=True,
            sentence=sentence,
            since=since,
            acknowledged=None,
        )
        self.called.emit(self._own)
        self.changed.emit()

    def _back(self) -> None:
        seen = self._own.condition is AlarmCondition.ACKNOWLEDGED
        self._own = msgspec.structs.replace(
            self._own,
            condition=AlarmCondition.NORMAL if seen else AlarmCondition.RETURNED,
            active=False,
            sentence="did not answer for a while; it does again",
        )
        self.changed.emit()


def _s(span: timedelta) -> float:
    return span.total_seconds()
