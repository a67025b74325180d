"""Questions and answers on their own thread: one DEALER socket, and whatever is still unanswered."""

from __future__ import annotations

import logging
import queue
import socket as sockets
import time
from contextlib import suppress
from dataclasses import dataclass

import zmq
from PySide6.QtCore import QObject, QThread, Signal
from zmq.utils.monitor import recv_monitor_message

from hydra_desktop import __version__
from hydra_desktop.link.arrival import Answer, Failure, pictures_of
from hydra_desktop.link.sockets import feed_address, prepared
from inference_server.protocol import wire
from inference_server.protocol.class_changes import MergeClasses, SplitClass
from inference_server.protocol.comparison import CompareModels
from inference_server.protocol.curves import GetModelCurves
from inference_server.protocol.detail import WriteLogEntry
from inference_server.protocol.keys import KeyTrouble
from inference_server.protocol.label_rules import SetLabelRules
from inference_server.protocol.matrix import GetMatrix, GetMatrixPictures
from inference_server.protocol.messages import (
    GetPicture,
    Hello,
    Picture,
    Refused,
    Reply,
    Request,
    Welcome,
)
from inference_server.protocol.model_files import GetModelFile, TakeModelFile
from inference_server.protocol.records import GetReport
from inference_server.protocol.replay import GetReplay, GetReplayCalls
from inference_server.protocol.shadow import GetShadow
from inference_server.protocol.thresholds import TryThreshold

log = logging.getLogger(__name__)

TICK_MS = 200
PATIENCE_S = 5.0
PICTURE_PATIENCE_S = 20.0  # a large file over a slow line, a million pictures to be counted
SLOW = (
    GetPicture,
    WriteLogEntry,
    GetReport,
    GetReplay,
    GetReplayCalls,
    GetMatrix,
    GetMatrixPictures,
    TryThreshold,
    GetModelCurves,
    CompareModels,
    GetShadow,
    MergeClasses,
    SetLabelRules,
    SplitClass,
)
FILE_PATIENCE_S = 120.0  # the server loads and tries what it hands out or takes in
HANG_UPS = 3
GREET_S = 1.0  # how often we say hello to a server that has not answered yet
_SILENT = Failure(
    "timeout", "The server has not answered in time.", "Try again; if it stays so, call the expert."
)
_UNKNOWN_KEY = Failure(
    "forbidden",
    "The server refuses this station's key.",
    "Ask its keeper to add the key, or choose another key file.",
)
_NO_HANDSHAKE = Failure(
    "forbidden",
    "The server and this station do not agree on the encryption.",
    "Choose the key file that this server's keeper gave out.",
)
_EVENTS = {
    zmq.EVENT_HANDSHAKE_FAILED_AUTH: _UNKNOWN_KEY,
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL: _NO_HANDSHAKE,
    # A server with another key just hangs up; so does one that dies, but that does not go on.
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL: _NO_HANDSHAKE,
}


@dataclass(frozen=True, slots=True)
class _Question:
    ticket: int | None  # None: our own hello
    asked_at: float
    patience_s: float


