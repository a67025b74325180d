"""The live feed on its own thread: decodes pictures there and hands on what came in 50 ms, alarms at once."""

from __future__ import annotations

import logging
import time

import zmq
from PySide6.QtCore import QObject, QThread, Signal

from hydra_desktop.link.arrival import Arrival, pictures_of
from hydra_desktop.link.follow import Numbered
from hydra_desktop.link.sockets import prepared
from inference_server.protocol import wire
from inference_server.protocol.alarms import AlarmChanged

log = logging.getLogger(__name__)

GATHER_S = 0.05
ALARM_S = 0.005  # an alarm waits no longer; that is enough to take a burst of them as one
SILENT_S = 3.5  # the server says something each second


class FeedReader(QThread):
    """Owns one SUB socket for its whole life: made, used and closed inside ``run``.

    ``run`` is one loop and no event loop, so it is stopped by a flag; a queued slot would never
    be called.
    """

    arrived = Signal(list)  # list[Numbered], in the order the server sent them
    fell_silent = Signal()

    def __init__(self, address: str, key: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.address, self._key = address, key

    def run(self) -> None:
        with prepared(zmq.SUB, self._key) as socket:
            socket.subscribe(wire.TOPIC)
            socket.connect(self.address)
            heard_at = time.monotonic()
            while not self.isInterruptionRequested():
                batch = _collect(socket)
                if batch:
                    heard_at = time.monotonic()
                    self.arrived.emit(batch)
                elif time.monotonic() - heard_at > SILENT_S:
                    heard_at = time.monotonic()
                    self.fell_silent.emit()

    def close(self) -> None:
        """Returns when the thread has ended."""
        self.requestInterruption()
        self.wait()


def _collect(socket: zmq.Socket[bytes]) -> list[Numbered]:
    batch: list[Numbered] = []
    deadline = time.monotonic() + GATHER_S
    while (left := deadline - time.monotonic()) > 0:
        if not socket.poll(max(1, round(left * 1000))):
            continue
        try:
            session, sequence, news, blob = wire.unpack_news(socket.recv_multipart())
        except wire.WireError as error:
            log.warning("ignored a message of the feed: %s", error)
            continue
        batch.append(Numbered(session, sequence, Arrival(news, *pictures_of(news, (blob,)))))
        if isinstance(news, AlarmChanged):
            deadline = min(deadline, time.monotonic() + ALARM_S)
    return batch
