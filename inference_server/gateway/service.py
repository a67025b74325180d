"""The gateway role: the only one that faces the network. Numbers the feed, answers requests."""

from __future__ import annotations

import logging
import queue
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import zmq

from db import session as database
from db.session import DatabaseAway
from db.values import Catalogue
from inference_server import catalogue
from inference_server.bus import BUS, component
from inference_server.config import Config
from inference_server.gateway import alarm_requests, memory, translate
from inference_server.gateway.alarm_desk import COMMANDS, AlarmDesk, Command, utc_now
from inference_server.gateway.alarm_store import AlarmStore
from inference_server.gateway.answers import Result
from inference_server.gateway.condition_watch import ConditionWatch
from inference_server.gateway.door import Door, Question
from inference_server.gateway.metrics import Http, Metrics
from inference_server.gateway.requests import Requests
from inference_server.gateway.state import Item, State
from inference_server.gateway.stations import Stations
from inference_server.messages import Bus as BusMessage
from inference_server.messages import (
    CatalogueRevision,
    CatalogueTouched,
    ExplainJob,
    HeatmapMade,
    Prepared,
    Published,
    Pulse,
    SetAside,
    TrainingMoved,
    TrainJob,
)
from inference_server.protocol import keys
from inference_server.protocol.activity import GetStations
from inference_server.protocol.activity import Stations as StationsNow
from inference_server.protocol.alarms import Conditions
from inference_server.protocol.messages import (
    Component,
    GetQuarantine,
    GetSnapshot,
    GetThumbnail,
    Hello,
    News,
    Picture,
    Quarantine,
    Refused,
    Severity,
)
from inference_server.protocol.wire import WireError, pack, unpack
from inference_server.protocol.zap import Doorkeeper
from inference_server.sockets import bound
from inference_server.store import PictureStore

log = logging.getLogger(__name__)

BEAT_S = 1.0
POLL_MS = 50
ANSWER_S = 5.0  # a database that takes longer is away
POOL = 4
LOGO_BYTES = 200_000  # it is part of every snapshot


