from __future__ import annotations

import csv
import os
import shutil
import threading
from datetime import UTC, datetime

import numpy as np
import pytest
import zmq
from sqlalchemy import select

from db import catalogue, labels, library, matrix, pictures, reports, trainings
from db import models as model_rows
from db import session as database
from db.session import transaction
from db.tables.models import ThresholdRow
from inference_server import bus, transfer
from inference_server.messages import CatalogueTouched, Pulse, TrainingMoved, TrainJob
from inference_server.predict import heads, pixels
from inference_server.predict.backbone import identity
from inference_server.protocol.wire import pack, unpack
from inference_server.sockets import bound
from inference_server.training import jobs, plan, service
from inference_server.training.dataset import NotTrainable
from inference_server.training.expected import Took
from inference_server.training.outcome import Order
from inference_server.training.progress import Stopped
from inference_server.training.recipe import Recipe, from_settings
from tests.server.pictures import labelled_folder, plot, settings

EXPERT = Order("expert")


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """A data directory with labelled pictures and their features, to be copied."""
    folder = tmp_path_factory.mktemp("imported")
    config = settings(folder)
    database.migrate(config.database)
    engine = database.connect(config.database)
    pictures_in = labelled_folder(tmp_path_factory.mktemp("in"))
    transfer.import_labels(
        config, database.sessions(engine), pictures_in, run_period="2026-01", threads=1
    )
    engine.dispose()
    return folder


@pytest.fixture
def config(tmp_path, imported):
    shutil.copytree(imported, tmp_path, dirs_exist_ok=True)
    return settings(tmp_path)


@pytest.fixture
def sqlite_sessions(config):
    engine = database.connect(config.database)
    yield database.sessions(engine)
    engine.dispose()


@pytest.fixture
def plot_type_id(sqlite_sessions):
    with transaction(sqlite_sessions) as session:
        return catalogue.load(session).plot_types[0].id


def loaded(sessions, plot_type_id):
    with transaction(sessions) as session:
        (plot_type,) = catalogue.load(session).plot_types
        return plot_type, {each.id: each for each in model_rows.history(session, plot_type_id)}


def test_that_a_training_ends_in_an_active_model_that_judges(config, sqlite_sessions, plot_type_id):
    heard = []
    model_id = jobs.train(
        config,
        sqlite_sessions,
        plot_type_id,
        EXPERT,
        Recipe(seed=3),
        threads=1,
        tell=heard.append,
    )
    plot_type, models = loaded(sqlite_sessions, plot_type_id)
    assert plot_type.model_id == model_id
    model = models[model_id]
    assert (model.seed, model.who, model.labels) == (3, "expert", ("Bad", "Good", "NoData"))
    assert model.metrics["accuracy"] > 0.8
    assert set(model.thresholds) == set(model.labels)
    assert {"python", "torch", "timm", "numpy"} <= set(model.versions)
    with transaction(sqlite_sessions) as session:
        (took,) = (Took.of(*each) for each in library.trained(session))
    assert (took.depth, took.pictures, took.looked) == ("quick", 24, 0)
    assert took.train_s > 0
    assert [told.fraction for told in heard] == sorted(told.fraction for told in heard)
    head = heads.load(config.models_dir / model.folder)
    assert head.card.backbone == identity(config.backbone)
    with transaction(sqlite_sessions) as session:
        known = pictures.labelled(session, plot_type_id, head.card.backbone)
    features = np.stack([np.frombuffer(each.features, "<f2") for each in known]).astype(np.float32)
    right = [head.card.labels.index(each.class_name) for each in known]
    assert (head.scores(features).argmax(axis=1) == right).mean() > 0.9


def test_that_what_was_said_of_unseen_runs_is_kept_for_the_confusion_matrix(
    config, sqlite_sessions, plot_type_id
):
    model_id = jobs.train(config, sqlite_sessions, plot_type_id, EXPERT, Recipe(), threads=1)
    _, models = loaded(sqlite_sessions, plot_type_id)
    with transaction(sqlite_sessions) as session:
        bars = matrix.tally(session, model_id, "validation")
    known = models[model_id].metrics
    right = sum(bar.count for bar in bars if bar.expert == bar.said)
    assert sum(bar.count for bar in bars) == known["validation"] == 24
    assert right / 24 == pytest.approx(known["accuracy"])


