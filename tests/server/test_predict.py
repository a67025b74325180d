from __future__ import annotations

import contextlib
import hashlib
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest
import zmq

from db import catalogue
from db import library as candidates
from db import models as model_rows
from db.session import transaction
from db.values import NewModel
from inference_server import bus
from inference_server.messages import (
    Afterthought,
    CatalogueRevision,
    Frame,
    Free,
    Opinion,
    Pulse,
    ToKeeper,
    Work,
)
from inference_server.predict import fast, heads, library, networks, service, whole
from inference_server.predict.afterthoughts import Afterthoughts, Subject
from inference_server.predict.backbone import load_backbone
from inference_server.predict.heads import Card, Head, Memory, Weights
from inference_server.predict.pixels import Limits
from inference_server.protocol.wire import pack, unpack
from inference_server.sockets import bound
from tests.server.pictures import SIZE, plot, settings

FREE = msgspec.msgpack.Decoder(Free)
SAID = msgspec.msgpack.Decoder(ToKeeper)
LABELS = ("Bad", "Good", "NoData")


@pytest.fixture
def config(tmp_path):
    return settings(tmp_path)


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("backbones")
    return load_backbone(settings(folder).backbone, folder, 1)


def head(backbone_id: str, dim: int = 2560, favourite: int = 1) -> Head:
    """A head that always says the same class."""
    bias = np.zeros(3, np.float32)
    bias[favourite] = 3
    weights = Weights(
        np.zeros(dim, np.float32),
        np.ones(dim, np.float32),
        np.zeros((3, dim), np.float32),
        bias,
        np.zeros((2, dim), np.float16),
    )
    card = Card(plot_type="CDC", labels=LABELS, backbone=backbone_id, anomaly_scale=1.0)
    return Head(card, weights)


def register(sessions, name: str, folder: str | None) -> int:
    """The plot type's id, with the model in ``folder`` active (None: without one)."""
    with transaction(sessions) as session:
        for label, severity in (("Bad", "bad"), ("Good", "good"), ("NoData", "warning")):
            catalogue.ensure_class(session, label, severity)
        plot_type = catalogue.register(session, name, chunked=True, classes=LABELS)
        if folder is None:
            return plot_type
        model = model_rows.add(
            session,
            NewModel(
                plot_type_id=plot_type, name=folder, folder=folder, who="test", backbone="",
                labels=LABELS, seed=1, thresholds=dict.fromkeys(LABELS, 0.5),
            ),
        )  # fmt: skip
        model_rows.activate(session, plot_type, model, who="test", reason="test")
        return model


def frame(number: int, name: str, data: bytes) -> Frame:
    now = datetime.now(UTC)
    return Frame(
        id=f"feeder:{number}", path=f"/in/{name}_{number}.png", plot_type=name, chunked=True,
        run_period="2026-01", run=7, chunk=number, picture_hash=hashlib.sha256(data).hexdigest(),
        picture_time=now, closed_at=now, size_bytes=len(data),
    )  # fmt: skip


class Neighbours:
    """Balancer, keeper and gateway of a predict role, in the hands of a test."""

    def __init__(self, config):
        self.config = config
        self.balancer = bound(config, zmq.ROUTER, "balancer-workers")
        self.keeper = bound(config, zmq.PULL, "keeper")
        self.news = bound(config, zmq.SUB, "bus")
        self.news.subscribe(b"")
        self.control = bound(config, zmq.PUB, "control")
        self.worker = b""
        self.slots = 0

    def hear_free(self) -> Free:
        assert self.balancer.poll(60_000), "the worker never said that it is free"
        self.worker, *rest = self.balancer.recv_multipart()
        free, _ = unpack(FREE, rest)
        self.slots = free.slots if free.fresh else self.slots + free.slots
        return free

    def give(self, number: int, name: str, data: bytes) -> None:
        message = pack(Work(frame=frame(number, name, data)), data)
        self.balancer.send_multipart([self.worker, *message])
        self.slots -= 1

    def opinion(self) -> tuple[Opinion, list[bytes]]:
        said, blobs = self.said()
        assert isinstance(said, Opinion)
        return said, blobs

    def said(self) -> tuple[ToKeeper, list[bytes]]:
        assert self.keeper.poll(60_000), "no opinion came"
        return unpack(SAID, self.keeper.recv_multipart())

    def pulse(self, state: str):
        while self.news.poll(60_000):
            message, _ = unpack(bus.BUS, self.news.recv_multipart())
            if isinstance(message, Pulse) and message.component.state == state:
                return message.component
        raise AssertionError(f"never heard a pulse that says {state}")

    def close(self):
        for socket in (self.balancer, self.keeper, self.news, self.control):
            socket.close()


