"""Alarms for the desktop's tests, every field filled."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from inference_server.protocol.alarms import (
    AlarmCondition,
    AlarmEvent,
    AlarmEventKind,
    AlarmLine,
    AlarmSeverity,
    AlarmState,
)

NOW = datetime(2026, 5, 14, 8, 12, 36, tzinfo=UTC)


def alarm(name: str = "CDC_occupancy", **fields: Any) -> AlarmState:
    known: dict[str, Any] = {
        "plot_type": name,
        "chunked": True,
        "line": AlarmLine.VERDICT,
        "serial": 1,
        "condition": AlarmCondition.UNACKNOWLEDGED,
        "severity": AlarmSeverity.MAJOR,
        "active": True,
        "sentence": "is Bad, 97 % sure",
        "since": NOW,
        "plot_type_id": 1,
        "run": 92317,
        "first_chunk": 8,
        "last_chunk": 9,
        "picture_hash": "a" * 64,
    }
    return AlarmState(**(known | fields))


def event(kind: AlarmEventKind = AlarmEventKind.RAISED, **fields: Any) -> AlarmEvent:
    known: dict[str, Any] = {
        "uid": "s-1",
        "at": NOW,
        "kind": kind,
        "plot_type": "CDC_occupancy",
        "chunked": True,
        "line": AlarmLine.VERDICT,
        "severity": AlarmSeverity.MAJOR,
        "condition": AlarmCondition.UNACKNOWLEDGED,
        "sentence": "is Bad, 97 % sure",
        "run": 92317,
        "chunk": 8,
    }
    return AlarmEvent(**(known | fields))
