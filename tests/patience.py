"""How long tests wait for what will come: far longer than it takes, for that costs nothing once it is there."""

from __future__ import annotations

from typing import Any

from pytestqt.qtbot import QtBot

from inference_server.protocol.client import ControlClient
from inference_server.protocol.messages import Reply, Request, Snapshot

PATIENCE_S = 60.0
PATIENCE_MS = round(1000 * PATIENCE_S)


class PatientBot(QtBot):
    """pytest-qt gives up after five seconds, and a busy machine can need that for one window."""

    def waitUntil(self, callback: Any, *, timeout: int = PATIENCE_MS) -> None:  # noqa: N802
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **how: Any) -> Any:  # noqa: N802
        return super().waitSignal(signal, timeout=timeout, **how)


class PatientClient(ControlClient):
    """A client for people gives up after five seconds too."""

    def ask(self, request: Request, timeout_s: float = PATIENCE_S) -> tuple[Reply, list[bytes]]:
        return super().ask(request, timeout_s)

    def snapshot(self, timeout_s: float = PATIENCE_S) -> Snapshot:
        return super().snapshot(timeout_s)