class Control(QThread):
    """Owns its socket for its whole life: made, used and closed inside ``run``."""

    welcomed = Signal(object, float)  # Welcome, ms that it took
    refused = Signal(object)  # Failure
    heard = Signal(float)  # ms that an answer took
    fell_silent = Signal()
    answered = Signal(int, object)  # ticket, Answer
    failed = Signal(int, object)  # ticket, Failure

    def __init__(self, address: str, key: str, station: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.key = key
        self._address, self._station = address, station
        self._asked: queue.SimpleQueue[tuple[int, Request] | None] = queue.SimpleQueue()
        # Wakes the loop at once; a ZeroMQ socket could not, since it may have one thread only.
        self._bell, self._ear = sockets.socketpair()
        for end in (self._bell, self._ear):
            end.setblocking(False)
        self._open: dict[int, _Question] = {}
        self._number = 0
        self._hang_ups = 0  # handshakes that the server broke off since its last answer
        self._greet_at = 0.0  # monotonic; when to say hello next

    # ------------------------------------------------------------ from the GUI thread

    def ask(self, ticket: int, request: Request) -> None:
        """Send ``request`` soon; ``answered`` or ``failed`` will come with ``ticket``."""
        self._asked.put((ticket, request))
        self._ring()

    def greet(self) -> None:
        """Say hello again: the server may be another one by now."""
        self._asked.put(None)
        self._ring()

    def feed_address(self, welcome: Welcome) -> str:
        """Where the feed of the server is that sent ``welcome``."""
        return feed_address(self._address, welcome.feed_port)

    def close(self) -> None:
        """Returns when the thread has ended."""
        self.requestInterruption()
        self._ring()
        self.wait()
        self._bell.close()
        self._ear.close()

    def _ring(self) -> None:
        # Full after some hundred rings that the thread has not heard: then it rings already, and the window goes on.
        with suppress(BlockingIOError):
            self._bell.send(b"!")

    # ------------------------------------------------------------ on the thread

    def run(self) -> None:
        try:
            socket = prepared(zmq.DEALER, self.key)
        except KeyTrouble as error:
            self.refused.emit(Failure("forbidden", str(error)))
        except zmq.ZMQError as error:
            self.refused.emit(_bad_address(self._address, error))
        else:
            self._talk(socket)

    def _talk(self, socket: zmq.Socket[bytes]) -> None:
        # Before connecting: some refusals come once only, and soon.
        monitor = socket.get_monitor_socket(sum(_EVENTS))
        poller = zmq.Poller()
        for watched in (socket, monitor, self._ear):
            poller.register(watched, zmq.POLLIN)
        try:
            if not self._connect(socket):
                return
            while not self.isInterruptionRequested():
                self._listen(dict(poller.poll(TICK_MS)), socket, monitor)
                self._send_asked(socket)
                self._keep_time(socket)
        finally:
            socket.disable_monitor()
            monitor.close(linger=0)
            socket.close(linger=0)

    def _connect(self, socket: zmq.Socket[bytes]) -> bool:
        try:
            socket.connect(self._address)
        except zmq.ZMQError as error:
            self.refused.emit(_bad_address(self._address, error))
            return False
        return True

    def _listen(
        self,
        ready: dict[object, int],
        socket: zmq.Socket[bytes],
        monitor: zmq.Socket[bytes],
    ) -> None:
        if self._ear.fileno() in ready:
            self._ear.recv(4096)
        if monitor in ready:
            self._refusal(monitor)
        if socket in ready:
            self._receive(socket)

    def _refusal(self, monitor: zmq.Socket[bytes]) -> None:
        event = zmq.Event(recv_monitor_message(monitor)["event"])
        self._hang_ups += event == zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
        if event == zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL and self._hang_ups < HANG_UPS:
            return
        if (failure := _EVENTS.get(event)) is not None:
            self.refused.emit(failure)

    def _receive(self, socket: zmq.Socket[bytes]) -> None:
        try:
            number, reply, blobs = wire.unpack_reply(socket.recv_multipart())
        except wire.WireError as error:
            log.warning("ignored an answer: %s", error)
            return
        self._hang_ups = 0
        question = self._open.pop(number, None)
        if question is None:
            return  # it came after its time was over
        delay_ms = (time.monotonic() - question.asked_at) * 1000
        if question.ticket is None:
            self._greeted(reply, delay_ms)
        elif isinstance(reply, Refused):
            self.failed.emit(question.ticket, _failure(reply))
            if reply.code == "forbidden":  # the key was revoked while we were connected
                self.refused.emit(_failure(reply))
        else:
            images = pictures_of(reply, blobs)
            image = images[0] if isinstance(reply, Picture) and images else None
            self.answered.emit(question.ticket, Answer(reply, image, images, tuple(blobs)))

    def _greeted(self, reply: Reply, delay_ms: float) -> None:
        match reply:
            case Welcome():
                self._greet_at = float("inf")
                self._forget_hellos()
                self.welcomed.emit(reply, delay_ms)
            case Refused():
                self.refused.emit(_failure(reply))
            case _:
                log.warning("a strange answer to hello: %s", type(reply).__name__)

    def _forget_hellos(self) -> None:
        """One welcome is enough: each would bring a snapshot."""
        for number in [n for n, asked in self._open.items() if asked.ticket is None]:
            del self._open[number]

    def _send_asked(self, socket: zmq.Socket[bytes]) -> None:
        while not self._asked.empty():
            match self._asked.get():
                case (ticket, request):
                    patience = PICTURE_PATIENCE_S if isinstance(request, SLOW) else PATIENCE_S
                    if isinstance(request, GetModelFile | TakeModelFile):
                        patience = FILE_PATIENCE_S
                    self._send(socket, ticket, request, patience)
                case None:
                    self._greet_at = min(self._greet_at, time.monotonic())

    def _send(
        self, socket: zmq.Socket[bytes], ticket: int | None, request: Request, patience_s: float
    ) -> None:
        self._number += 1
        self._open[self._number] = _Question(ticket, time.monotonic(), patience_s)
        try:
            socket.send_multipart(wire.pack_request(self._number, request), zmq.DONTWAIT)
        except zmq.Again:  # nobody there: the answer's time runs out by itself
            log.debug("no server to send to")

    def _keep_time(self, socket: zmq.Socket[bytes]) -> None:
        now = time.monotonic()
        late = [key for key, asked in self._open.items() if now - asked.asked_at > asked.patience_s]
        for key in late:
            question = self._open.pop(key)
            if question.ticket is not None:
                self.failed.emit(question.ticket, _SILENT)
        if now >= self._greet_at:
            self._greet_at = now + GREET_S
            hello = Hello(client=self._station, version=__version__)
            self._send(socket, None, hello, PATIENCE_S)


def _bad_address(address: str, error: zmq.ZMQError) -> Failure:
    return Failure(
        "invalid",
        f"{address} cannot be used: {error.strerror}.",
        "An address looks like tcp://host:5700; if it does, ask for a new key file.",
    )


def _failure(reply: Refused) -> Failure:
    return Failure(reply.code, reply.sentence, reply.next_step)
