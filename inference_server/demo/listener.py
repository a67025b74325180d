"""Hears the feed of the demo like a desktop would, and measures what a shift taker would wait."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

from inference_server.protocol.client import FeedClient
from inference_server.protocol.keys import KeyFile
from inference_server.protocol.messages import Judged
from inference_server.protocol.wire import WireError

POLL_S = 0.2


class Listener:
    """A thread with a feed socket. ``latencies_ms``: from file close to verdict in hand."""

    def __init__(self, address: str, key: KeyFile) -> None:
        self.latencies_ms: list[float] = []
        self.last_verdict = time.monotonic()
        self._address, self._key = address, key
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener")

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Returns when the thread has ended."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        with FeedClient(self._address, self._key) as feed:
            while not self._stop.is_set():
                try:
                    item = feed.receive(POLL_S)
                except WireError:
                    continue  # a desktop would ignore it too; a lost verdict shows in the report
                if item is not None and isinstance(item[2], Judged):
                    self._heard(item[2])

    def _heard(self, news: Judged) -> None:
        # The simulator closes and renames within a millisecond, so the file's own time is its close.
        waited = datetime.now(UTC) - news.verdict.picture_time
        self.latencies_ms.append(1e3 * waited.total_seconds())
        self.last_verdict = time.monotonic()
