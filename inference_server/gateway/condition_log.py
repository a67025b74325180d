"""Keeps beam and run in the database when they change, so that the history can say when there was none."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session, sessionmaker

from db import conditions
from db.conditions import BEAM_CURRENT, BEAM_ON, UNKNOWN
from db.session import DatabaseAway, transaction
from inference_server.gateway.condition_watch import Later
from inference_server.protocol.alarms import Conditions

log = logging.getLogger(__name__)

AGAIN = timedelta(seconds=30)  # after the database was away
MOVED = 0.1  # of the current that was kept last: less is noise


def values_of(told: Conditions, off_below: float) -> dict[str, float]:
    """What a row says. The beam is off below ``off_below``, and where no run goes on."""
    current = told.beam_current
    if current is None and told.running is None:
        on = UNKNOWN
    else:
        on = float(told.running is not False and (current is None or current >= off_below))
    return {BEAM_ON: on, BEAM_CURRENT: UNKNOWN if current is None else max(0.0, current)}


def worth(kept: Mapping[str, float], now: Mapping[str, float]) -> dict[str, float]:
    """Which of the values are so different from those that were ``kept`` that they are kept too."""
    return {name: value for name, value in now.items() if _moved(name, kept.get(name), value)}


def _moved(name: str, kept: float | None, now: float) -> bool:
    if kept is None or name == BEAM_ON:
        return kept != now
    return abs(now - kept) > MOVED * max(abs(kept), abs(now))


class ConditionLog:
    """Looked at each second, in the gateway's thread; ``later`` does a job on the pool."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        later: Later,
        off_below: float,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._sessions, self._later, self._off_below = sessions, later, off_below
        self._clock = clock
        self._kept: dict[str, float] = {}
        self._busy = False
        self._not_before: datetime | None = None

    def look(self, told: Conditions) -> None:
        """Keep ``told`` where it differs from what is kept."""
        now = self._clock()
        fresh = worth(self._kept, values_of(told, self._off_below))
        waits = self._not_before is not None and now < self._not_before
        if not fresh or self._busy or waits or self._is_nothing(fresh):
            return
        self._busy = True
        self._later(partial(self._write, now, fresh, told.beam_unit), partial(self._wrote, fresh))

    def _is_nothing(self, fresh: Mapping[str, float]) -> bool:
        """A server that was never told of beam and run has nothing to keep."""
        return not self._kept and set(fresh.values()) == {UNKNOWN}

    def _write(self, at: datetime, fresh: Mapping[str, float], unit: str) -> bool:
        try:
            with transaction(self._sessions) as session:
                conditions.put(session, at, fresh, unit)
        except DatabaseAway as error:
            log.warning("beam and run wait for the database: %s", error)
            return False
        return True

    def _wrote(self, fresh: Mapping[str, float], kept: bool) -> None:
        self._busy = False
        if kept:
            self._kept |= fresh
        else:
            self._not_before = self._clock() + AGAIN