@pytest.fixture
def neighbours(config):
    made = Neighbours(config)
    yield made
    made.close()


@pytest.fixture
def start(config, neighbours):
    stop = threading.Event()
    thread = threading.Thread(target=service.run, args=(config, "predict-0", 1, stop))

    def begin():
        thread.start()
        assert neighbours.hear_free().fresh
        return neighbours

    yield begin
    stop.set()
    thread.join(timeout=60)
    assert not thread.is_alive()


def test_that_a_mixed_batch_gets_each_plot_types_own_judgement(
    config, sqlite_sessions, backbone, start
):
    heads.save(config.models_dir / "good", head(backbone.id, favourite=1))
    heads.save(config.models_dir / "bad", head(backbone.id, favourite=0))
    good = register(sqlite_sessions, "CDC", "good")
    bad = register(sqlite_sessions, "ST", "bad")
    register(sqlite_sessions, "NEW", None)
    around = start()
    data = plot("Good", 1)
    for number, name in enumerate(("CDC", "ST", "NEW", "UNHEARD_OF", "CDC")):
        around.give(number, name, data)
    found = {}
    for _ in range(5):
        opinion, (file, thumbnail, features) = around.opinion()
        assert file == data
        assert thumbnail.startswith(b"\xff\xd8")
        assert len(features) == 2 * 2560
        assert (opinion.width, opinion.height, opinion.backbone) == (80, 60, backbone.id)
        found[opinion.frame.chunk] = opinion
    assert found[0].model_id == found[4].model_id == good
    assert max(found[0].scores, key=found[0].scores.get) == "Good"
    assert sum(found[0].scores.values()) == pytest.approx(1)
    assert found[0].anomaly is not None
    assert found[1].model_id == bad
    assert max(found[1].scores, key=found[1].scores.get) == "Bad"
    for number in (2, 3):
        assert (found[number].model_id, found[number].scores) == (None, {})
    expected = backbone.features(_fitted(data))[0]
    given = np.frombuffer(features, "<f2").astype(np.float32)
    assert np.abs(given - expected).max() < 0.02


def _fitted(data):
    from inference_server.predict import pixels

    return pixels.fit(pixels.decode(data, pixels.Limits()), SIZE)[None]


def test_that_an_unreadable_picture_is_said_and_the_rest_goes_on(config, sqlite_sessions, start):
    around = start()
    around.give(1, "CDC", b"no picture")
    around.give(2, "CDC", plot("Good", 1))
    found = {
        opinion.frame.chunk: (opinion, blobs)
        for opinion, blobs in (around.opinion() for _ in range(2))
    }
    broken, blobs = found[1]
    assert "not a PNG or JPEG" in broken.error
    assert blobs == [b"no picture", b"", b""]
    assert found[2][0].error == ""


def test_that_every_slot_comes_back(config, sqlite_sessions, start):
    around = start()
    first = around.slots
    assert first == service.AHEAD * config.backbone.batch
    for number in range(30):
        if not around.slots:
            around.hear_free()
        around.give(number, "CDC", plot("Good", number) if number % 3 else b"broken")
    for _ in range(30):
        around.opinion()
    while around.slots < first:
        around.hear_free()
    assert around.slots == first


def test_that_a_new_model_judges_without_a_restart(config, sqlite_sessions, backbone, start):
    heads.save(config.models_dir / "good", head(backbone.id, favourite=1))
    heads.save(config.models_dir / "bad", head(backbone.id, favourite=0))
    register(sqlite_sessions, "CDC", "good")
    around = start()
    around.give(1, "CDC", plot("Good", 1))
    first, _ = around.opinion()
    second = register(sqlite_sessions, "CDC", "bad")
    number = 1
    while first.model_id != second:
        around.control.send_multipart(pack(CatalogueRevision(revision=2)))
        number += 1
        around.hear_free()
        around.give(number, "CDC", plot("Good", 1))
        first, _ = around.opinion()
    assert max(first.scores, key=first.scores.get) == "Bad"


