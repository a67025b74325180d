"""Values for the desktop's tests, every field filled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage

from inference_server.protocol.messages import ClassScore, PlotTypeInfo, Severity, Verdict

NOW = datetime(2026, 5, 14, 8, 12, 36, tzinfo=UTC)
SEVERITY = {
    "Good": Severity.GOOD,
    "Bad": Severity.BAD,
    "HotChannel": Severity.WARNING,
    "NoData": Severity.NEUTRAL,
    "NoModel": Severity.NEUTRAL,
}
THRESHOLDS = {"Good": 0.5, "Bad": 0.65, "NoData": 0.9}


def kind(number: int = 1, **changes: Any) -> PlotTypeInfo:
    known: dict[str, Any] = {
        "id": number,
        "name": f"Plot_{number:03}",
        "chunked": True,
        "group": "CDC",
        "guidance": "Check the high voltage.",
        "contact": "Drift chamber expert",
        "model_id": 35,
        "model_name": "heads of May",
        "stale_after_s": 180.0,
    }
    return PlotTypeInfo(**(known | changes))


def verdict(
    number: int = 1,
    label: str = "Good",
    sure: float = 0.97,
    *,
    confirmed: bool = True,
    age_s: float = 2.0,
    **changes: Any,
) -> Verdict:
    at = NOW - timedelta(seconds=age_s)
    rest = [name for name in THRESHOLDS if name != label][:2]
    shares = [(label, sure), (rest[0], (1 - sure) * 0.7), (rest[1], (1 - sure) * 0.3)]
    known: dict[str, Any] = {
        "plot_type_id": number,
        "plot_type": f"Plot_{number:03}",
        "chunked": True,
        "run_period": "2026-05",
        "run": 92317,
        "chunk": 8,
        "picture_hash": f"{number}-{label}-{age_s}",
        "label": label,
        "severity": SEVERITY[label],
        "confidence": sure,
        "confirmed": confirmed,
        "scores": tuple(
            ClassScore(name=n, severity=SEVERITY[n], confidence=c, threshold=THRESHOLDS.get(n, 0.5))
            for n, c in shares
        ),
        "anomaly": 6.2,
        "model_id": 35,
        "picture_time": at,
        "judged_at": at,
        "latency_ms": 140.0,
    }
    return Verdict(**(known | changes))


def png(width: int = 40, height: int = 30, colour: str = "#204080") -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(held.data())
