"""A real gateway on loopback with a real database and real model files, for the library's tests."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sqlalchemy.orm import Session, sessionmaker

from db import catalogue, evaluations, inferences, labels, models, pictures
from db import session as database
from db.session import transaction
from inference_server.config import Config
from inference_server.gateway import service
from inference_server.predict.heads import Card, Head, Weights, save
from inference_server.protocol import keys
from inference_server.store import PictureStore
from tests.db.factories import START, inference, model
from tests.ports import free_ports
from tests.server.pictures import settings

BACKBONE = "efficientnet_lite0@64"
CLASSES = {"Good": "good", "Bad": "bad", "NoData": "neutral"}


class Library:
    """What the tests put into the database of the gateway."""

    def __init__(self, config: Config, sessions: sessionmaker[Session]) -> None:
        self.config, self.sessions = config, sessions
        self.key = str(config.data_dir / "key")
        self.address = f"tcp://127.0.0.1:{config.port}"
        with transaction(sessions) as session:
            for name, severity in CLASSES.items():
                catalogue.ensure_class(session, name, severity)
            self.plot_type = catalogue.register(
                session, "CDC_occupancy", chunked=True, classes=list(CLASSES)
            )

    def model(self, name: str = "one", features: int = 3, **fields: Any) -> int:
        """A model that says Bad, Good or NoData by which of its first three features is largest."""
        blank = np.zeros(features, np.float32)
        weights = Weights(blank, blank + 1, np.eye(3, features, dtype=np.float32), blank[:3],
                          np.zeros((0, features), np.float16))  # fmt: skip
        names = tuple(sorted(CLASSES))
        card = Card(plot_type="CDC_occupancy", labels=names, backbone=BACKBONE)
        save(self.config.models_dir / name, Head(card, weights))
        thresholds = {"Good": 0.5, "Bad": 0.65, "NoData": 0.9}
        filled = {"labels": names, "thresholds": thresholds, "backbone": BACKBONE} | fields
        with transaction(self.sessions) as session:
            return models.add(session, model(self.plot_type, name=name, folder=name, **filled))

    def pictures(self, given: Sequence[tuple[str, str, float]], **fields: Any) -> list[int]:
        """Labelled pictures: what a person said, what a model will say, how sure (0..1)."""
        store = PictureStore(self.config.pictures_dir)
        rows = []
        first = fields.pop("start", 1)
        for n, (_, said, _) in enumerate(given, start=first):
            data = _drawn(said, n)
            digest = hashlib.sha256(data).hexdigest()
            store.put(digest, "png", data)
            rows.append(inference(self.plot_type, n, picture_hash=digest, **fields))
        store.close()
        with transaction(self.sessions) as session:
            ids = [place.picture_id for place in inferences.store(session, rows)]
            for picture, (name, said, sure) in zip(ids, given, strict=True):
                labels.vote(session, picture_id=picture, class_name=name, who="ann", at=START,
                            client_id=f"first {picture}")  # fmt: skip
                vector = np.log(np.array([_score(each, said, sure) for each in sorted(CLASSES)]))
                pictures.put_features(
                    session, [(picture, BACKBONE, vector.astype("<f2").tobytes())]
                )
        return ids

    def validated(
        self, model_id: int, ids: Sequence[int], given: Sequence[tuple[str, str, float]]
    ) -> None:
        """What was said of them in training."""
        found = [
            evaluations.Evaluated(
                picture, {each: _score(each, said, sure) for each in sorted(CLASSES)}
            )
            for picture, (_, said, sure) in zip(ids, given, strict=True)
        ]
        with transaction(self.sessions) as session:
            evaluations.add(session, model_id, "validation", found)


def _score(name: str, said: str, sure: float) -> float:
    return sure if name == said else (1 - sure) / (len(CLASSES) - 1)


def _drawn(said: str, seed: int) -> bytes:
    random = np.random.default_rng(seed)
    pixels = np.full((60, 80, 3), 255, np.uint8)
    if said != "NoData":
        pixels[5:55, 5:75, 1] = random.poisson(100, (50, 70)).clip(0, 255)
    if said == "Bad":
        pixels[20:35, 20:40] = 0
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@contextmanager
def running(
    folder: Path,
    database_url: str = "",
    fill: Callable[[Library], None] = lambda _: None,
    **more: object,
) -> Iterator[Library]:
    """A gateway until the context ends; without a URL on SQLite.

    ``fill``: puts in what is to be there when the gateway starts. ``more``: other settings.
    """
    config = settings(folder, port=free_ports(2), database_url=database_url, **more)
    database.migrate(config.database)
    engine = database.connect(config.database)
    keys.server_keys(config.keys_dir)
    library = Library(config, database.sessions(engine))
    keys.make_client(config.keys_dir, "here", folder / "key", library.address)
    fill(library)
    stop = threading.Event()
    with ThreadPoolExecutor(1, thread_name_prefix="gateway") as pool:
        role = pool.submit(service.run, config, stop)
        try:
            yield library
        finally:
            stop.set()
            role.result(60)
            engine.dispose()