def test_that_a_model_that_does_not_load_leaves_the_old_one_and_is_said(
    config, sqlite_sessions, backbone, start
):
    heads.save(config.models_dir / "good", head(backbone.id))
    old = register(sqlite_sessions, "CDC", "good")
    around = start()
    register(sqlite_sessions, "CDC", "not-there")
    around.pulse("running")
    around.control.send_multipart(pack(CatalogueRevision(revision=2)))
    said = around.pulse("degraded")
    assert "CDC cannot be used, model" in said.sentence
    assert "stays in place" in said.sentence
    assert said.next_step
    around.give(1, "CDC", plot("Good", 1))
    opinion, _ = around.opinion()
    assert opinion.model_id == old


def cast_shadow(sessions, plot_type_name: str, model_id: int) -> None:
    with transaction(sessions) as session:
        known = {each.name: each.id for each in catalogue.load(session).plot_types}
        candidates.set_shadow(session, known[plot_type_name], model_id, who="test")


def test_that_a_candidate_in_the_shadow_judges_too_and_changes_no_verdict(
    config, sqlite_sessions, backbone, start
):
    card = Card(plot_type="CDC", labels=LABELS, backbone="", architecture="resnet18", size=48)
    whole.save(config.models_dir / "network", card, networks.Classifier("resnet18", 3))
    heads.save(config.models_dir / "good", head(backbone.id, favourite=1))
    heads.save(config.models_dir / "bad", head(backbone.id, favourite=0))
    of_cdc = register(sqlite_sessions, "CDC", "bad")
    cdc = register(sqlite_sessions, "CDC", "good")
    of_st = register(sqlite_sessions, "ST", "network")
    st = register(sqlite_sessions, "ST", "bad")
    cast_shadow(sqlite_sessions, "CDC", of_cdc)
    cast_shadow(sqlite_sessions, "ST", of_st)
    around = start()
    for number, name in enumerate(("CDC", "ST", "NEW")):
        around.give(number, name, plot("Good", 1))
    said = [around.said()[0] for _ in range(4)]
    found = {each.frame.plot_type: each for each in said if isinstance(each, Opinion)}
    assert (found["CDC"].model_id, found["CDC"].shadow_id) == (cdc, of_cdc)
    assert max(found["CDC"].scores, key=found["CDC"].scores.get) == "Good"
    assert max(found["CDC"].shadow_scores, key=found["CDC"].shadow_scores.get) == "Bad"
    assert (found["ST"].model_id, found["ST"].shadow_id) == (st, None), (
        "a whole network comes later"
    )
    (late,) = (each for each in said if isinstance(each, Afterthought))
    assert (late.frame.plot_type, late.model_id) == ("ST", of_st)
    assert sum(late.scores.values()) == pytest.approx(1)
    assert said.index(late) > said.index(found["ST"])
    assert (found["NEW"].shadow_id, found["NEW"].shadow_scores) == (None, {})


def test_that_a_candidate_that_cannot_judge_is_said_and_costs_no_verdict(
    config, sqlite_sessions, backbone
):
    heads.save(config.models_dir / "good", head(backbone.id))
    gone = register(sqlite_sessions, "CDC", "not-there")
    live = register(sqlite_sessions, "CDC", "good")
    cast_shadow(sqlite_sessions, "CDC", gone)
    models = active(sqlite_sessions, config, backbone)
    assert models.shelf["CDC", True].model_id == live
    assert models.shadows == {}
    (trouble,) = models.troubles
    assert f"Model {gone}, in the shadow of CDC, cannot be used" in trouble
    features = np.zeros((1, 3), np.float32)  # too narrow: the head fails when it is asked
    (found,) = library.in_shadow(models.shelf, [("CDC", True)], features, {})
    assert found == library.Judgement()


def test_that_a_candidate_that_goes_live_leaves_the_shadow(config, sqlite_sessions, backbone):
    heads.save(config.models_dir / "one", head(backbone.id))
    heads.save(config.models_dir / "two", head(backbone.id))
    first = register(sqlite_sessions, "CDC", "one")
    second = register(sqlite_sessions, "CDC", "two")
    cast_shadow(sqlite_sessions, "CDC", first)
    with transaction(sqlite_sessions) as session:
        (plot_type,) = catalogue.load(session).plot_types
        assert (plot_type.model_id, plot_type.shadow_id) == (second, first)
        model_rows.activate(session, plot_type.id, first, who="test", reason="better")
        (plot_type,) = catalogue.load(session).plot_types
    assert (plot_type.model_id, plot_type.shadow_id) == (first, None)


