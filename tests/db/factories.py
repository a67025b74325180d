"""Values with every field filled, so that a test names only what matters."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from db.values import NewInference, NewModel

START = datetime(2026, 5, 14, 8, 0, tzinfo=UTC)


def inference(plot_type_id: int, chunk: int = 1, **fields: Any) -> NewInference:
    at = START + timedelta(minutes=chunk)
    run = fields.get("run", 92317)
    content = f"{plot_type_id} {run} {chunk}".encode()
    filled: dict[str, Any] = {
        "plot_type_id": plot_type_id,
        "run_period": "RunPeriod-2026-05",
        "run": 92317,
        "chunk": chunk,
        "picture_hash": hashlib.sha256(content).hexdigest(),
        "picture_time": at,
        "file_name": f"CDC_occupancy_{chunk:04d}.png",
        "extension": "png",
        "width": 800,
        "height": 600,
        "size_bytes": 40_000,
        "stored": True,
        "source": "inbox",
        "model_id": None,
        "label": "Good",
        "confidence": 0.97,
        "confirmed": True,
        "severity": "good",
        "scores": {"Good": 0.97, "Bad": 0.03},
        "thresholds": {"Good": 0.5, "Bad": 0.65},
        "anomaly": 0.4,
        "unbiased": False,
        "collected": None,
        "run_conditions": {"beam_current_nA": 210.0},
        "judged_at": at,
        "decode_ms": 5.0,
        "forward_ms": 12.0,
        "latency_ms": 40.0,
        "host": "dqm-1",
    }
    return NewInference(**(filled | fields))


def model(plot_type_id: int, **fields: Any) -> NewModel:
    filled: dict[str, Any] = {
        "plot_type_id": plot_type_id,
        "name": "CDC_occupancy 1",
        "folder": "CDC_occupancy/1",
        "who": "expert",
        "backbone": "efficientnet_lite0@224",
        "labels": ("Bad", "Good"),
        "seed": 1,
        "thresholds": {"Good": 0.5, "Bad": 0.65},
    }
    return NewModel(**(filled | fields))
