"""Heat maps: they lie where the fault is, come by themselves for a Bad, and for anything on request."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from datetime import UTC, datetime

import cv2
import msgspec
import numpy as np
import pytest
import zmq

from db import catalogue, heatmaps, inferences, models, pictures, reruns
from db.session import transaction
from db.values import NewModel, NewPicture
from inference_server import bus
from inference_server.config import Backbone
from inference_server.explain import gradcam, service
from inference_server.messages import ExplainJob, HeatmapMade, RerunJob
from inference_server.predict import heads, networks, pixels, whole
from inference_server.predict.backbone import load_backbone
from inference_server.predict.heads import Card
from inference_server.predict.pixels import Limits
from inference_server.protocol.wire import pack, unpack
from inference_server.sockets import bound
from inference_server.store import PictureStore
from inference_server.training.fit import Labelled, fit_head
from tests.db.factories import START, inference
from tests.server.pictures import settings

CONFIG = Backbone(size=224, device="cpu", runtime="torch")
PATIENCE_MS = 60_000
PICTURE = NewPicture(
    plot_type_id=1, run_period="RunPeriod-2026-05", run=92317, chunk=9, picture_hash="", picture_time=START,
    file_name="CDC_0009.png", extension="png", width=8, height=8, size_bytes=9, stored=True, source="inbox",
    collected=None, received_at=START,
)  # fmt: skip


def occupancy(seed, *, dead):
    """A plot of 300 x 400 px, and the rows and columns of its dead region (None: it is well)."""
    random = np.random.default_rng(seed)
    counts = random.poisson(20, (48, 64)).astype(float)
    region = None
    if dead:
        y, x, height, width = random.integers((4, 4, 8, 8), (30, 44, 14, 16))
        counts[y : y + height, x : x + width] = 0
        region = slice(30 + y * 5, 30 + (y + height) * 5), slice(40 + x * 5, 40 + (x + width) * 5)
    cells = np.kron(np.clip(counts * 6, 0, 255), np.ones((5, 5))).astype(np.uint8)
    picture = np.full((300, 400, 3), 255, np.uint8)
    picture[30:270, 40:360] = np.stack([cells, 255 - cells // 2, np.full_like(cells, 60)], axis=2)
    return picture, region


def png(picture):
    return bytes(cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1])


@pytest.fixture(scope="module")
def models_dir(tmp_path_factory):
    """A head that really learned to tell dead regions, in the folder "head"."""
    folder = tmp_path_factory.mktemp("models")
    backbone = load_backbone(CONFIG, folder, 1)
    fitted = [
        pixels.fit(occupancy(seed, dead=bool(seed % 2))[0], CONFIG.size) for seed in range(32)
    ]
    features = np.concatenate(
        [backbone.features(np.stack(fitted[i : i + 8])) for i in (0, 8, 16, 24)]
    )
    labelled = Labelled(
        features,
        ["Bad" if seed % 2 else "Good" for seed in range(32)],
        [str(seed // 4) for seed in range(32)],
    )
    head, _ = fit_head(
        labelled, plot_type="CDC", backbone=backbone.id, good=frozenset({"Good"})
    )  # fmt: skip
    heads.save(folder / "head", head)
    return folder


@pytest.fixture(scope="module")
def explainer(models_dir):
    return gradcam.Explainer(CONFIG, models_dir, Limits(), 1)


def test_that_the_map_lies_on_the_dead_region_far_more_than_by_chance(explainer):
    gains = []
    for seed in range(1001, 1007):
        picture, region = occupancy(seed, dead=True)
        found = explainer.heatmap(png(picture), "head", "Bad")
        assert found.shape == (CONFIG.size, CONFIG.size)
        assert found.max() == 1.0
        full = cv2.resize(found, (400, 300))
        area = full[region].size / full.size
        gains.append(full[region].sum() / full.sum() / area)
    assert min(gains) > 1.5
    assert np.mean(gains) > 3


def test_that_the_map_for_the_other_class_looks_elsewhere(explainer):
    picture, region = occupancy(1001, dead=True)
    good = cv2.resize(explainer.heatmap(png(picture), "head", "Good"), (400, 300))
    bad = cv2.resize(explainer.heatmap(png(picture), "head", "Bad"), (400, 300))
    assert good[region].mean() < 0.5 * bad[region].mean()


def test_that_a_whole_network_is_explained_at_its_own_size(tmp_path):
    card = Card(
        plot_type="CDC", labels=("Bad", "Good"), backbone="", architecture="resnet18", size=96
    )
    whole.save(tmp_path / "network", card, networks.Classifier("resnet18", 2))
    found = gradcam.Explainer(CONFIG, tmp_path, Limits(), 1).heatmap(
        png(occupancy(1, dead=True)[0]), "network", "Bad"
    )
    assert found.shape == (96, 96)
    assert np.isfinite(found).all()
    assert found.min() >= 0
    assert found.max() <= 1


def test_that_an_unknown_class_and_a_foreign_head_are_refused(models_dir, explainer):
    picture = png(occupancy(1, dead=True)[0])
    with pytest.raises(gradcam.HeatmapError, match="does not know the class LED"):
        explainer.heatmap(picture, "head", "LED")
    head = heads.load(models_dir / "head")
    short = heads.Weights(
        mean=head.weights.mean[:10], spread=head.weights.spread[:10],
        matrix=head.weights.matrix[:, :10], bias=head.weights.bias,
        references=head.weights.references[:, :10],
    )  # fmt: skip
    heads.save(models_dir / "short", heads.Head(head.card, short))
    with pytest.raises(heads.HeadError, match="no longer computes"):
        explainer.heatmap(picture, "short", "Bad")


# ---------------------------------------------------------------- the role


@pytest.fixture
def config(tmp_path):
    return msgspec.structs.replace(settings(tmp_path), backbone=CONFIG)


@pytest.fixture
def bad(config, models_dir, sqlite_sessions):
    """A Bad verdict in the database with its picture in the store."""
    (config.data_dir / "models").symlink_to(models_dir)
    data = png(occupancy(1001, dead=True)[0])
    found = hashlib.sha256(data).hexdigest()
    PictureStore(config.pictures_dir).put(found, "png", data)
    now = datetime.now(UTC)
    with transaction(sqlite_sessions) as session:
        kind = catalogue.register(session, "CDC", chunked=True)
        model = models.add(
            session,
            NewModel(
                plot_type_id=kind, name="head", folder="head", who="expert",
                backbone="efficientnet_lite0@224", labels=("Bad", "Good"), seed=1,
                thresholds={"Bad": 0.5, "Good": 0.5},
            ),
        )  # fmt: skip
        inferences.store(
            session,
            [inference(kind, 1, picture_hash=found, model_id=model, label="Bad", severity="bad", judged_at=now)],
        )  # fmt: skip
    return found


@pytest.fixture
def role(config, bad, monkeypatch):
    """The role on a thread, with the gateway's two sockets in the hands of the test."""
    monkeypatch.setattr(service, "step_back", lambda: None)  # the tests keep their priority
    news, control = bound(config, zmq.SUB, "bus"), bound(config, zmq.PUB, "control")
    news.subscribe(b"")
    stop = threading.Event()
    thread = threading.Thread(target=service.run, args=(config, 0, stop))
    thread.start()
    yield news, control
    stop.set()
    thread.join(timeout=60)
    news.close()
    control.close()
    assert not thread.is_alive()


