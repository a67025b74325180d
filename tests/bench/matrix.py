"""Times the confusion matrix of a large plot type: ``python -m tests.bench.matrix URL [--rows 400000]``.

Fills the empty database at ``URL`` with one plot type of six classes: ``--rows`` labelled pictures, which two models
judged in training and one on request. Then it asks a gateway, over an encrypted socket, for what the library page
shows, and prints median and longest of ten.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, sessionmaker

from db import catalogue, evaluations, models, session
from db.tables.judging import EvaluationRow
from db.tables.models import TrainingSetRow
from db.tables.people import CurrentLabelRow, LabelRow
from db.tables.plots import PictureRow, RunPeriodRow
from db.values import NewModel
from inference_server.config import Config
from inference_server.predict.heads import Card, Head, Weights, save
from inference_server.protocol import comparison as duel
from inference_server.protocol import curves as crv
from inference_server.protocol import matrix as mat
from inference_server.protocol import messages as m
from inference_server.protocol import thresholds as thr
from inference_server.protocol.labelling import CastVotes, Vote
from tests.bench.asking import gateway

CLASSES = {
    "Good": ("good", 0.8), "Bad": ("bad", 0.1), "NoData": ("neutral", 0.04),
    "LED": ("neutral", 0.03), "Cosmic": ("neutral", 0.02), "HotChannel": ("warning", 0.01),
}  # fmt: skip
NAMES = tuple(CLASSES)
MISTAKEN = 0.05
PART = 5000
START = datetime(2026, 1, 1, tzinfo=UTC)
BACKBONE = "efficientnet_lite0@224"
Maker = sessionmaker[Session]


# ---------------------------------------------------------------- filling


def fill(maker: Maker, rows: int) -> None:
    """One plot type with ``rows`` labelled pictures and two models."""
    dice = np.random.default_rng(1)
    with session.transaction(maker) as opened:
        for name, (severity, _) in CLASSES.items():
            catalogue.ensure_class(opened, name, severity)
        plot_type = catalogue.register(opened, "CDC", chunked=True, classes=NAMES)
        opened.add(RunPeriodRow(id=1, name="bench"))
        for number in (1, 2):
            models.add(opened, _model(plot_type, number))
    truth = dice.choice(len(NAMES), rows, p=[share for _, share in CLASSES.values()])
    for first in range(1, rows + 1, PART):
        ids = range(first, min(first + PART, rows + 1))
        with session.transaction(maker) as opened:
            _pictures(opened, plot_type, ids, truth)
        for model, purpose in ((1, "validation"), (1, "replay"), (2, "validation")):
            with session.transaction(maker) as opened:
                evaluations.add(opened, model, purpose, _said(dice, ids, truth))


def _model(plot_type: int, number: int) -> NewModel:
    return NewModel(
        plot_type_id=plot_type, name=f"CDC {number}", folder=f"CDC/{number}", who="bench", seed=1,
        backbone=BACKBONE, labels=NAMES, thresholds=dict.fromkeys(NAMES, 0.8731),
    )  # fmt: skip


def _pictures(opened: Session, plot_type: int, ids: range, truth: np.ndarray) -> None:
    names = {number: NAMES[truth[number - 1]] for number in ids}
    opened.execute(insert(PictureRow), [_picture(plot_type, number) for number in ids])
    votes = [_vote(number, name) for number, name in names.items()]
    opened.execute(insert(LabelRow), votes)
    current = [
        {
            "picture_id": n,
            "plot_type_id": plot_type,
            "label_id": n,
            "class_name": name,
            "who": "ann",
            "at": START,
        }
        for n, name in names.items()
    ]
    opened.execute(insert(CurrentLabelRow), current)
    taught = [
        {"model_id": 1, "picture_id": n, "class_name": name, "side": "training"}
        for n, name in names.items()
    ]
    opened.execute(insert(TrainingSetRow), taught)


def _picture(plot_type: int, number: int) -> dict[str, Any]:
    at = START + timedelta(minutes=number)
    return {
        "id": number, "plot_type_id": plot_type, "run_period_id": 1, "run": number // 200, "chunk": number % 200,
        "picture_hash": hashlib.sha256(str(number).encode()).hexdigest(), "file_name": "CDC.png", "extension": "png",
        "width": 800, "height": 600, "size_bytes": 40_000, "stored": True, "source": "bench", "picture_time": at,
        "received_at": at,
    }  # fmt: skip


def _vote(number: int, name: str) -> dict[str, Any]:
    return {
        "id": number, "client_id": f"bench {number}", "picture_id": number, "who": "ann", "class_name": name,
        "kind": "label", "comment": "", "verdict_visible": False, "at": START,
    }  # fmt: skip


def _said(
    dice: np.random.Generator, ids: range, truth: np.ndarray
) -> Iterator[evaluations.Evaluated]:
    wrong = dice.random(len(ids)) < MISTAKEN
    sure = np.where(wrong, 0.35 + 0.6 * dice.random(len(ids)), dice.beta(14, 1, len(ids)))
    for number, mistaken, confidence in zip(ids, wrong, np.clip(sure, 0.34, 1), strict=True):
        top = (truth[number - 1] + mistaken * dice.integers(1, len(NAMES))) % len(NAMES)
        scores = dict.fromkeys(NAMES, (1 - confidence) / (len(NAMES) - 1))
        yield evaluations.Evaluated(number, scores | {NAMES[top]: float(confidence)})


# ---------------------------------------------------------------- asking


def _heads(config: Config) -> None:
    flat = np.zeros(1, np.float32)
    matrix, none = np.zeros((len(NAMES), 1), np.float32), np.zeros((0, 1), np.float16)
    weights = Weights(flat, flat + 1, matrix, np.zeros(len(NAMES), np.float32), none)
    for number in (1, 2):
        card = Card(plot_type="CDC", labels=NAMES, backbone=BACKBONE)
        save(config.models_dir / f"CDC/{number}", Head(card, weights))


def questions() -> dict[str, Callable[[int], m.Request]]:
    """What the library page asks; each gets the number of the repetition."""
    kept, asked = mat.Source.VALIDATION, mat.Source.LABELLED

    def cell(expert: str, said: str, **fields: Any) -> Callable[[int], m.Request]:
        return lambda n: mat.GetMatrixPictures(
            model_id=1, source=kept, expert=expert, said=said, **({"offset": 24 * n} | fields)
        )

    return {
        "matrix, validation": lambda _: mat.GetMatrix(model_id=1, source=kept),
        "matrix, all labelled": lambda _: mat.GetMatrix(model_id=1, source=asked),
        "matrix, unbiased stream": lambda _: mat.GetMatrix(model_id=1, source=mat.Source.UNBIASED),
        "pictures of the largest cell": cell("Good", "Good"),
        "pictures of a small cell": cell("HotChannel", "LED", offset=0),
        "pictures of one bar": cell("Good", "Bad", low=0.8, high=0.825, offset=0),
        "every mistake": cell("", ""),
        "what another threshold does": lambda n: thr.TryThreshold(
            model_id=1, class_name="Bad", threshold=0.5 + 0.0417 * n
        ),
        "curves": lambda _: crv.GetModelCurves(model_id=1, class_name="Bad"),
        "two models": lambda _: duel.CompareModels(model_id=1, other_id=2, source=kept),
        "a label, and the matrix after it": lambda n: CastVotes(votes=(_corrected(n),)),
    }


def _corrected(number: int) -> Vote:
    return Vote(
        picture_id=77 + number,
        class_name="Bad",
        client_id=f"{time.time_ns()}",
        at=datetime.now(UTC),
    )


def measure(url: str, times: int, only: Sequence[str]) -> None:
    """Print the table."""
    with gateway(url, patience_s=120.0, prepare=_heads) as ask:
        for name, question in questions().items():
            if only and not any(word in name for word in only):
                continue
            taken = []
            for number in range(times):
                began = time.perf_counter()
                ask(question(number))
                if "label," in name:
                    ask(mat.GetMatrix(model_id=1))
                taken.append(1e3 * (time.perf_counter() - began))
            middle, longest = np.percentile(taken, (50, 100))
            print(f"| {name} | {middle:.0f} | {longest:.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--only", nargs="*", default=())
    args = parser.parse_args()
    session.migrate(args.url)
    engine = session.connect(args.url)
    maker = session.sessions(engine)
    with session.transaction(maker) as opened:
        empty = not opened.scalar(select(func.count()).select_from(EvaluationRow))
    if empty:
        began = time.monotonic()
        fill(maker, args.rows)
        print(f"filled in {time.monotonic() - began:.0f} s")
    engine.dispose()
    measure(args.url, args.times, args.only)


if __name__ == "__main__":
    main()
