"""After a training the labeler's queues go by the new model."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from db import catalogue, inferences, labels, models
from db import session as database
from db.session import transaction
from db.tables.judging import InferenceRow
from db.tables.people import CurrentLabelRow
from db.tables.plots import PictureRow
from inference_server import transfer
from inference_server.training import jobs
from inference_server.training.outcome import Order
from inference_server.training.progress import Told
from inference_server.training.rescore import rescore
from tests.db.factories import START, inference, model
from tests.server.pictures import labelled_folder, settings

NEVER_SURE = {"Good": 0.5, "Bad": 0.5}


@pytest.fixture
def site(tmp_path):
    """Labelled pictures with features; one of them has no label any more and an old, vague verdict."""
    config = settings(tmp_path)
    database.migrate(config.database)
    engine = database.connect(config.database)
    sessions = database.sessions(engine)
    folder = labelled_folder(tmp_path / "in")
    transfer.import_labels(config, sessions, folder, run_period="2026-01", threads=1)
    with transaction(sessions) as session:
        kind = catalogue.load(session).plot_types[0].id
        picture = session.scalars(select(PictureRow).order_by(PictureRow.id)).first()
        old = models.add(session, model(kind))
        labels.vote(
            session, picture_id=picture.id, class_name=None, who="import", kind="taken_back",
            at=START, client_id="back",
        )  # fmt: skip
        inferences.store(
            session,
            [
                inference(
                    kind, picture.chunk, run=picture.run, run_period="2026-01", model_id=old,
                    picture_hash=picture.picture_hash, scores=NEVER_SURE, label="Good", confidence=0.5,
                )
            ],
        )  # fmt: skip
        assert not session.get(CurrentLabelRow, picture.id)
    yield config, sessions, kind
    engine.dispose()


def test_that_a_training_looks_again_at_what_waits_and_at_the_labels(site):
    config, sessions, kind = site
    with transaction(sessions) as session:
        wrong = session.scalars(
            select(CurrentLabelRow).where(CurrentLabelRow.class_name == "Bad")
        ).first()
        wrong_id = wrong.picture_id
        labels.vote(
            session, picture_id=wrong_id, class_name="Good", who=wrong.who, at=START, client_id="w"
        )
    heard: list[Told] = []
    made = jobs.train(config, sessions, kind, Order("expert"), threads=1, tell=heard.append)
    with transaction(sessions) as session:
        (row,) = session.scalars(select(InferenceRow))
        assert (row.label, row.confidence, row.scores) == ("Good", 0.5, NEVER_SURE)
        assert row.rescored_by == made
        assert set(row.rescored) == {"Good", "Bad", "NoData"}
        assert row.margin == pytest.approx(inferences.margin(row.rescored))
        suspected = session.get_one(CurrentLabelRow, wrong_id)
        assert suspected.suspected == "Bad"
        assert suspected.suspicion > 0.3
    assert any("Looks again" in told.sentence for told in heard)


def test_that_looking_again_ends_at_once_when_the_training_shall_end(site):
    config, sessions, kind = site
    made = jobs.train(config, sessions, kind, Order("expert"), threads=1)
    with transaction(sessions) as session:
        (row,) = session.scalars(select(InferenceRow))
        row.rescored, row.rescored_by, row.margin = None, None, 0.0
    rescore(config, sessions, made, tell=lambda _told: None, asked=lambda: "pause")
    with transaction(sessions) as session:
        (row,) = session.scalars(select(InferenceRow))
        assert (row.rescored, row.rescored_by, row.margin) == (None, None, 0.0)