def made(news, class_name):
    while news.poll(PATIENCE_MS):
        message = unpack(bus.BUS, news.recv_multipart())[0]
        if isinstance(message, HeatmapMade) and message.ready.class_name == class_name:
            return message.ready
    raise AssertionError(f"no heat map for {class_name}")


def test_that_a_bad_gets_its_map_by_itself_and_others_on_request(
    config, sqlite_sessions, bad, role
):
    news, control = role
    ready = made(news, "Bad")
    assert (ready.picture_hash, ready.trouble) == (bad, "")
    with transaction(sqlite_sessions) as session:
        file_hash = heatmaps.file_of(session, heatmaps.subject(session, bad))
    blob = PictureStore(config.heatmaps_dir).read(file_hash, "png")
    grey = cv2.imdecode(np.frombuffer(blob, np.uint8), cv2.IMREAD_UNCHANGED)
    assert grey.shape == (224, 224)
    assert grey.max() == 255
    control.send_multipart(pack(ExplainJob(picture_hash=bad, class_name="Good")))
    assert made(news, "Good").trouble == ""
    PictureStore(config.pictures_dir).delete(bad, "png")
    PictureStore(config.heatmaps_dir).delete(file_hash, "png")
    control.send_multipart(pack(ExplainJob(picture_hash=bad, class_name="Bad")))
    assert "was not kept" in made(news, "Bad").trouble


def test_that_a_replay_is_judged_anew_beside_and_what_cannot_be_is_said(
    config, sqlite_sessions, bad, role
):
    news, control = role
    made(news, "Bad")  # the role hears
    with transaction(sqlite_sessions) as session:
        known = next(iter(inferences.newest(session)))
        broken = pictures.add(
            session, replace(PICTURE, plot_type_id=known.plot_type_id, picture_hash="f" * 64)
        )
    PictureStore(config.pictures_dir).put("f" * 64, "png", b"no picture")
    job = RerunJob(model_id=known.model_id, picture_ids=(known.picture_id, broken))
    control.send_multipart(pack(job))
    said = {}
    while len(said) < 2:
        assert news.poll(PATIENCE_MS)  # its pulse, once a second
        news.recv_multipart()
        with transaction(sqlite_sessions) as session:
            said = reruns.scores(session, known.model_id, [known.picture_id, broken])
            assert inferences.count(session) == 1
    assert said[known.picture_id]["Bad"] > 0.5
    assert said[broken] == {}