def test_that_a_restarted_balancer_hears_of_all_slots(config, sqlite_sessions, start):
    around = start()
    around.balancer.close()
    around.slots = 0
    around.balancer = _bound_again(config)
    while not around.hear_free().fresh:
        continue
    assert around.slots == service.AHEAD * config.backbone.batch


def _bound_again(config):
    """An address is free some time after its socket was closed."""
    while True:
        with contextlib.suppress(zmq.ZMQError):
            return bound(config, zmq.ROUTER, "balancer-workers")
        threading.Event().wait(0.01)


def active(sessions, config, backbone):
    models = library.Library(config.models_dir, backbone)
    with transaction(sessions) as session:
        models.follow(catalogue.load(session))
    return models


def test_that_a_whole_network_judges_like_a_head(config, sqlite_sessions, backbone):
    card = Card(plot_type="CDC", labels=LABELS, backbone="", architecture="resnet18", size=48)
    whole.save(config.models_dir / "network", card, networks.Classifier("resnet18", 3))
    model = register(sqlite_sessions, "CDC", "network")
    models = active(sqlite_sessions, config, backbone)
    assert models.troubles == ()
    picture = np.full((48, 48, 3), 90, np.uint8)
    (found,) = library.judge(
        models.shelf, [("CDC", True)], np.zeros((1, backbone.dim), np.float32), {(0, 48): picture}
    )
    assert found.model_id == model
    assert set(found.scores) == set(LABELS)
    assert sum(found.scores.values()) == pytest.approx(1)


