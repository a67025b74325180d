from __future__ import annotations

import os
import threading

import numpy as np
import pytest
import zmq

from db import catalogue, matrix, pictures, trainings
from db import models as model_rows
from db.session import transaction
from inference_server import bus, transfer
from inference_server.messages import CatalogueTouched, Pulse, TrainingMoved, TrainJob
from inference_server.predict import heads, pixels
from inference_server.predict.backbone import identity
from inference_server.protocol.wire import pack, unpack
from inference_server.sockets import bound
from inference_server.training import jobs, service
from inference_server.training.dataset import NotTrainable
from inference_server.training.outcome import Order
from inference_server.training.recipe import Recipe
from tests.server.pictures import labelled_folder, plot, settings

EXPERT = Order("expert")


@pytest.fixture
def config(tmp_path):
    return settings(tmp_path)


@pytest.fixture
def plot_type_id(tmp_path, config, sqlite_sessions):
    transfer.import_labels(
        config, sqlite_sessions, labelled_folder(tmp_path / "in"), run_period="2026-01"
    )
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
        bars = matrix.bars(session, model_id, "validation")
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
        (plot_type,) = catalogue.load(session).plot_types
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
    thread.join(timeout=30)
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