class Gateway:
    """One thread owns the sockets and the state; a small pool does what waits for disk or database.

    The pool hands back small functions, which the loop calls: so nothing but the loop changes the
    state, and a snapshot always agrees with the feed.
    """

    def __init__(self, config: Config, door: Door, stack: ExitStack) -> None:
        self._config = config
        self._door = door
        self._bus = stack.enter_context(bound(config, zmq.SUB, "bus"))
        self._bus.subscribe(b"")
        self._control = stack.enter_context(bound(config, zmq.PUB, "control"))
        engine = database.connect(config.database, answer_s=ANSWER_S)
        stack.callback(engine.dispose)
        self._sessions = database.sessions(engine)
        self._requests = Requests(config, self._sessions)
        stack.callback(self._requests.close)
        self._thumbnails = PictureStore(config.thumbnails_dir, durable=False)
        stack.callback(self._thumbnails.close)
        self._done: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._state = State(
            secrets.token_hex(8), experiment=config.experiment, logo=_logo(config.logo)
        )
        # Wakes the loop when the pool is done with something; a ZeroMQ socket has one thread only.
        self._bell, self._ear = (stack.enter_context(end) for end in socket.socketpair())
        self._ear.setblocking(False)
        self._pool = stack.enter_context(ThreadPoolExecutor(POOL, thread_name_prefix="gateway"))
        # Its own, so that no question of a history page stands before an acknowledgement.
        self._first = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="alarms"))
        self._revision = 1
        self._keeper_sequence = 0
        self._keeper_pid = 0
        self._answered = 0
        self._beat_at = 0.0
        self._recall_again_at: float | None = None
        alarm_store = AlarmStore(config.data_dir / "alarms.json", self._sessions)
        stack.callback(alarm_store.close)
        self._metrics, self._stations = Metrics(), Stations()
        if config.metrics_port:
            stack.enter_context(Http(config.host, config.metrics_port, self._metrics))
        self._alarms = AlarmDesk(alarm_store, utc_now)
        self._conditions = ConditionWatch(config.conditions, self._later, self._take_conditions)

    def run(self, stop: threading.Event) -> None:
        """Until ``stop``."""
        poller = zmq.Poller()
        poller.register(self._bus, zmq.POLLIN)
        poller.register(self._door.requests, zmq.POLLIN)
        poller.register(self._ear, zmq.POLLIN)
        self._reload()
        while not stop.is_set():
            ready = dict(poller.poll(POLL_MS))
            if self._bus in ready:
                self._hear()
            if self._door.requests in ready:
                for question in self._door.questions():
                    self._ask(question)
            if self._ear.fileno() in ready:
                self._ear.recv(4096)
            while not self._done.empty():
                self._done.get()()
            self._beat()

    # ------------------------------------------------------------ the roles

    def _hear(self) -> None:
        while self._bus.poll(0):
            try:
                message, blobs = unpack(BUS, self._bus.recv_multipart())
            except WireError as error:
                log.warning("not a message of the bus: %s", error)
            else:
                self._heard(message, blobs)

    def _heard(self, message: BusMessage, blobs: list[bytes]) -> None:
        match message:
            case Published():
                self._published(message, blobs[0] if blobs else b"")
            case Pulse(component=component):
                self._pulsed(component)
            case SetAside(item=item):
                self._say(self._state.set_aside(item))
                self._metrics.set_aside()
                self._later(partial(memory.note, self._sessions, item), _nothing)
                self._tell(self._alarms.set_aside(message))
            case TrainingMoved(training=training):
                self._say(self._state.training(training))
                self._metrics.trained(training)
                if training.state == "waiting":  # asked for on the command line
                    self._control.send_multipart(pack(TrainJob(job_id=training.job_id)))
            case Prepared(preparation=preparation):
                self._say(self._state.prepared(preparation))
            case HeatmapMade(ready=ready):
                self._say(self._state.told(ready))
            case CatalogueTouched():
                self._touched()

    def _pulsed(self, component: Component) -> None:
        self._state.pulse(component, time.monotonic())
        if component.role == "keeper" and component.pid != self._keeper_pid:
            # The one before may have died between storing a verdict and publishing it.
            self._keeper_pid, self._keeper_sequence = component.pid, 0
            self._reload()

    def _published(self, message: Published, thumbnail: bytes) -> None:
        missed = self._keeper_sequence and message.sequence > self._keeper_sequence + 1
        self._keeper_sequence = message.sequence
        if not self._state.is_told(message.verdict):
            self._say(self._state.judged(message.verdict, thumbnail))
            self._metrics.judged(message.verdict)
        if message.verdict.severity is Severity.BAD:
            self._control.send_multipart(pack(ExplainJob()))
        self._tell(self._alarms.judged(message.verdict))
        if missed or not self._state.knows(message.verdict.plot_type_id):
            self._reload()

    def _touched(self) -> None:
        self._revision += 1
        self._announce_revision()
        self._reload()

    def _announce_revision(self) -> None:
        self._control.send_multipart(pack(CatalogueRevision(revision=self._revision)))

    # ------------------------------------------------------------ desktops

    def _ask(self, question: Question) -> None:
        self._answered += 1
        now = time.monotonic()
        self._stations.heard(question.who, datetime.now(UTC))
        match question.request:
            case Hello() as hello:
                self._stations.greeted(question.who, hello.client, hello.version, datetime.now(UTC))
                self._door.answer(question, self._door.welcome(hello))
            case GetStations():
                connected = self._stations.connected(datetime.now(UTC))
                self._door.answer(question, StationsNow(stations=tuple(connected)))
            case GetSnapshot():
                self._door.answer(question, self._alarms.on(self._state.snapshot(now)))
            case GetQuarantine(limit=limit):
                items, total = self._state.quarantine(limit)
                self._door.answer(question, Quarantine(items=items, total=total))
            case GetThumbnail(picture_hash=wanted) if blob := self._state.thumbnail(wanted):
                self._door.answer(
                    question, Picture(picture_hash=wanted, media_type="image/jpeg"), blob
                )
            case request if isinstance(request, COMMANDS):
                self._later(
                    partial(alarm_requests.refusal, self._sessions, request, question.who),
                    partial(self._command, question, request),
                    self._first,
                )
            case request:
                self._later(
                    lambda: self._requests.answer(request, question.who),
                    lambda result: self._finish(question, result),
                )

    def _command(self, question: Question, request: Command, refusal: Refused | None) -> None:
        """Alarms change in this thread; the answer waits until a restart would know of it."""
        if refusal is not None:
            self._door.answer(question, refusal)
            return
        outcome = self._alarms.command(request, question.who)
        self._tell(outcome.news)
        answer = partial(self._door.answer, question, outcome.reply)
        if outcome.kept is None:
            answer()
        else:
            outcome.kept.add_done_callback(lambda _kept: self._ring(answer))

    def _ring(self, then: Callable[[], None]) -> None:
        """From any thread: have the loop call ``then``, now."""
        self._done.put(then)
        self._bell.send(b"!")

    def _finish(self, question: Question, result: Result) -> None:
        self._door.answer(question, result.reply, *result.blobs)
        for order in result.control:
            self._control.send_multipart(pack(order))
        for news in result.news:
            self._alarms.overhear(news)
            self._say(self._state.told(news))
        if result.catalogue_changed:
            self._touched()

    # ------------------------------------------------------------ the database

    def _reload(self) -> None:
        """Take over the catalogue, and what was published while we did not listen."""
        self._recall_again_at = None
        self._later(lambda: catalogue.load(self._config, self._sessions), self._take_catalogue)

    def _take_catalogue(self, current: Catalogue) -> None:
        classes = translate.classes(current)
        self._alarms.learn(current, None)
        changed = self._state.catalogue(translate.plot_types(current), classes)
        if changed is not None:
            self._say(changed)
        severities = {each.name: each.severity for each in classes}
        self._later(
            partial(
                memory.recall_alarms,
                self._sessions,
                self._alarms.heard_since(),
                severities,
                restored=self._alarms.restored,
            ),
            partial(self._take_alarms, current),
        )
        self._later(
            lambda: memory.recall(self._sessions, self._thumbnails, severities), self._take_memory
        )

    def _take_alarms(self, current: Catalogue, remembered: memory.AlarmMemory) -> None:
        self._alarms.learn(current, remembered.rules)
        self._tell(self._alarms.restore(remembered.standings))
        for verdict in remembered.missed:
            self._tell(self._alarms.judged(verdict))

    def _take_memory(self, remembered: memory.Remembered) -> None:
        for item in self._state.recall(remembered.verdicts):
            self._say(item)
        self._state.recall_quarantine(remembered.quarantine, remembered.quarantined)
        if (moved := self._state.recall_notice(remembered.notice)) is not None:
            self._say(moved)

    def _later(
        self,
        job: Callable[[], object],
        then: Callable[..., None],
        pool: ThreadPoolExecutor | None = None,
    ) -> None:
        """Do ``job`` on a pool, then ``then`` with its result on this thread."""

        def work() -> None:
            try:
                result = job()
            except DatabaseAway as error:
                log.warning("%s", error)
                self._ring(self._try_again_later)
            else:
                self._ring(lambda: then(result))

        (pool or self._pool).submit(work).add_done_callback(_log_failure)

    def _try_again_later(self) -> None:
        self._recall_again_at = time.monotonic() + ANSWER_S

    # ------------------------------------------------------------ each second

    def _beat(self) -> None:
        now = time.monotonic()
        if now < self._beat_at:
            return
        self._beat_at = now + BEAT_S
        self._state.pulse(self._component(), now)
        self._say(self._state.beat(datetime.now(UTC)))
        self._say(self._state.tell_components(now))
        self._metrics.beat(
            self._state.components(now),
            self._state.plot_types,
            database_up=self._recall_again_at is None,
            clients=len(self._stations.connected(datetime.now(UTC))),
        )
        self._announce_revision()
        self._tell(self._alarms.tick())
        self._conditions.ask()
        self._alarms.catch_up()
        if self._recall_again_at is not None and now > self._recall_again_at:
            self._reload()

    def _take_conditions(self, told: Conditions) -> None:
        self._tell(self._alarms.take_conditions(told))

    def _component(self) -> Component:
        state, sentence, next_step = "running", "Answers desktops.", ""
        if self._conditions.trouble:
            state, sentence = "degraded", self._conditions.trouble
            next_step = "Until then beam and run count as unknown, and close no alarm's gate."
        elif self._recall_again_at is not None:
            state, sentence = "degraded", "The database is away."
            next_step = "Start the database. Verdicts go on meanwhile."
        return component("gateway", "gateway", state, sentence, next_step, 0, self._answered)

    def _tell(self, news: Iterable[News]) -> None:
        for each in news:
            self._say(self._state.told(each))

    def _say(self, item: Item) -> None:
        self._door.publish(self._state.session, item)


def _logo(path: Path | None) -> bytes:
    """The experiment's logo; one that is missing or large is left out, with a word in the log."""
    if path is None:
        return b""
    try:
        data = path.read_bytes()
    except OSError as error:
        log.warning("the logo %s cannot be read: %s", path, error.strerror)
        return b""
    if len(data) > LOGO_BYTES:
        log.warning("the logo %s has %d bytes, %d are the most", path, len(data), LOGO_BYTES)
        return b""
    return data


def _nothing(_result: object) -> None:
    """For jobs that are done when they are done."""


def _log_failure(future: Future[None]) -> None:
    if (error := future.exception()) is not None:
        log.error("a request failed", exc_info=error)


def run(config: Config, stop: threading.Event) -> None:
    """The role. Raises KeyTrouble: the server's keys; OSError: a port is in use."""
    ours = keys.server_keys(config.keys_dir)
    with ExitStack() as stack:
        stack.enter_context(Doorkeeper(config.keys_dir))
        door = stack.enter_context(Door(config, ours))
        Gateway(config, door, stack).run(stop)
