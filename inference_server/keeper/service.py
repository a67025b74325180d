"""The keeper role: opinions in, settlements and verdicts out."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Sequence

import msgspec
import zmq

from db import session
from inference_server import bus
from inference_server.bus import Bus
from inference_server.config import Config
from inference_server.keeper.decide import Arrival
from inference_server.keeper.journal import Journal
from inference_server.keeper.keeper import Keeper, Outcome
from inference_server.keeper.replay import Replay
from inference_server.keeper.retention import Retention
from inference_server.messages import (
    Afterthought,
    CatalogueRevision,
    CatalogueTouched,
    Measured,
    Published,
    ToKeeper,
)
from inference_server.protocol.wire import WireError, pack, unpack
from inference_server.sockets import bound, connected

log = logging.getLogger(__name__)

POLL_MS = 200
PULSE_S = 1.0
# A database that is silent for longer is away, and the journal takes over. It costs nothing if that
# was wrong (what is there already stays), and verdicts wait for it: once, twice as long at the worst.
ANSWER_S = 2.0
PATIENT_S = 60.0  # for the retention, which sums and sorts all pictures and holds up nobody
GATHER = 256  # opinions in one transaction
ANSWERS = (
    10_000  # settlements that wait for a balancer to come back; their frames come again anyway
)
_SAID: msgspec.msgpack.Decoder[ToKeeper] = msgspec.msgpack.Decoder(ToKeeper)


class Service:
    """Moves bytes and keeps time; every decision is the keeper's."""

    def __init__(
        self,
        opinions: zmq.Socket[bytes],
        settled: zmq.Socket[bytes],
        control: zmq.Socket[bytes],
        voice: Bus,
    ) -> None:
        self._opinions, self._settled, self._control, self._voice = (
            opinions,
            settled,
            control,
            voice,
        )
        self._revision: int | None = None
        self._sequence = 0
        self._done = 0
        self._ms_per_item = 0.0
        self._pulse_at = 0.0

    def run(self, keeper: Keeper, journal: Journal, replay: Replay, stop: threading.Event) -> None:
        """Until ``stop``."""
        poller = zmq.Poller()
        poller.register(self._opinions, zmq.POLLIN)
        poller.register(self._control, zmq.POLLIN)
        while not stop.is_set():
            ready = dict(poller.poll(POLL_MS))
            if self._control in ready:
                self._hear(keeper, journal)
            if replay.replayed.is_set():
                replay.replayed.clear()
                keeper.reload()
                self._voice.say(CatalogueTouched())
            if self._opinions in ready:
                self._keep(keeper)
            self._pulse(keeper, journal, replay)

    def _keep(self, keeper: Keeper) -> None:
        began = time.perf_counter()
        batch, late = _arrivals(_waiting(self._opinions))
        if batch:
            self._tell(keeper.keep(batch))
        keeper.keep_late(late)
        if not batch:
            return
        self._done += len(batch)
        self._ms_per_item = 1e3 * (time.perf_counter() - began) / len(batch)

    def _tell(self, outcome: Outcome) -> None:
        if outcome.new_plot_types:
            self._voice.say(CatalogueTouched())
        for verdict, thumbnail in outcome.published:
            self._sequence += 1
            self._voice.say(Published(verdict=verdict, sequence=self._sequence), thumbnail)
        for item in outcome.set_aside:
            self._voice.say(item)
        for answer in outcome.settled:
            with contextlib.suppress(zmq.Again):  # no balancer for long: the frame will come again
                self._settled.send_multipart(pack(answer), zmq.NOBLOCK)

    def _hear(self, keeper: Keeper, journal: Journal) -> None:
        for frames in _waiting(self._control):
            try:
                message = bus.control(frames)
            except WireError as error:
                log.warning("not a control message: %s", error)
                continue
            if isinstance(message, CatalogueRevision) and message.revision != self._revision:
                self._revision = message.revision
                if journal.is_empty():  # otherwise the replay brings it, and asking would take long
                    keeper.reload()

    def _pulse(self, keeper: Keeper, journal: Journal, replay: Replay) -> None:
        now = time.monotonic()
        if now < self._pulse_at:
            return
        self._pulse_at = now + PULSE_S
        trouble = keeper.trouble or replay.trouble
        state, sentence, next_step = _condition(trouble, journal.items(), journal.size())
        self._voice.pulse(
            state,
            sentence,
            next_step=next_step,
            done=self._done,
            ms_per_item=round(self._ms_per_item, 2),
            queue=journal.items(),
            times=(keeper.storing.times(),),
            measured=Measured(spooled=journal.items(), stuck=bool(keeper.trouble)),
        )


def _condition(trouble: str, waiting: int, size: int) -> tuple[str, str, str]:
    """State, sentence and next step for the status page."""
    if trouble:
        return "degraded", trouble, "Make room on the disk, or correct the permissions."
    if waiting:
        return (
            "degraded",
            f"The database is away or behind: {waiting} verdicts ({size / 1e6:.2f} MB) wait on disk.",
            "Start the database. Nothing is lost meanwhile.",
        )
    return "running", "Keeps verdicts.", ""


def _waiting(socket: zmq.Socket[bytes]) -> list[list[bytes]]:
    messages: list[list[bytes]] = []
    while len(messages) < GATHER:
        try:
            messages.append(socket.recv_multipart(zmq.NOBLOCK))
        except zmq.Again:
            break
    return messages


def _arrivals(raw: Sequence[list[bytes]]) -> tuple[list[Arrival], list[Afterthought]]:
    """What we understand; one bad sender must not stop the role."""
    arrivals: list[Arrival] = []
    late: list[Afterthought] = []
    for frames in raw:
        try:
            said, blobs = unpack(_SAID, frames)
            if isinstance(said, Afterthought):
                late.append(said)
            else:
                picture, thumbnail, features = blobs
                arrivals.append(Arrival(said, picture, thumbnail, features))
        except (WireError, ValueError) as error:
            log.warning("dropped a message: %s", error)
    return arrivals, late


def run(config: Config, stop: threading.Event) -> None:
    """The role."""
    engine = session.connect(config.database, answer_s=ANSWER_S)
    sessions = session.sessions(engine)
    journal = Journal(config.journal_dir)
    keeper = Keeper(config, sessions, journal)
    replay = Replay(journal, sessions, config.collect_fraction)
    patient = session.connect(config.database, answer_s=PATIENT_S)
    retention = Retention(config, sessions, session.sessions(patient), journal, keeper.files)
    try:
        with (
            bound(config, zmq.PULL, "keeper", hwm=GATHER) as opinions,
            connected(config, zmq.PUSH, "settled", hwm=ANSWERS, linger_ms=500) as settled,
            bus.control_socket(config) as control,
            Bus(config, "keeper", "keeper") as voice,
        ):
            replay.start()
            retention.start()
            Service(opinions, settled, control, voice).run(keeper, journal, replay, stop)
    finally:
        retention.stop()
        replay.stop()
        keeper.close()
        journal.close()
        patient.dispose()
        engine.dispose()
