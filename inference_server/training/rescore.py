"""After a training: the new model's word on pictures that wait for a label, and on labels themselves."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from sqlalchemy.orm import Session, sessionmaker

from db import models, rescoring, suspicions
from db.session import DatabaseAway, transaction
from inference_server.config import Config
from inference_server.predict import heads
from inference_server.training.progress import Asked, Tell, Told

log = logging.getLogger(__name__)

CHUNK = 500  # pictures in one transaction: live verdicts wait for none longer than some 50 ms
MOST = 50_000  # waiting pictures, the newest


def rescore(
    config: Config, sessions: sessionmaker[Session], model_id: int, *, tell: Tell, asked: Asked
) -> None:
    """Renew what the labeler's queues go by. Ends early when the training shall end; no error: the
    model is there already, and the next training does it again.
    """
    try:
        _labels(sessions, model_id, asked)
        _waiting(config, sessions, model_id, tell, asked)
    except (DatabaseAway, heads.HeadError) as error:
        log.warning("the labeler's queues were not renewed: %s", error)


def _labels(sessions: sessionmaker[Session], model_id: int, asked: Asked) -> None:
    after: int | None = 0
    while after is not None and not asked():
        with transaction(sessions) as session:
            after = suspicions.renew(session, model_id, after)


def _waiting(
    config: Config, sessions: sessionmaker[Session], model_id: int, tell: Tell, asked: Asked
) -> None:
    with transaction(sessions) as session:
        (model,) = models.load(session, [model_id])
    if model.kind != "head":
        return  # a whole network has no cached features to judge by
    head = heads.load(config.models_dir / model.folder)
    with transaction(sessions) as session:
        ids = rescoring.waiting(session, model.plot_type_id, MOST)
    for start in range(0, len(ids), CHUNK):
        if asked():
            return
        tell(Told(f"Looks again at pictures that wait: {start} of {len(ids)}.", 0.99))
        _some(sessions, model_id, head, ids[start : start + CHUNK])


def _some(
    sessions: sessionmaker[Session], model_id: int, head: heads.Head, ids: Sequence[int]
) -> None:
    with transaction(sessions) as session:
        found = rescoring.features(session, ids, head.card.backbone)
    if not found:
        return
    table = np.stack([np.frombuffer(each, "<f2") for each in found.values()]).astype(np.float32)
    scores = {
        picture: dict(zip(head.card.labels, map(float, row), strict=True))
        for picture, row in zip(found, head.scores(table), strict=True)
    }
    with transaction(sessions) as session:
        rescoring.keep(session, model_id, scores)
