"""Hears the feed of the demo like a desktop would, and measures what a shift taker would wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from inference_server.protocol.client import FeedClient
from inference_server.protocol.keys import KeyFile
from inference_server.protocol.messages import Judged, Preparation, Preparing
from inference_server.protocol.wire import WireError

POLL_S = 0.2


class Listener:
    """A thread with a feed socket. ``latencies_ms``: from file close to verdict in hand.

    ``tell`` is called from that thread with each step of the preparation.
    """

    def __init__(self, address: str, key: KeyFile, tell: Callable[[Preparation], None]) -> None:
        self.latencies_ms: list[float] = []
        self.last_verdict = time.monotonic()
        self._address, self._key, self._tell = address, key, tell
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
                match item:
                    case (_, _, Judged() as news, _):
                        self._heard(news)
                    case (_, _, Preparing(preparation=preparation), _):
                        self._tell(preparation)

    def _heard(self, news: Judged) -> None:
        # The simulator closes and renames within a millisecond, so the file's own time is its close.
        waited = datetime.now(UTC) - news.verdict.picture_time
        self.latencies_ms.append(1e3 * waited.total_seconds())
        self.last_verdict = time.monotonic()