def test_that_a_retraining_knows_its_parent_and_touches_no_picture(
    config, sqlite_sessions, plot_type_id, monkeypatch
):
    parent = jobs.train(config, sqlite_sessions, plot_type_id, EXPERT, threads=1)

    def no_pixels(*_args):
        raise AssertionError("a picture was decoded")

    monkeypatch.setattr(pixels, "decode", no_pixels)
    child = jobs.train(
        config, sqlite_sessions, plot_type_id, Order("expert", activate=False), threads=1
    )
    plot_type, models = loaded(sqlite_sessions, plot_type_id)
    assert models[child].parent_id == parent
    assert plot_type.model_id == parent


def test_that_features_of_another_backbone_are_computed_from_the_stored_pictures(
    tmp_path, config, sqlite_sessions, plot_type_id
):
    import msgspec

    other = msgspec.structs.replace(
        config, backbone=msgspec.structs.replace(config.backbone, size=48)
    )
    model_id = jobs.train(other, sqlite_sessions, plot_type_id, EXPERT, threads=1)
    _, models = loaded(sqlite_sessions, plot_type_id)
    assert models[model_id].backbone == "efficientnet_lite0@48"
    with transaction(sqlite_sessions) as session:
        known = pictures.labelled(session, plot_type_id, "efficientnet_lite0@48")
    assert all(each.features for each in known)


def test_that_only_the_wanted_runs_teach(config, sqlite_sessions, plot_type_id):
    model_id = jobs.train(
        config, sqlite_sessions, plot_type_id, EXPERT, Recipe(runs="100-101,103"), threads=1
    )
    _, models = loaded(sqlite_sessions, plot_type_id)
    assert models[model_id].metrics["pictures"] == 18


@pytest.mark.parametrize(
    ("extra", "word"),
    [
        ({"runs": "500"}, "no labelled pictures in these runs"),
        ({"runs": "abc"}, "not a run"),
        ({"run_periods": "2031"}, "no labelled pictures"),
    ],
    ids=["unknown runs", "no number", "unknown period"],
)
def test_that_nothing_to_train_on_is_said_in_a_sentence(
    config, sqlite_sessions, plot_type_id, extra, word
):
    with pytest.raises(NotTrainable, match=word):
        jobs.train(config, sqlite_sessions, plot_type_id, EXPERT, Recipe(**extra), threads=1)


def test_that_one_class_is_not_enough(tmp_path, config, sqlite_sessions):
    (tmp_path / "in" / "Good").mkdir(parents=True)
    for chunk in range(3):
        (tmp_path / "in" / "Good" / f"ST_000001_{chunk:04d}.png").write_bytes(plot("Good", chunk))
    transfer.import_labels(config, sqlite_sessions, tmp_path / "in")
    with transaction(sqlite_sessions) as session:
        plot_type = catalogue.load(session).plot_types[1]
    with pytest.raises(NotTrainable, match="ST has labels of only one class"):
        jobs.train(config, sqlite_sessions, plot_type.id, EXPERT, threads=1)


@pytest.fixture
def trainer(config, monkeypatch):
    """The role on a thread, with the gateway's two sockets in the hands of the test."""
    monkeypatch.setattr(os, "nice", lambda _: 0)  # the tests themselves keep their priority
    news = bound(config, zmq.SUB, "bus")
    news.subscribe(b"")
    control = bound(config, zmq.PUB, "control")
    stop = threading.Event()
    thread = threading.Thread(target=service.run, args=(config, 1, stop))

    def begin():
        thread.start()
        return news, control

    yield begin
    stop.set()
    thread.join(timeout=60)
    news.close()
    control.close()
    assert not thread.is_alive()


def wait_for(news, wanted):
    """The news until ``wanted`` says so of one."""
    heard = []
    while news.poll(60_000):
        heard.append(unpack(bus.BUS, news.recv_multipart())[0])
        if wanted(heard[-1]):
            return heard
    raise AssertionError(f"never heard it; only {heard}")


