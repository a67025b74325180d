"""Questions and answers on their own thread: one DEALER socket, and whatever is still unanswered."""

from __future__ import annotations

import logging
import queue
import socket as sockets
import time
from dataclasses import dataclass

import zmq
from PySide6.QtCore import QObject, QThread, Signal
from zmq.utils.monitor import recv_monitor_message

from hydra_desktop import __version__
from hydra_desktop.link.arrival import Answer, Failure, decoded
from inference_server.protocol import wire
from inference_server.protocol.messages import (
    PROTOCOL_VERSION,
    GetPicture,
    Hello,
    Picture,
    Refused,
    Reply,
    Request,
    Welcome,
)

log = logging.getLogger(__name__)

TICK_MS = 200
PATIENCE_S = 5.0
PICTURE_PATIENCE_S = 20.0  # a large file over a slow line
GREET_S = 1.0  # how often we say hello to a server that has not answered yet
_SILENT = Failure(
    "timeout", "The server has not answered in time.", "Try again; if it stays so, call the expert."
)
_UNKNOWN_KEY = Failure(
    "forbidden",
    "The server refuses this station's key.",
    "Ask its keeper to add the key, or choose another key file.",
)


@dataclass(frozen=True, slots=True)
class _Question:
    ticket: int | None  # None: our own hello
    asked_at: float
    patience_s: float


class Control(QThread):
    """Owns one DEALER socket for its whole life: made, used and closed inside ``run``."""

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
        self._waiting: queue.SimpleQueue[tuple[int, Request]] = queue.SimpleQueue()
        self._bell, self._ear = sockets.socketpair()  # wakes the loop: a ZeroMQ socket may not
        for end in (self._bell, self._ear):
            end.setblocking(False)
        self._open: dict[int, _Question] = {}
        self._number = 0
        self._greeted_at = 0.0
        self._greet_wanted = True
        self._welcome = False
        self._heard_at = 0.0

    # ------------------------------------------------------------ from the GUI thread

    def ask(self, ticket: int, request: Request) -> None:
        """Send ``request`` soon; one signal with ``ticket`` will come."""
        self._waiting.put((ticket, request))
        self._ring()
