"""What the gateway takes over from the database: the catalogue, and what it missed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session, sessionmaker

from db.values import Catalogue
from inference_server import catalogue
from inference_server.config import Config
from inference_server.gateway import memory, translate
from inference_server.gateway.alarm_desk import AlarmDesk
from inference_server.gateway.errands import Errands
from inference_server.gateway.state import State
from inference_server.gateway.voice import Voice
from inference_server.store import PictureStore

AGAIN_S = 5.0  # after the database was away


@dataclass(slots=True)
class Recollection:
    """Asked at start, when the catalogue changed, and when something may have been missed."""

    config: Config
    sessions: sessionmaker[Session]
    thumbnails: PictureStore
    state: State
    alarms: AlarmDesk
    voice: Voice
    errands: Errands
    _again_at: float | None = None
    _asked: int = 0  # how often the catalogue was asked for
    _taken: int = 0  # the question whose answer is in force
    _clock: Callable[[], float] = time.monotonic

    @property
    def waits(self) -> bool:
        """Whether the database was away when it was asked last."""
        return self._again_at is not None

    def reload(self) -> None:
        """Take over the catalogue, and what was published while we did not listen."""
        self._again_at = None
        self._asked += 1
        self.errands.later(
            partial(catalogue.load, self.config, self.sessions),
            partial(self._take_catalogue, self._asked),
        )

    def again_later(self) -> None:
        """The database is away."""
        self._again_at = self._clock() + AGAIN_S

    def tick(self) -> None:
        """Once a second."""
        if self._again_at is not None and self._clock() > self._again_at:
            self.reload()

    def _take_catalogue(self, number: int, current: Catalogue) -> None:
        if number < self._taken:  # the pool answers in any order; a newer one was quicker
            return
        self._taken = number
        classes = translate.classes(current)
        self.alarms.learn(current, None)
        changed = self.state.catalogue(translate.plot_types(current), classes)
        if changed is not None:
            self.voice.say(changed)
        severities = {each.name: each.severity for each in classes}
        self.errands.later(
            partial(
                memory.recall_alarms,
                self.sessions,
                self.alarms.heard_since(),
                severities,
                restored=self.alarms.restored,
            ),
            partial(self._take_alarms, number, current),
        )
        self.errands.later(
            lambda: memory.recall(self.sessions, self.thumbnails, severities), self._take_memory
        )

    def _take_alarms(self, number: int, current: Catalogue, remembered: memory.AlarmMemory) -> None:
        if number == self._taken:
            self.alarms.learn(current, remembered.rules)
        self.voice.tell(self.alarms.restore(remembered.standings))
        for verdict in remembered.missed:
            self.voice.tell(self.alarms.judged(verdict))

    def _take_memory(self, remembered: memory.Remembered) -> None:
        for item in self.state.recall(remembered.verdicts):
            self.voice.say(item)
        self.state.recall_quarantine(remembered.quarantine, remembered.quarantined)
        if (moved := self.state.recall_notice(remembered.notice)) is not None:
            self.voice.say(moved)