def ended(message):
    return isinstance(message, TrainingMoved) and message.training.state in {"done", "failed"}


def queue(sessions, plot_type_id, **extra):
    with transaction(sessions) as session:
        return trainings.queue(session, plot_type_id, who="expert", settings=extra)


def test_that_the_trainer_takes_what_waits_and_tells_of_it(
    config, sqlite_sessions, plot_type_id, trainer
):
    job = queue(sqlite_sessions, plot_type_id, activate=True)
    news, control = trainer()
    heard = wait_for(news, lambda message: isinstance(message, CatalogueTouched))
    told = [each.training for each in heard if isinstance(each, TrainingMoved)]
    assert told[-1].job_id == job
    assert told[-1].state == "done"
    assert told[-1].metrics["accuracy"] > 0.8
    plot_type, _ = loaded(sqlite_sessions, plot_type_id)
    assert plot_type.model_id == told[-1].model_id
    second = queue(sqlite_sessions, plot_type_id, runs="999")
    control.send_multipart(pack(TrainJob(job_id=second)))
    heard = wait_for(news, ended)
    assert heard[-1].training.state == "failed"
    assert "label at least 5" in heard[-1].training.sentence


def test_that_a_training_that_was_cut_off_begins_again(
    config, sqlite_sessions, plot_type_id, trainer
):
    job = queue(sqlite_sessions, plot_type_id)
    with transaction(sqlite_sessions) as session:
        assert trainings.take(session).id == job
    news, _ = trainer()
    heard = wait_for(news, ended)
    assert heard[-1].training.state == "done"
    assert any(isinstance(each, Pulse) for each in heard) or wait_for(
        news, lambda message: isinstance(message, Pulse)
    )


FULL = {"depth": "full", "network": "mobilenet_v3_small", "size": 32, "batch": 4}


def wait_until(news, sessions, job, wanted):
    """The last news of a training for which ``wanted`` holds."""

    def of_job(message):
        return isinstance(message, TrainingMoved) and message.training.job_id == job

    heard = wait_for(news, lambda message: of_job(message) and wanted(message.training))
    return heard[-1].training


def wish(sessions, job, what):
    with transaction(sessions) as session:
        trainings.wish(session, job, what, "expert")


def test_that_a_full_training_goes_on_after_the_server_was_down(
    config, sqlite_sessions, plot_type_id, trainer
):
    job = queue(sqlite_sessions, plot_type_id, **FULL, epochs=2)
    with transaction(sqlite_sessions) as session:
        assert trainings.take(session).id == job
    told = []
    with pytest.raises(Stopped):  # as the role does when the server goes down
        jobs.train(
            config, sqlite_sessions, plot_type_id, EXPERT, from_settings(FULL | {"epochs": 2}),
            threads=1, tell=told.append, work=jobs.work_dir(config, job),
            asked=lambda: "pause" if told and told[-1].can_keep else "",
        )  # fmt: skip
    frozen = jobs.work_dir(config, job) / plan.PLAN
    assert frozen.exists()
    relabel_everything(sqlite_sessions, plot_type_id)
    news, _ = trainer()
    done = wait_until(news, sqlite_sessions, job, lambda training: training.state == "done")
    assert [point.number for point in done.curve] == [1, 2]
    _, models = loaded(sqlite_sessions, plot_type_id)
    assert models[done.model_id].labels == ("Bad", "Good", "NoData"), "the labels of its start"


def relabel_everything(sessions, plot_type_id):
    with transaction(sessions) as session:
        for each in pictures.labelled(session, plot_type_id, "none"):
            labels.vote(
                session, picture_id=each.picture_id, class_name="Good", who="expert",
                at=datetime.now(UTC), client_id=f"again-{each.picture_id}",
            )  # fmt: skip


def test_that_a_waiting_training_that_nobody_wants_any_more_never_begins(
    config, sqlite_sessions, plot_type_id, trainer
):
    first, second = (queue(sqlite_sessions, plot_type_id) for _ in range(2))
    wish(sqlite_sessions, first, "stop")
    news, _ = trainer()
    wait_until(news, sqlite_sessions, second, lambda training: training.state == "done")
    with transaction(sqlite_sessions) as session:
        assert trainings.one(session, first).state == "stopped"
        with pytest.raises(ValueError, match="has ended"):
            trainings.wish(session, first, "keep", "expert")


