"""Run one slow job off the GUI thread, and come back on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

T = TypeVar("T")
_in_flight: set[QObject] = set()


def run(
    owner: QObject,
    job: Callable[[], T],
    *,
    then: Callable[[T], None],
    failed: Callable[[Exception], None],
) -> None:
    """Call ``job`` on a worker thread, then ``then`` or ``failed`` on the GUI thread.

    ``job`` touches no widget. If ``owner`` is gone when the job is done, neither is called.
    """
    relay = _Relay(owner, then, failed)
    _in_flight.add(relay)
    QThreadPool.globalInstance().start(_Job(job, relay))


class _Relay(QObject):
    """Lives on the GUI thread, so its slots are called there."""

    succeeded = Signal(object)
    broke = Signal(object)

    def __init__(
        self, owner: QObject, then: Callable[[Any], None], failed: Callable[[Exception], None]
    ) -> None:
        super().__init__()
        self._owner, self._then, self._failed = owner, then, failed
        self.succeeded.connect(self._on_success)
        self.broke.connect(self._on_failure)

    @Slot(object)
    def _on_success(self, result: object) -> None:
        self._deliver(self._then, result)

    @Slot(object)
    def _on_failure(self, error: Exception) -> None:
        self._deliver(self._failed, error)

    def _deliver(self, callback: Callable[[Any], None], value: object) -> None:
        _in_flight.discard(self)
        if shiboken6.isValid(self._owner):
            callback(value)


class _Job(QRunnable):
    def __init__(self, job: Callable[[], Any], relay: _Relay) -> None:
        super().__init__()
        self._job, self._relay = job, relay

    def run(self) -> None:
        try:
            result = self._job()
        except Exception as error:  # noqa: BLE001 - handed whole to the caller
            self._relay.broke.emit(error)
        else:
            self._relay.succeeded.emit(result)
