"""Where desktops are served: what is known is answered at once, the rest goes to the pool."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from sqlalchemy.orm import Session, sessionmaker

from inference_server.gateway import alarm_requests
from inference_server.gateway.alarm_desk import COMMANDS, AlarmDesk, Command
from inference_server.gateway.answers import Result
from inference_server.gateway.door import Door, Question
from inference_server.gateway.errands import Errands
from inference_server.gateway.requests import Requests
from inference_server.gateway.state import State
from inference_server.gateway.stations import Stations
from inference_server.gateway.voice import Voice
from inference_server.protocol.activity import GetStations
from inference_server.protocol.activity import Stations as StationsNow
from inference_server.protocol.alarms import StationReport
from inference_server.protocol.messages import (
    GetQuarantine,
    GetSnapshot,
    GetThumbnail,
    Hello,
    Picture,
    Quarantine,
    Refused,
)


@dataclass(slots=True)
class Counter:
    """Used by the gateway's thread only."""

    door: Door
    state: State
    alarms: AlarmDesk
    stations: Stations
    voice: Voice
    errands: Errands
    requests: Requests
    sessions: sessionmaker[Session]
    catalogue_touched: Callable[[], None]
    answered: int = 0

    def serve(self) -> None:
        """Whoever waits."""
        for question in self.door.questions():
            self._ask(question)

    def _ask(self, question: Question) -> None:
        self.answered += 1
        answer = partial(self.door.answer, question)
        now = datetime.now(UTC)
        self.stations.heard(question.who, now)
        match question.request:
            case Hello() as hello:
                self.stations.greeted(question.who, hello.client, hello.version, now)
                answer(self.door.welcome(hello))
            case GetStations():
                answer(StationsNow(stations=tuple(self.stations.connected(now))))
            case GetSnapshot():
                answer(self.alarms.on(self.state.snapshot(time.monotonic())))
            case GetQuarantine(limit=limit):
                items, total = self.state.quarantine(limit)
                answer(Quarantine(items=items, total=total))
            case GetThumbnail(picture_hash=wanted) if found := self.state.thumbnail(wanted):
                verdict, blob = found
                answer(
                    Picture(picture_hash=wanted, media_type="image/jpeg", masked=verdict.masked),
                    blob,
                )
            case request if isinstance(request, COMMANDS):
                if isinstance(request, StationReport):
                    self.stations.reported(question.who, request)
                self.errands.first(
                    partial(alarm_requests.refusal, self.sessions, request, question.who),
                    partial(self._command, question, request),
                )
            case request:
                self.errands.later(
                    lambda: self.requests.answer(request, question.who),
                    lambda result: self._finish(question, result),
                )

    def _command(self, question: Question, request: Command, refusal: Refused | None) -> None:
        """Alarms change in this thread; the answer waits until a restart would know of it."""
        if refusal is not None:
            self.door.answer(question, refusal)
            return
        outcome = self.alarms.command(request, question.who)
        self.voice.tell(outcome.news)
        answer = partial(self.door.answer, question, outcome.reply)
        if outcome.kept is None:
            answer()
        else:
            outcome.kept.add_done_callback(lambda _kept: self.errands.soon(answer))

    def _finish(self, question: Question, result: Result) -> None:
        self.door.answer(question, result.reply, *result.blobs)
        for order in result.control:
            self.voice.order(order)
        for news in result.news:
            self.alarms.overhear(news)
        self.voice.tell(result.news)
        if result.catalogue_changed:
            self.catalogue_touched()