def test_that_a_thorough_training_learns_from_changed_copies(config, sqlite_sessions, plot_type_id):
    quick, thorough = (
        jobs.train(config, sqlite_sessions, plot_type_id, EXPERT, recipe, threads=1)
        for recipe in (Recipe(), Recipe(depth="thorough", copies=2))
    )
    _, models = loaded(sqlite_sessions, plot_type_id)
    assert models[thorough].settings["copies"] == 2 * 24
    assert models[thorough].settings["data_set"] == models[quick].settings["data_set"]
    assert models[thorough].metrics["pictures"] == 24, "figures are of pictures as they came"
    one, other = (
        heads.load(config.models_dir / models[each].folder).weights.matrix
        for each in (quick, thorough)
    )
    assert not np.array_equal(one, other)


def test_that_the_same_training_again_gives_the_same_weights(config, sqlite_sessions, plot_type_id):
    recipe = Recipe(depth="thorough", copies=1, seed=7)
    one, again = (
        jobs.train(config, sqlite_sessions, plot_type_id, EXPERT, recipe, threads=1)
        for _ in range(2)
    )
    _, models = loaded(sqlite_sessions, plot_type_id)
    first, second = (
        (config.models_dir / models[each].folder / heads.WEIGHTS).read_bytes()
        for each in (one, again)
    )
    assert first == second
    assert models[one].versions == models[again].versions


def test_that_the_model_knows_its_pictures_and_asks_about_its_mistakes(
    config, sqlite_sessions, plot_type_id
):
    with transaction(sqlite_sessions) as session:
        odd = pictures.labelled(session, plot_type_id, "none")[0]
        wrong = "Good" if odd.class_name != "Good" else "Bad"
        labels.vote(
            session, picture_id=odd.picture_id, class_name=wrong, who="tired", client_id="1",
            at=datetime.now(UTC),
        )  # fmt: skip
    model_id = jobs.train(config, sqlite_sessions, plot_type_id, EXPERT, threads=1)
    with transaction(sqlite_sessions) as session:
        seen = model_rows.training_set(session, model_id)
        asked = reports.mistakes(session, model_id)
    assert len(seen) == 24
    assert (odd.picture_id, wrong, "training") in seen
    assert (odd.picture_id, wrong) in {(each.picture_id, each.labelled) for each in asked}
    assert [each.confidence for each in asked] == sorted(
        (each.confidence for each in asked), reverse=True
    )


def test_that_chunked_and_whole_run_plots_can_teach_together(
    tmp_path, config, sqlite_sessions, plot_type_id
):
    other = labelled_folder(tmp_path / "whole", runs=2)
    rows = [["path", "plot_type", "run", "label"]]
    rows += [
        [str(path), "CDC_occupancy", 500 + number, path.parent.name]
        for number, path in enumerate(sorted(other.rglob("*.png")))
    ]
    with (tmp_path / "whole.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    transfer.import_labels(config, sqlite_sessions, tmp_path / "whole.csv")
    alone, merged = (
        jobs.train(config, sqlite_sessions, plot_type_id, EXPERT, recipe, threads=1)
        for recipe in (Recipe(), Recipe(merge=True))
    )
    with transaction(sqlite_sessions) as session:
        found = {each.id: each for each in model_rows.history(session, plot_type_id)}
    assert (found[alone].merged, found[alone].metrics["pictures"]) == (False, 24)
    assert (found[merged].merged, found[merged].metrics["pictures"]) == (True, 36)


def test_that_a_wanted_precision_is_kept_with_its_thresholds(config, sqlite_sessions, plot_type_id):
    recipe = Recipe(precision=0.9)
    model_id = jobs.train(config, sqlite_sessions, plot_type_id, EXPERT, recipe, threads=1)
    with transaction(sqlite_sessions) as session:
        rows = session.scalars(select(ThresholdRow).where(ThresholdRow.model_id == model_id))
        methods = {row.class_name: row.method for row in rows}
    assert methods == {"Bad": "precision", "Good": "max_f1", "NoData": "max_f1"}
