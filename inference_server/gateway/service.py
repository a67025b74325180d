"""The gateway role: the only one that faces the network. Numbers the feed, answers requests."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
import zmq

from db import session as database
from inference_server.bus import BUS, component
from inference_server.config import Config
from inference_server.gateway import memory, parts
from inference_server.gateway.alarm_desk import AlarmDesk, utc_now
from inference_server.gateway.alarm_store import AlarmStore
from inference_server.gateway.census import CensusTaker
from inference_server.gateway.condition_log import ConditionLog
from inference_server.gateway.condition_watch import ConditionWatch
from inference_server.gateway.counter import Counter
from inference_server.gateway.door import Door
from inference_server.gateway.errands import Errands
from inference_server.gateway.metrics import Metrics
from inference_server.gateway.parts import Parts
from inference_server.gateway.probes import Http
from inference_server.gateway.recollection import Recollection
from inference_server.gateway.requests import Requests
from inference_server.gateway.state import State
from inference_server.gateway.stations import Stations
from inference_server.gateway.surroundings import Surroundings
from inference_server.gateway.voice import Voice
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
from inference_server.protocol.alarms import Conditions
from inference_server.protocol.messages import Component, Severity
from inference_server.protocol.wire import WireError, unpack
from inference_server.protocol.zap import Doorkeeper
from inference_server.sockets import bound
from inference_server.spread import Spread
from inference_server.store import PictureStore

log = logging.getLogger(__name__)

BEAT_S = 1.0
POLL_MS = 50
ANSWER_S = 5.0  # a database that takes longer is away
CENSUS_S = 300.0
LOGO_BYTES = 200_000  # it is part of every snapshot


class Gateway:
    """One thread owns the sockets and the state; a small pool does what waits for disk or database."""

    def __init__(
        self, config: Config, doorkeeper: Doorkeeper, door: Door, stack: ExitStack
    ) -> None:
        self._config, self._doorkeeper, self._door = config, doorkeeper, door
        self._bus = stack.enter_context(bound(config, zmq.SUB, "bus"))
        self._bus.subscribe(b"")
        control = stack.enter_context(bound(config, zmq.PUB, "control"))
        engine = database.connect(config.database, answer_s=ANSWER_S)
        stack.callback(engine.dispose)
        self._sessions = database.sessions(engine)
        self._state = State(
            secrets.token_hex(8), experiment=config.experiment, logo=_logo(config.logo)
        )
        self._state.parts = Parts(_roles(config))
        self._metrics, self._stations = Metrics(), Stations()
        self._voice = Voice(self._state, door, control, self._metrics)
        thumbnails = PictureStore(config.thumbnails_dir, durable=False)
        stack.callback(thumbnails.close)
        requests = Requests(config, self._sessions)
        stack.callback(requests.close)
        self._errands = Errands(stack)
        alarm_store = AlarmStore(config.data_dir / "alarms.json", self._sessions)
        stack.callback(alarm_store.close)
        self._alarms = AlarmDesk(alarm_store, utc_now)
        self._memory = Recollection(
            config, self._sessions, thumbnails, self._state, self._alarms, self._voice,
            self._errands,
        )  # fmt: skip
        self._errands.away = self._memory.again_later
        self._counter = Counter(
            door, self._state, self._alarms, self._stations, self._voice, self._errands, requests,
            self._sessions, self._touched,
        )  # fmt: skip
        self._watch(stack)
        self._census = CensusTaker(self._sessions)
        self._whole = Spread("whole")  # from the file to the verdict
        self._revision = 1
        self._keeper_sequence = self._keeper_pid = 0
        self._beat_at = self._census_at = 0.0

    def _watch(self, stack: ExitStack) -> None:
        """Beam and run, database and disk, and whoever monitors us."""
        config, later = self._config, self._errands.later
        self._conditions = ConditionWatch(config.conditions, later, self._take_conditions)
        off_below = config.conditions.beam_off_below
        self._condition_log = ConditionLog(self._sessions, later, off_below)
        self._surroundings = Surroundings(later, self._sessions, config.data_dir)
        if config.metrics_port:
            stack.enter_context(Http(config.host, config.metrics_port, self._metrics))

    def run(self, stop: threading.Event) -> None:
        """Until ``stop``."""
        poller = zmq.Poller()
        for source in (self._bus, self._door.requests, self._errands.ear):
            poller.register(source, zmq.POLLIN)
        self._memory.reload()
        while not stop.is_set():
            ready = dict(poller.poll(POLL_MS))
            if self._bus in ready:
                self._hear()
            if self._door.requests in ready:
                self._counter.serve()
            if self._errands.ear.fileno() in ready:
                self._errands.hush()
            self._errands.finish()
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
        say = self._voice.say
        match message:
            case Published():
                self._published(message, blobs[0] if blobs else b"")
            case Pulse():
                self._pulsed(message)
            case SetAside(item=item):
                say(self._state.set_aside(item))
                self._metrics.set_aside()
                self._errands.later(partial(memory.note, self._sessions, item), _nothing)
                self._voice.tell(self._alarms.set_aside(message))
            case TrainingMoved(training=training):
                say(self._state.training(training))
                self._metrics.trained(training)
                if training.state == "waiting":  # asked for on the command line
                    self._voice.order(TrainJob(job_id=training.job_id))
            case Prepared(preparation=preparation):
                say(self._state.prepared(preparation))
            case HeatmapMade(ready=ready):
                say(self._state.told(ready))
            case CatalogueTouched():
                self._touched()

    def _pulsed(self, message: Pulse) -> None:
        told = message.component
        self._state.parts.pulse(told, time.monotonic(), message.measured)
        if told.role == "keeper" and told.pid != self._keeper_pid:
            # The one before may have died between storing a verdict and publishing it.
            self._keeper_pid, self._keeper_sequence = told.pid, 0
            self._memory.reload()

    def _published(self, message: Published, thumbnail: bytes) -> None:
        verdict = message.verdict
        missed = self._keeper_sequence and message.sequence > self._keeper_sequence + 1
        self._keeper_sequence = message.sequence
        if not self._state.is_told(verdict):
            self._voice.say(self._state.judged(verdict, thumbnail))
            self._metrics.judged(verdict)
            self._whole.add(verdict.latency_ms)
        if verdict.severity is Severity.BAD:
            self._voice.order(ExplainJob())
        self._voice.tell(self._alarms.judged(verdict))
        if missed or not self._state.knows(verdict.plot_type_id):
            self._memory.reload()

    def _touched(self) -> None:
        self._revision += 1
        self._announce_revision()
        self._memory.reload()

    def _announce_revision(self) -> None:
        self._voice.order(CatalogueRevision(revision=self._revision))

    # ------------------------------------------------------------ each second

    def _beat(self) -> None:
        now = time.monotonic()
        if now < self._beat_at:
            return
        self._beat_at = now + BEAT_S
        self._condition_log.look(self._alarms.conditions)
        self._look_around(now)
        self._voice.say(self._state.beat(datetime.now(UTC)))
        self._voice.say(self._state.tell_components(now))
        self._metrics.beat(
            self._state.parts.measured(now),
            self._state.plot_types,
            clients=len(self._stations.connected(datetime.now(UTC))),
            alarms=self._alarms.states(),
            refused=self._doorkeeper.refusals,
        )
        self._announce_revision()
        self._voice.tell(self._alarms.tick())
        self._conditions.ask()
        self._alarms.catch_up()
        self._memory.tick()
        if now >= self._census_at:
            self._census_at = now + CENSUS_S
            self._errands.later(self._census.take, self._metrics.counted)

    def _look_around(self, now: float) -> None:
        """The gateway itself, and what is no role but can be in the way of all of them."""
        known = self._state.parts
        for each in (
            self._component(),
            *self._surroundings.look(now),
            parts.gpu(known.measured(now)),
        ):
            known.pulse(each, now)
        known.look(now)

    def _take_conditions(self, told: Conditions) -> None:
        self._voice.tell(self._alarms.take_conditions(told))

    def _component(self) -> Component:
        state, sentence, next_step = "running", "Answers desktops.", ""
        if self._conditions.trouble:
            state, sentence = "degraded", self._conditions.trouble
            next_step = "Until then beam and run count as unknown, and close no alarm's gate."
        elif self._memory.waits:
            state, sentence = "degraded", "The database is away."
            next_step = "Start the database. Verdicts go on meanwhile."
        answered = self._counter.answered
        told = component("gateway", "gateway", state, sentence, next_step, 0, answered)
        return msgspec.structs.replace(told, times=(self._whole.times(),))


def _roles(config: Config) -> tuple[str, ...]:
    """What belongs to every server; a feeder may be elsewhere."""
    feeder = ("feeder",) if config.inboxes else ()
    return (*feeder, "balancer", "predict", "keeper", "trainer", "explain")


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


def run(config: Config, stop: threading.Event) -> None:
    """The role. Raises KeyTrouble: the server's keys; OSError: a port is in use."""
    ours = keys.server_keys(config.keys_dir)
    with ExitStack() as stack:
        doorkeeper = stack.enter_context(Doorkeeper(config.keys_dir))
        door = stack.enter_context(Door(config, ours))
        Gateway(config, doorkeeper, door, stack).run(stop)
