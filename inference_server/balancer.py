"""The balancer: frames from feeders to whichever worker is free, settlements back to the feeders."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field

import msgspec
import zmq

from inference_server.bus import Bus, seconds_since
from inference_server.config import Config
from inference_server.desk import DEADLY, Desk, Held
from inference_server.messages import (
    Free,
    Measured,
    Opinion,
    Pulse,
    SetAside,
    Settled,
    Submit,
    Work,
)
from inference_server.protocol import keys
from inference_server.protocol.wire import WireError, pack, unpack
from inference_server.protocol.zap import Doorkeeper
from inference_server.public import opened
from inference_server.sockets import bound, linked, unwatch, watched

log = logging.getLogger(__name__)

POLL_MS = 100
LOOK_S = 1.0
GATHER = 64  # messages read from one socket before the others get their turn
BUFFER = 256  # frames that wait here; the rest waits with the feeders, who feel it
MAIL = 1000  # answers on their way to one peer: more than it can have frames, so none is dropped

_FROM_FEEDER: msgspec.msgpack.Decoder[Submit | Pulse | SetAside] = msgspec.msgpack.Decoder(
    Submit | Pulse | SetAside
)
_FROM_WORKER: msgspec.msgpack.Decoder[Free] = msgspec.msgpack.Decoder(Free)
_SETTLED: msgspec.msgpack.Decoder[Settled] = msgspec.msgpack.Decoder(Settled)


@dataclass(slots=True)
class Balancer:
    """Moves bytes and keeps time; every decision is the desk's.

    ``frames``: ROUTER sockets to feeders, here and elsewhere. Feeders elsewhere have no bus: what
    they say of themselves is passed on.
    """

    frames: list[zmq.Socket[bytes]]
    workers: zmq.Socket[bytes]
    settled: zmq.Socket[bytes]
    keeper: zmq.Socket[bytes]
    keepers: zmq.Socket[bytes]  # news of the link to the keeper, see ``sockets.watched``
    bus: Bus
    desk: Desk = field(default_factory=Desk)
    doorkeeper: Doorkeeper | None = None  # of the remote feeders
    done: int = 0
    _looked_at: float = 0.0

    def run(self, stop: threading.Event) -> None:
        """Until ``stop``."""
        full, open_ = zmq.Poller(), zmq.Poller()
        for socket in (self.keepers, self.workers, self.settled):
            full.register(socket, zmq.POLLIN)
            open_.register(socket, zmq.POLLIN)
        for socket in self.frames:
            open_.register(socket, zmq.POLLIN)
        while not stop.is_set():
            poller = open_ if self.desk.waiting < BUFFER else full
            for socket, _ in poller.poll(POLL_MS):
                self._read(socket)
            self._give_out()
            self._look()

    def _read(self, socket: zmq.Socket[bytes]) -> None:
        if socket is self.keepers:
            if linked(self.keepers):
                self.desk.again()
            return
        for _ in range(GATHER):
            try:
                parts = socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            try:
                self._hear(socket, parts)
            except WireError as error:
                log.warning("dropped a message: %s", error)

    def _hear(self, socket: zmq.Socket[bytes], parts: list[bytes]) -> None:
        if socket is self.settled:
            self._settle(unpack(_SETTLED, parts)[0])
        elif socket is self.workers:
            said, _ = unpack(_FROM_WORKER, parts[1:])
            self.desk.free(said.worker, parts[0], said.slots, time.monotonic(), fresh=said.fresh)
        else:
            self._hear_feeder(self.frames.index(socket), parts)

    def _hear_feeder(self, link: int, parts: list[bytes]) -> None:
        message, blobs = unpack(_FROM_FEEDER, parts[1:])
        if isinstance(message, Submit):
            if len(blobs) != 1:
                raise WireError(f"a frame comes with its file, not with {len(blobs)} blobs")
            self.desk.submit(message.frame.id, bytes([link]) + parts[0], parts[2:])
        else:
            self.bus.say(message)

    def _settle(self, answer: Settled) -> None:
        held = self.desk.settled(answer.frame_id)
        if held is None:
            return  # given out twice and settled twice
        self.done += 1
        try:
            socket = self.frames[held.feeder[0]]
            socket.send_multipart([held.feeder[1:], *pack(answer)], zmq.NOBLOCK)
        except zmq.ZMQError as error:  # the feeder is gone; its successor submits the file again
            log.info("a feeder is gone before its frame was settled: %s", error)

    def _give_out(self) -> None:
        for held, address in self.desk.assignments(time.monotonic()):
            if not self._send(held, address):
                break
        for held in self.desk.given_up():
            self._blame(held)

    def _send(self, held: Held, address: bytes) -> bool:
        """Whether the worker was there to take it, and had room."""
        frame = _frame_of(held)
        try:
            self.workers.send_multipart(
                [address, *pack(Work(frame=frame.frame), held.payload[1])], zmq.NOBLOCK
            )
        except zmq.Again:
            self.desk.undo(held)
            return False
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            worker = held.worker
            self.desk.undo(held)
            if worker is not None:
                log.warning("worker %s is gone: its frames are given out again", worker)
                self.desk.gone(worker)
        return True

    def _blame(self, held: Held) -> None:
        """Have the keeper set a picture aside that kills whoever looks at it."""
        reason = (
            f"judging this picture ended {DEADLY} workers. It was set aside to protect the rest."
        )
        opinion = Opinion(frame=_frame_of(held).frame, worker="balancer", error=reason)
        self.keeper.send_multipart(pack(opinion, held.payload[1], b"", b""))

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < LOOK_S:
            return
        self._looked_at = now
        self.desk.look_after(now)
        waits, oldest = self.desk.workers == 0, self.desk.oldest
        self.bus.pulse(
            "degraded" if waits and len(self.desk) else "running",
            f"No worker is ready, {self.desk.waiting} pictures wait."
            if waits
            else f"{_many(self.desk.workers, 'worker')}, {_many(len(self.desk), 'picture')} on the way.",
            next_step="Look at the predict workers and their logs."
            if waits and len(self.desk)
            else "",
            queue=len(self.desk),
            done=self.done,
            oldest_s=seconds_since(_frame_of(oldest).frame.closed_at) if oldest else 0.0,
            measured=Measured(refused=self.doorkeeper.refusals if self.doorkeeper else 0),
        )


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _frame_of(held: Held) -> Submit:
    return _SUBMIT.decode(held.payload[0])


_SUBMIT: msgspec.msgpack.Decoder[Submit] = msgspec.msgpack.Decoder(Submit)


def run(config: Config, stop: threading.Event) -> None:
    """The role. Raises KeyTrouble, PortTaken."""
    ours = keys.server_keys(config.keys_dir)
    keeper, keepers = watched(config, zmq.PUSH, "keeper", hwm=MAIL)
    try:
        with (
            zmq.Context() as network,  # of its own: each context has one doorkeeper
            Doorkeeper(config.keys_dir, network) as doorkeeper,
            opened(zmq.ROUTER, ours, config.host, config.port + 2, network) as remote,
            bound(config, zmq.ROUTER, "balancer-frames", hwm=MAIL) as frames,
            bound(config, zmq.ROUTER, "balancer-workers", hwm=MAIL) as workers,
            bound(config, zmq.PULL, "settled", hwm=MAIL) as settled,
            Bus(config, "balancer", "balancer") as bus,
        ):
            workers.router_mandatory = True  # a vanished worker raises; it does not eat work
            links = [frames, remote]
            Balancer(links, workers, settled, keeper, keepers, bus, doorkeeper=doorkeeper).run(stop)
    finally:
        unwatch(keeper, keepers)
