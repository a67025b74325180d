"""Judges stored pictures anew for a replay: whole networks, and heads whose features were not kept."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from sqlalchemy.orm import Session, sessionmaker

from db import reruns
from db.reruns import Subject
from db.session import transaction
from inference_server.config import Config
from inference_server.explain.seen import laid_over
from inference_server.predict import joined, pixels
from inference_server.predict.heads import Card, HeadError
from inference_server.predict.joined import Joined
from inference_server.predict.patches import lay
from inference_server.predict.pixels import Limits, Pixels, Unreadable
from inference_server.predict.weights import NetworkError
from inference_server.store import PictureStore

log = logging.getLogger(__name__)

BATCH = 8
_KEPT = 2  # models held in memory

Scores = dict[str, float]


class Rejudge:
    """Used by one thread. What it says is kept as an evaluation, never as a verdict."""

    def __init__(
        self,
        config: Config,
        sessions: sessionmaker[Session],
        pictures: PictureStore,
        threads: int,
    ) -> None:
        torch.set_num_threads(max(1, threads))
        self._config, self._sessions, self._pictures = config, sessions, pictures
        self._limits = Limits.of(config)
        self._loaded = lru_cache(maxsize=_KEPT)(self._load)

    def judge(self, model_id: int, picture_ids: Sequence[int]) -> None:
        """Ask the model about the pictures and keep what it says. Raises DatabaseAway.

        A picture that cannot be judged is kept with no scores, so that nobody waits for it.
        """
        with transaction(self._sessions) as session:
            folder, subjects = reruns.subjects(session, model_id, picture_ids)
        said: dict[int, Scores] = {each.picture_id: {} for each in subjects}
        if folder:
            try:
                said |= self._ask(folder, subjects)
            except (HeadError, NetworkError) as error:
                log.error("model %s does not judge in a replay: %s", model_id, error)
        with transaction(self._sessions) as session:
            reruns.keep(session, model_id, said)

    def _ask(self, folder: str, subjects: Sequence[Subject]) -> dict[int, Scores]:
        card, network, size = self._loaded(folder)
        fitted = {
            each.picture_id: found
            for each in subjects
            if (found := self._fit(each, size)) is not None
        }
        if not fitted:
            return {}
        with torch.inference_mode():
            batch = torch.from_numpy(np.ascontiguousarray(np.stack(list(fitted.values()))))
            rows = network(batch).float().cpu().numpy()
        return {
            picture: dict(zip(card.labels, map(float, row), strict=True))
            for picture, row in zip(fitted, rows, strict=True)
        }

    def _fit(self, subject: Subject, size: int) -> Pixels | None:
        data = self._pictures.read(subject.picture_hash, subject.extension)
        if data is None:
            return None
        try:
            picture = pixels.decode(data, self._limits)
        except Unreadable:
            return None
        laid = laid_over(self._sessions, self._pictures, self._limits, subject.masked)
        return pixels.fit(lay(picture, laid), size)

    def _load(self, folder: str) -> tuple[Card, Joined, int]:
        return joined.join(self._config.backbone, Path(self._config.models_dir) / folder)
