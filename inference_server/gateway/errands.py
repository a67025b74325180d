"""What waits for disk or database is done on a small pool; what comes of it, in the gateway's own thread."""

from __future__ import annotations

import logging
import queue
import socket
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress

from db.session import DatabaseAway

log = logging.getLogger(__name__)

POOL = 4


class Errands:
    """The pool hands back small functions, which the loop calls: nothing but the loop changes the state."""

    def __init__(self, stack: ExitStack) -> None:
        # Called in the loop's thread when the database was not there for a job.
        self.away: Callable[[], None] = _nothing
        self._done: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        # Wakes the loop when the pool is done with something; a ZeroMQ socket has one thread only.
        self._bell, self.ear = (stack.enter_context(end) for end in socket.socketpair())
        for end in (self._bell, self.ear):
            end.setblocking(False)
        self._pool = stack.enter_context(ThreadPoolExecutor(POOL, thread_name_prefix="gateway"))
        # Its own, so that no question of a history page stands before an acknowledgement.
        self._alarms = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="alarms"))

    def later(self, job: Callable[[], object], then: Callable[..., None]) -> None:
        """Do ``job`` on the pool, then ``then`` with its result in the loop's thread."""
        self._give(self._pool, job, then)

    def first(self, job: Callable[[], object], then: Callable[..., None]) -> None:
        """The same for what must not stand behind questions: alarms."""
        self._give(self._alarms, job, then)

    def soon(self, what: Callable[[], None]) -> None:
        """Have the loop do something, now; from any thread."""
        self._done.put(what)
        # Full after some hundred rings that nobody heard: then it rings already. To wait here for a loop that
        # has ended, or is the caller itself, would be to wait for ever.
        with suppress(BlockingIOError):
            self._bell.send(b"!")

    def _give(
        self, pool: ThreadPoolExecutor, job: Callable[[], object], then: Callable[..., None]
    ) -> None:
        def work() -> None:
            try:
                result = job()
            except DatabaseAway as error:
                log.warning("%s", error)
                self.soon(self.away)
            else:
                self.soon(lambda: then(result))

        pool.submit(work).add_done_callback(_log_failure)

    def hush(self) -> None:
        """The bell was heard."""
        self.ear.recv(4096)

    def finish(self) -> None:
        """Do what came of the jobs that are done."""
        while not self._done.empty():
            self._done.get()()


def _nothing() -> None:
    """Until somebody wants to know."""


def _log_failure(future: Future[None]) -> None:
    if (error := future.exception()) is not None:
        log.error("a request failed", exc_info=error)
