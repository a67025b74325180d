"""A model as an ONNX file, for programs that are not Hydra."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import torch
from sqlalchemy.orm import Session, sessionmaker

from db import models
from db.session import transaction
from inference_server.config import Config
from inference_server.predict import export, joined
from inference_server.predict.backbone import trial_pictures

CLOSE = 2e-3  # largest difference of a confidence that counts as equal
OUTPUT = "confidences"


class NotEqual(RuntimeError):
    """The exported file does not compute what the model does."""


def write(config: Config, sessions: sessionmaker[Session], model_id: int, path: Path) -> None:
    """The model as ONNX: (N, size, size, 3) bytes in, calibrated confidences out; any N.

    What it means (plot type, classes, thresholds in force) is in the file's own properties. Nothing is
    left behind that does not compute the same. Raises KeyError, HeadError, NotEqual, OSError.
    """
    with transaction(sessions) as session:
        found = models.load(session, [model_id])
    if not found:
        raise KeyError(f"there is no model {model_id}")
    card, module, size = joined.join(config.backbone, config.models_dir / found[0].folder)
    fresh = path.with_name(f".{path.name}")
    try:
        export.export(module, size, fresh, OUTPUT)
        _describe(fresh, {
            "plot_type": card.plot_type,
            "classes": json.dumps(card.labels),
            "thresholds": json.dumps(found[0].thresholds),
            "input": f"RGB bytes of the plot, scaled to {size} x {size} whatever its shape",
            "model": found[0].name,
        })  # fmt: skip
        _compare(fresh, module, size)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _describe(path: Path, properties: dict[str, str]) -> None:
    model = onnx.load(path)
    for key, value in properties.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.save(model, path)


def _compare(path: Path, module: torch.nn.Module, size: int) -> None:
    pictures = trial_pictures(size)
    with torch.inference_mode():
        expected = module(torch.from_numpy(pictures)).numpy()
    difference = float(np.abs(expected - export.session(path, 1)(pictures)).max())
    if not difference <= CLOSE:
        raise NotEqual(
            f"The ONNX file differs from the model by {difference:.1e} in a confidence, so it was not"
            " written. Another version of onnxscript may help."
        )
