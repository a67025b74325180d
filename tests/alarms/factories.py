"""Verdicts and times for the alarm tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from inference_server.alarms.engine import Engine
from inference_server.alarms.standing import Kind
from inference_server.protocol.alarms import AlarmLine, AlarmRef, Held
from inference_server.protocol.messages import Severity, Verdict
from tests.protocol import examples

START = datetime(2026, 5, 14, 8, 0, tzinfo=UTC)


def at(minutes: float = 0.0) -> datetime:
    return START + timedelta(minutes=minutes)


def verdict(chunk: int, label: str = "Good", *, confirmed: bool = True, **fields: Any) -> Verdict:
    """Chunk ``chunk`` was judged so many minutes after the start."""
    severity = {"Good": Severity.GOOD, "Bad": Severity.BAD, "Hot": Severity.WARNING}[label]
    known: dict[str, Any] = {
        "label": label,
        "severity": severity,
        "confirmed": confirmed,
        "chunk": chunk,
        "picture_hash": f"{chunk:064d}",
        "judged_at": at(chunk),
    }
    return examples.verdict(**(known | fields))


def engine(*names: str) -> Engine:
    made = Engine("t", START)
    kinds = {
        (name, True): Kind(number) for number, name in enumerate(names or ("CDC_occupancy",), 1)
    }
    made.learn(kinds, {})
    return made


def ref(made: Engine, name: str = "CDC_occupancy", line: AlarmLine = AlarmLine.VERDICT) -> AlarmRef:
    held = made._standing((name, True), line)
    return AlarmRef(plot_type=name, chunked=True, line=line, serial=held.line.serial)


def held(minutes: float = 0.0, hours: int | None = None, **fields: Any) -> Held:
    until = at(minutes) + timedelta(hours=hours) if hours else None
    return Held(**({"who": "ann", "why": "seen", "since": at(minutes), "until": until} | fields))
