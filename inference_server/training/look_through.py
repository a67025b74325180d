"""After a training: whole networks judge all labelled pictures, for the matrix on all of them.

A head does that from cached features when somebody asks. A network has to see the pictures.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from sqlalchemy.orm import Session, sessionmaker

from db import catalogue, evaluations, models
from db.evaluations import Evaluated, Unseen, Wanted
from db.session import DatabaseAway, transaction
from db.values import Model
from inference_server.config import Config
from inference_server.predict import fast, heads, pixels
from inference_server.predict.heads import Card, Floats
from inference_server.predict.pixels import Limits, Pixels, Unreadable
from inference_server.store import PictureStore
from inference_server.training.progress import Asked, Tell, Told

log = logging.getLogger(__name__)

CHUNK = 64  # pictures in one transaction


def look_through(
    config: Config,
    sessions: sessionmaker[Session],
    model_id: int,
    *,
    threads: int,
    tell: Tell,
    asked: Asked,
) -> None:
    """Let a new network, and the live one, judge the labelled pictures that they have not judged.

    Ends early when the training shall end; no error: the model is there already.
    """
    try:
        for model in _networks(sessions, model_id):
            _judge(config, sessions, model, max(1, threads), tell, asked)
    except (DatabaseAway, heads.HeadError, OSError) as error:
        log.warning("labelled pictures were left unjudged: %s", error)


def _networks(sessions: sessionmaker[Session], model_id: int) -> list[Model]:
    with transaction(sessions) as session:
        (fresh,) = models.load(session, [model_id])
        known = {each.id: each.model_id for each in catalogue.load(session).plot_types}
        live = known.get(fresh.plot_type_id)
        found = models.load(session, {model_id, live or model_id})
    return [each for each in found if each.kind == "network"]


def _judge(
    config: Config,
    sessions: sessionmaker[Session],
    model: Model,
    threads: int,
    tell: Tell,
    asked: Asked,
) -> None:
    with transaction(sessions) as session:
        wanted = evaluations.unseen(session, Wanted(model.id, "replay"))
    card, scores = _loaded(config, model, threads)
    store, limits = PictureStore(config.pictures_dir), Limits.of(config)

    def prepared(each: Unseen) -> Pixels | None:
        data = store.read(each.picture_hash, each.extension)
        try:
            return None if data is None else pixels.fit(pixels.decode(data, limits), card.size)
        except Unreadable:
            return None

    with ThreadPoolExecutor(threads, thread_name_prefix="decode") as pool:
        for start in range(0, len(wanted), CHUNK):
            if asked() in {"stop", "pause"}:  # to keep the best is no reason
                break
            tell(Told(f"Judges all labelled pictures: {start} of {len(wanted)}.", 0.99))
            part = wanted[start : start + CHUNK]
            _keep(sessions, model, part, list(pool.map(prepared, part)), scores)
    store.close()


def _loaded(config: Config, model: Model, threads: int) -> tuple[Card, Callable[[Pixels], Floats]]:
    folder = config.models_dir / model.folder
    card = heads.read_card(folder)
    if (quick := fast.load(folder, card, threads)) is not None:
        return card, quick.scores
    from inference_server.predict import whole

    return card, whole.load(folder).scores


def _keep(
    sessions: sessionmaker[Session],
    model: Model,
    part: Sequence[Unseen],
    seen: Sequence[Pixels | None],
    scores: Callable[[Pixels], Floats],
) -> None:
    there = [
        (each, picture) for each, picture in zip(part, seen, strict=True) if picture is not None
    ]
    if not there:
        return
    found = scores(np.stack([picture for _, picture in there]))
    rows = [
        Evaluated(each.picture_id, dict(zip(model.labels, map(float, row), strict=True)))
        for (each, _), row in zip(there, found, strict=True)
    ]
    with transaction(sessions) as session:
        evaluations.add(session, model.id, "replay", rows)
