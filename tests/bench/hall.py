"""A hall whose pictures come in when told: a server's database, picture store and gateway in a folder."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import select

from db import catalogue, inferences, models, pictures
from db import session as database
from db.tables.people import LabelRow
from db.values import NewInference
from inference_server import config as settings
from inference_server.config import Backbone, Config
from inference_server.labelled_files import LabelledFile
from inference_server.predict import heads
from inference_server.predict.heads import Head
from inference_server.protocol import keys
from inference_server.store import Item, PictureStore
from inference_server.training import jobs
from inference_server.training.outcome import Order
from tests.bench.learning_curve import Pictures
from tests.ports import free_ports

START = datetime(2026, 1, 1, tzinfo=UTC)


class Hall:
    """Knows the pictures without their labels, and which classes there are."""

    def __init__(
        self, folder: Path, seen: Pictures, files: Sequence[LabelledFile], backbone: Backbone
    ) -> None:
        os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")
        (folder / "run").mkdir(parents=True)
        (folder / "run").chmod(0o700)
        self.config: Config = settings.load(
            None, {"data_dir": str(folder / "data"), "port": free_ports(3)}
        )
        self._backbone, self._seen, self._files = backbone, seen, files
        self.key = folder / "station.key"
        keys.make_client(self.config.keys_dir, "expert", self.key, "")
        self._file = folder / "effective.json"
        self._file.write_bytes(settings.dump(self.config))
        database.migrate(self.config.database)
        self._engine = database.connect(self.config.database)
        self.sessions = database.sessions(self._engine)
        self.rows: dict[int, int] = {}  # of the pictures that came in, by picture id
        self._gateway: subprocess.Popen[bytes] | None = None
        self._kind = self._register(sorted({file.label for file in files}))

    def open(self) -> None:
        """Start the gateway in a process of its own."""
        words = ["-m", "inference_server", "role", "gateway", "--effective", str(self._file)]
        self._gateway = subprocess.Popen([sys.executable, *words])

    def close(self) -> None:
        """End the gateway."""
        if self._gateway is not None:
            self._gateway.kill()
            self._gateway.wait()
        self._engine.dispose()

    def take_in(self, rows: Sequence[int], head: Head | None, *, unbiased: bool) -> None:
        """Let pictures come in, judged by ``head``; ``unbiased``: they were drawn at random."""
        data = {row: self._files[row].path.read_bytes() for row in rows}
        store = PictureStore(self.config.pictures_dir, durable=False)
        hashes = {row: hashlib.sha256(data[row]).hexdigest() for row in rows}
        store.put_many(Item(hashes[row], self._extension(row), data[row]) for row in rows)
        store.close()
        batch = [
            self._judged(row, hashes[row], len(data[row]), head, unbiased=unbiased) for row in rows
        ]
        with database.transaction(self.sessions) as session:
            places = inferences.store(session, batch)
            vectors = self._seen.features.astype("<f2")
            pictures.put_features(
                session,
                [
                    (place.picture_id, self._seen.backbone, vectors[row].tobytes())
                    for place, row in zip(places, rows, strict=True)
                ],
            )
        self.rows |= {place.picture_id: int(row) for place, row in zip(places, rows, strict=True)}

    def train(self) -> Head:
        """A head from the labels in the database, by the server's own training."""
        known = settings.Config(data_dir=self.config.data_dir, backbone=self._backbone)
        number = jobs.train(known, self.sessions, self._kind, Order(who="expert"), threads=1)
        with database.transaction(self.sessions) as session:
            (model,) = models.load(session, [number])
        return heads.load(self.config.models_dir / model.folder)

    def votes(self) -> list[tuple[int, str | None]]:
        """Row and class of every vote, in the order in which they were kept."""
        with database.transaction(self.sessions) as session:
            found = session.execute(
                select(LabelRow.picture_id, LabelRow.class_name).order_by(LabelRow.id)
            ).all()
        return [(self.rows[picture], name) for picture, name in found]

    def _register(self, classes: Sequence[str]) -> int:
        severities = {"Good": "good", "Bad": "bad"}
        with database.transaction(self.sessions) as session:
            for name in classes:
                catalogue.ensure_class(session, name, severities.get(name, "neutral"))
            return catalogue.register(session, self._seen.plot_type, chunked=True, classes=classes)

    def _extension(self, row: int) -> str:
        return self._files[row].path.suffix.lower().lstrip(".")

    def _judged(
        self, row: int, digest: str, size: int, head: Head | None, *, unbiased: bool
    ) -> NewInference:
        file, scores = self._files[row], self._scores(row, head)
        best = max(scores, key=lambda name: scores[name], default="NoModel")
        thresholds = dict(head.card.thresholds) if head else {}
        when = START + timedelta(seconds=row)
        return NewInference(
            plot_type_id=self._kind, run_period=file.run_period, run=file.run, chunk=file.chunk,
            picture_hash=digest, picture_time=when, file_name=file.path.name,
            extension=self._extension(row), width=0, height=0, size_bytes=size, stored=True,
            source="inbox", model_id=self._model(head), label=best,
            confidence=scores.get(best, 0.0),
            confirmed=scores.get(best, 0.0) >= thresholds.get(best, 1.0),
            severity="bad" if best == "Bad" else "neutral", scores=scores, thresholds=thresholds,
            anomaly=None, unbiased=unbiased, collected="unbiased" if unbiased else None,
            run_conditions={}, judged_at=when, decode_ms=0.0, forward_ms=0.0, latency_ms=0.0,
            host="hall",
        )  # fmt: skip

    def _scores(self, row: int, head: Head | None) -> dict[str, float]:
        if head is None:
            return {}
        scores = head.scores(self._seen.features[row : row + 1])[0]
        return dict(zip(head.card.labels, map(float, np.asarray(scores)), strict=True))

    def _model(self, head: Head | None) -> int | None:
        if head is None:
            return None
        with database.transaction(self.sessions) as session:
            (kind,) = catalogue.load(session).plot_types
        return kind.model_id
