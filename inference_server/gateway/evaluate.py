"""Asks a head about stored pictures whose features are known: numpy only, a little at each request."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from db import evaluations, labels
from db.evaluations import Evaluated, Wanted
from db.session import transaction
from db.values import Model
from inference_server.gateway.answers import Means
from inference_server.gateway.remembered import Asked
from inference_server.predict import heads

CHUNK = 1000  # pictures in one transaction: 5 MB of features
BUDGET_S = 1.5  # well below the patience of a desktop, which asks again while pictures wait
OVERLAP = 200  # votes that are looked at again: a smaller number may be stored a moment later


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a model is with the pictures; ``waiting``: asked next time, ``note`` for people."""

    waiting: int = 0
    note: str = ""


def catch_up(means: Means, model: Model, purpose: str) -> Progress:
    """Judge pictures ("replay": labelled, "shadow": live) for BUDGET_S at most. Raises DatabaseAway."""
    if model.kind != "head":  # trainings let networks look through the pictures
        with transaction(means.sessions) as session:
            left = evaluations.waiting(session, Wanted(model.id, purpose))
        return Progress(note=_left_out(left) if purpose == "replay" else "")
    try:
        head = heads.load(means.config.models_dir / model.folder)
    except heads.HeadError as error:
        return Progress(note=str(error))
    with transaction(means.sessions) as session:
        vote, classes = labels.newest(session), evaluations.teaching(session)
        done = purpose == "replay" and evaluations.complete(session, model.id)
    if done:
        return Progress()
    since = means.remembered.since(model.id, classes) if purpose == "replay" else 0
    wanted = Wanted(model.id, purpose, max(0, since - OVERLAP))
    finished, until = False, time.monotonic() + BUDGET_S
    while not finished and time.monotonic() < until:
        finished = not _judge_some(means, head, wanted)
    with transaction(means.sessions) as session:
        left = evaluations.waiting(session, wanted)
    if not finished:
        return Progress(waiting=left)
    if purpose == "replay" and not left:
        means.remembered.asked[model.id] = Asked(vote, classes)
    return Progress(note=_left_out(left) if purpose == "replay" else "")


def _left_out(left: int) -> str:
    if not left:
        return ""
    return f"{left} labelled pictures are not counted: a training has to look at them first."


def _judge_some(means: Means, head: heads.Head, wanted: Wanted) -> int:
    with transaction(means.sessions) as session:
        rows = evaluations.unjudged(session, wanted, head.card.backbone, CHUNK)
    if not rows:
        return 0
    features = np.stack([np.frombuffer(vector, "<f2") for _, vector in rows]).astype(np.float32)
    found = [
        Evaluated(picture, dict(zip(head.card.labels, map(float, scores), strict=True)))
        for (picture, _), scores in zip(rows, head.scores(features), strict=True)
    ]
    with transaction(means.sessions) as session:
        evaluations.add(session, wanted.model_id, wanted.purpose, found)
    return len(rows)