def test_that_a_whole_network_judges_the_same_in_its_fast_form_and_without_torch(tmp_path):
    card = Card(plot_type="CDC", labels=LABELS, backbone="", architecture="resnet18", size=48)
    folder = tmp_path / "network"
    whole.save(folder, card, networks.Classifier("resnet18", 3))
    slow = whole.load(folder)
    assert fast.make(folder, slow)
    pictures = np.random.default_rng(1).integers(0, 255, (3, 48, 48, 3), np.uint8)
    expected = slow.scores(pictures)
    program = (
        "import sys, pathlib, numpy\n"
        "from inference_server.predict import fast, heads\n"
        f"folder = pathlib.Path({str(folder)!r})\n"
        "made = fast.load(folder, heads.read_card(folder), 1)\n"
        "pictures = numpy.random.default_rng(1).integers(0, 255, (3, 48, 48, 3), numpy.uint8)\n"
        "numpy.save(folder / 'scores.npy', made.scores(pictures))\n"
        "assert 'torch' not in sys.modules, 'torch'\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert np.allclose(np.load(folder / "scores.npy"), expected, atol=1e-4)


@pytest.fixture
def candidate(tmp_path):
    """A whole network in its fast form, in the shadow."""
    card = Card(plot_type="CDC", labels=LABELS, backbone="", architecture="resnet18", size=48)
    folder = tmp_path / "candidate"
    card = whole.save(folder, card, networks.Classifier("resnet18", 3))
    assert fast.make(folder, whole.load(folder))
    return library.Active(7, fast.load(folder, card, 1))


@pytest.fixture
def after():
    made = Afterthoughts(Limits(10**7, 10**7))
    yield made
    made.close()


def test_that_a_network_is_interrupted_while_it_computes_and_judges_again_afterwards(candidate):
    network = candidate.judge
    pictures = np.zeros((64, 48, 48, 3), np.uint8)

    def judge_for_ever():
        while True:
            network.scores(pictures)

    with ThreadPoolExecutor(1) as pool:
        judging = pool.submit(judge_for_ever)
        while not judging.done():
            network.interrupt()
            wait([judging], 0.001)
    assert "terminate" in str(judging.exception())
    assert network.scores(pictures[:1]).sum() == pytest.approx(1)


def test_that_a_candidate_gives_way_to_every_picture_and_still_judges_each_once(candidate, after):
    data = plot("Good", 1)
    for number in range(12):
        after.add(Subject(frame(number, "CDC", data), data, (), None, candidate))
    rung, said = threading.Semaphore(0), []
    for number in range(200):
        after.begin(rung.release)
        if number % 3:  # a picture comes
            after.give_up()
        if len(said) == 12:
            break
        assert rung.acquire(timeout=60)
        said += [late] if (late := after.take()) is not None else []
    assert [late.frame.chunk for late in said] == list(range(12)), "in their order, each once"
    assert {late.model_id for late in said} == {7}


def test_that_a_candidate_that_fails_is_left_out_and_the_next_picture_is_judged(
    candidate, after, caplog
):
    data = plot("Good", 1)
    wrong = np.zeros((5, 5, 3), np.uint8)
    after.add(Subject(frame(1, "CDC", data), data, (), wrong, candidate))
    after.add(Subject(frame(2, "CDC", data), data, (), None, candidate))
    rung, said = threading.Semaphore(0), []
    for _ in range(2):
        after.begin(rung.release)
        assert rung.acquire(timeout=60)
        said.append(after.take())
    assert said[0] is None
    assert said[1].frame.chunk == 2
    assert "a model in the shadow could not judge" in caplog.text


def test_that_a_fast_form_that_was_changed_is_not_used(tmp_path):
    card = Card(plot_type="CDC", labels=LABELS, backbone="", architecture="resnet18", size=48)
    folder = tmp_path / "network"
    card = whole.save(folder, card, networks.Classifier("resnet18", 3))
    assert fast.load(folder, card, 1) is None
    (folder / fast.GRAPH).write_bytes(b"a graph of somebody else")
    (folder / fast.NOTE).write_text('{"sha256": "0", "difference": 0}')
    assert fast.load(folder, card, 1) is None


def test_that_a_whole_network_tells_how_far_from_good_a_picture_is(
    config, sqlite_sessions, backbone
):
    card = Card(
        plot_type="CDC", labels=LABELS, backbone="", architecture="resnet18", size=48,
        kind="network", anomaly_scale=1.0, anomaly_of=backbone.id,
    )  # fmt: skip
    good = np.ones((2, backbone.dim), np.float16)
    memory = Memory(
        np.zeros(backbone.dim, np.float32), np.ones(backbone.dim, np.float32), good, 1.0
    )
    network = networks.Classifier("resnet18", 3)
    weights = {name: each.numpy() for name, each in network.state_dict().items()}
    heads.save_model(config.models_dir / "network", card, weights | memory.tensors())
    register(sqlite_sessions, "CDC", "network")
    models = active(sqlite_sessions, config, backbone)
    features = np.stack([np.ones(backbone.dim), np.full(backbone.dim, 3.0)]).astype(np.float32)
    picture = np.full((48, 48, 3), 90, np.uint8)
    near, far = library.judge(
        models.shelf, [("CDC", True)] * 2, features, {(0, 48): picture, (1, 48): picture}
    )
    assert (near.anomaly, far.anomaly) == (pytest.approx(0, abs=1e-3), pytest.approx(2, abs=1e-3))


def test_that_a_whole_network_gets_its_pictures_at_its_own_size(
    config, sqlite_sessions, backbone, start
):
    card = Card(plot_type="CDC", labels=LABELS, backbone="", architecture="resnet18", size=48)
    whole.save(config.models_dir / "network", card, networks.Classifier("resnet18", 3))
    model = register(sqlite_sessions, "CDC", "network")
    around = start()
    around.give(1, "CDC", plot("Good", 1))
    opinion, _ = around.opinion()
    assert (opinion.model_id, opinion.anomaly) == (model, None)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"backbone": "resnet50@224"}, "trained on features of resnet50@224"),
        ({"temperature": float("nan")}, "damaged|not numbers"),
    ],
    ids=["another backbone", "nonsense"],
)
def test_that_a_head_that_cannot_be_trusted_is_not_used(
    config, sqlite_sessions, backbone, change, word
):
    made = head(backbone.id)
    heads.save(
        config.models_dir / "odd", Head(msgspec.structs.replace(made.card, **change), made.weights)
    )
    register(sqlite_sessions, "CDC", "odd")
    models = active(sqlite_sessions, config, backbone)
    assert not models.shelf
    (trouble,) = models.troubles
    assert "no model judges it" in trouble
    assert re.search(word, trouble)
