"""Masks end to end on the server: asked for at the gateway, in force at the next picture of predict."""

# ruff: noqa: F811 - fixtures are arguments

from __future__ import annotations

import contextlib
import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest

from db import catalogue, inferences, models, rights
from db.people import put_user, set_right
from db.session import connect, transaction
from db.session import sessions as session_maker
from db.values import Area, Catalogue, Mask, NewModel, PlotType
from inference_server import bus
from inference_server.config import Store
from inference_server.explain import gradcam
from inference_server.explain.seen import laid_over
from inference_server.gateway.requests import Requests
from inference_server.keeper.decide import Arrival, Known, decide
from inference_server.messages import CatalogueRevision, Opinion
from inference_server.predict import heads, patches, pixels, service
from inference_server.predict.backbone import load_backbone
from inference_server.predict.patches import Patch, Patches
from inference_server.protocol import masks as m
from inference_server.protocol.messages import (
    Done,
    GetPicture,
    GetThumbnail,
    PlotTypesChanged,
    Refused,
)
from inference_server.protocol.wire import pack
from inference_server.store import PictureStore
from inference_server.training.fit import Labelled, fit_head
from tests.db.factories import inference
from tests.ports import free_ports
from tests.server.pictures import settings
from tests.server.test_gateway import (  # noqa: F401 - fixtures
    client,
    config,
    control_socket,
    feed,
    gateway,
    heard,
    key,
)
from tests.server.test_predict import Neighbours, frame

LABELS = ("Bad", "Good")
HEIGHT, WIDTH = 120, 160
# Where the dead board of the tests is: the mask covers it, and nothing of the other corner.
LEFT_TOP, RIGHT_BOTTOM = (20, 20), (70, 100)
COVER = m.Area(left=0.1, top=0.12, right=0.45, bottom=0.5)


def plot(seed: int, hole: tuple[int, int] | None) -> bytes:
    """An occupancy plot as PNG, with a dead board of 34 x 44 px at ``hole`` (row, column)."""
    random = np.random.default_rng(seed)
    counts = np.kron(random.poisson(20, (25, 35)), np.ones((4, 4)))
    if hole is not None:
        counts[hole[0] - 10 : hole[0] + 24, hole[1] - 10 : hole[1] + 34] = 0
    picture = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    picture[10:110, 10:150, 0] = np.clip(counts * 6, 0, 255)
    picture[10:110, 10:150, 1] = np.clip(255 - counts * 5, 0, 255)
    return bytes(cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1])


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A head that really learned to tell dead boards anywhere, from 48 plots."""
    folder = tmp_path_factory.mktemp("models")
    backbone = load_backbone(settings(folder).backbone, folder, 1)
    random = np.random.default_rng(3)
    holes = [
        None if seed % 2 else (int(random.integers(10, 76)), int(random.integers(10, 106)))
        for seed in range(48)
    ]
    pictures = [
        pixels.fit(pixels.decode(plot(seed, hole), pixels.Limits()), backbone.size)
        for seed, hole in enumerate(holes)
    ]
    found = np.concatenate(
        [backbone.features(np.stack(pictures[i : i + 8])) for i in range(0, 48, 8)]
    )
    labelled = Labelled(
        found,
        ["Good" if hole is None else "Bad" for hole in holes],
        [str(n // 6) for n in range(48)],
    )
    head, _ = fit_head(labelled, plot_type="CDC", backbone=backbone.id, good=frozenset({"Good"}))
    heads.save(folder / "head", head)
    return head


@pytest.fixture
def site(tmp_path, sqlite_sessions, trained):
    """A database with a plot type, its model, and a Good picture from before."""
    config = settings(tmp_path)
    heads.save(config.models_dir / "head", trained)
    good = plot(500, None)
    digest = hashlib.sha256(good).hexdigest()
    PictureStore(config.pictures_dir, durable=False).put(digest, "png", good)
    with transaction(sqlite_sessions) as session:
        for name in LABELS:
            catalogue.ensure_class(session, name, name.lower())
        number = catalogue.register(session, "CDC", chunked=True, classes=LABELS)
        model = models.add(
            session,
            NewModel(
                plot_type_id=number, name="head", folder="head", who="test",
                backbone=trained.card.backbone, labels=LABELS, seed=1,
                thresholds=dict.fromkeys(LABELS, 0.5),
            ),
        )  # fmt: skip
        models.activate(session, number, model, who="test", reason="test")
        inferences.store(session, [inference(number, picture_hash=digest)])
    return config, sqlite_sessions, number


@pytest.fixture
def ask(site):
    made = Requests(site[0], site[1])
    yield lambda request, who="ann": made.answer(request, who)
    made.close()


@contextmanager
def judging(config):
    """A predict role with its neighbours."""
    around = Neighbours(config)
    stop = threading.Event()
    with ThreadPoolExecutor(1, thread_name_prefix="predict") as pool:
        role = pool.submit(service.run, config, "predict-0", 1, stop)
        try:
            assert around.hear_free().fresh
            yield around
        finally:
            stop.set()
            role.result(60)
            around.close()


def judged(around, number, data):
    around.give(number, "CDC", data)
    opinion, blobs = around.opinion()
    around.hear_free()
    return max(opinion.scores, key=opinion.scores.get), opinion, blobs


def told(around, revision, until):
    """Say over the control channel that something changed; pictures until ``until`` holds of one."""
    for number in range(revision * 100, revision * 100 + 99):
        around.control.send_multipart(pack(CatalogueRevision(revision=revision)))
        label, opinion, blobs = judged(around, number, plot(9, LEFT_TOP))
        if until(opinion):
            return label, opinion, blobs
    raise AssertionError("predict never followed")


def mask_it(ask, number, **changes):
    wish = m.SetMask(plot_type_id=number, areas=(COVER,), reason="Board 7 is off.", **changes)
    return ask(wish)


def test_that_a_fault_inside_a_mask_is_good_and_one_outside_stays_bad_without_a_restart(site, ask):
    config, _, number = site
    with judging(config) as around:
        label, opinion, (_, _, features) = judged(around, 1, plot(9, LEFT_TOP))
        assert (label, opinion.masked) == ("Bad", ())
        assert features
        result = mask_it(ask, number)
        assert isinstance(result.reply, Done)
        assert result.catalogue_changed  # the gateway tells the roles and the desktops
        label, opinion, (data, thumbnail, features) = told(around, 2, lambda each: each.masked)
        assert label == "Good"
        # What is stored and shown is the picture as it came, and training learns nothing from this.
        assert data == plot(9, LEFT_TOP)
        assert thumbnail == pixels.thumbnail(pixels.decode(data, pixels.Limits()))
        assert features == b""
        label, opinion, _ = judged(around, 900, plot(9, RIGHT_BOTTOM))
        assert label == "Bad"
        assert opinion.masked == (_own(COVER, result.reply.id),)
        assert isinstance(ask(m.EndMask(mask_id=result.reply.id)).reply, Done)
        label, _, _ = told(around, 3, lambda each: not each.masked)
        assert label == "Bad"


def _own(area, mask_id):
    return Area(left=area.left, top=area.top, right=area.right, bottom=area.bottom, mask_id=mask_id)


def test_that_a_mask_ends_by_itself_with_its_time_and_with_its_run_period(tmp_path):
    store = PictureStore(tmp_path)
    now = datetime.now(UTC)
    timed = mask(1, until=now + timedelta(hours=1))
    of_period = mask(2, run_period="2026-05")
    held = Patches(store, pixels.Limits())
    held.follow(
        Catalogue(
            plot_types=(PlotType(id=1, name="CDC", chunked=True),),
            models=(), classes=(), masks=(timed, of_period),
        )
    )  # fmt: skip

    def ids(period, hours):
        found = held.of("CDC", True, period, now + timedelta(hours=hours))
        return [area.mask_id for area in patches.areas_of(found)]

    assert ids("2026-05", 0) == [1, 2]
    assert ids("2026-06", 0) == [1]
    assert ids("2026-05", 1) == [2]
    assert held.of("FDC", True, "2026-05", now) == ()
    assert held.of("CDC", False, "2026-05", now) == ()


def mask(number, **fields):
    area = Area(left=0.5, top=0.0, right=1.0, bottom=0.5, mask_id=number)
    return Mask(
        id=number, plot_type_id=1, plot_type="CDC", areas=(area,), reason="x", who="ann",
        since=datetime.now(UTC), **fields,
    )  # fmt: skip


def test_that_an_area_is_filled_from_the_good_picture_else_with_the_background():
    picture = np.full((40, 60, 3), 10, np.uint8)
    picture[1:-1, 1:-1] = 200
    area = mask(1).areas[0]
    plain = patches.lay(picture, (Patch((area,)),))
    assert (plain[:20, 30:] == 10).all()
    assert (plain[20:, :] == picture[20:, :]).all()
    other = np.zeros((80, 120, 3), np.uint8)  # the same plot in another size
    other[:, 60:] = 77
    filled = patches.lay(picture, (Patch((area,), other),))
    assert (filled[:20, 30:] == 77).all()
    assert (filled[:, :30] == picture[:, :30]).all()
    assert picture[5, 40, 0] == 200  # the picture itself stays as it is


def test_that_the_heat_map_is_of_what_the_model_saw(site, ask):
    config, sessions, number = site
    made = mask_it(ask, number).reply.id
    store = PictureStore(config.pictures_dir)
    laid = laid_over(sessions, store, pixels.Limits(), (_own(COVER, made),))
    assert patches.areas_of(laid) == (_own(COVER, made),)
    assert laid[0].filling.shape == (HEIGHT, WIDTH, 3)
    made_of = gradcam.Explainer(config.backbone, config.models_dir, pixels.Limits(), 1)
    bad = plot(9, LEFT_TOP)
    seen = patches.lay(pixels.decode(bad, pixels.Limits()), laid)
    as_seen = bytes(cv2.imencode(".png", cv2.cvtColor(seen, cv2.COLOR_RGB2BGR))[1])
    through = made_of.heatmap(bad, "head", "Bad", laid)
    assert np.allclose(through, made_of.heatmap(as_seen, "head", "Bad"), atol=1e-6)
    assert not np.allclose(through, made_of.heatmap(bad, "head", "Bad"), atol=1e-3)


def test_that_a_picture_comes_with_what_it_was_judged_without(site, ask):
    config, known, number = site
    area = Area(left=0.1, top=0.12, right=0.45, bottom=0.5, mask_id=3)
    data = plot(3, LEFT_TOP)
    digest = hashlib.sha256(data).hexdigest()
    PictureStore(config.pictures_dir, durable=False).put(digest, "png", data)
    with transaction(known) as session:
        whole = inference(number, 1, picture_hash=digest, run=92000)
        inferences.store(
            session, [whole, inference(number, 2, picture_hash=digest, masked=(area,))]
        )
    for wanted in (GetPicture(picture_hash=digest), GetThumbnail(picture_hash=digest)):
        reply, blobs = ask(wanted).reply, ask(wanted).blobs
        assert [(each.left, each.bottom, each.mask_id) for each in reply.masked] == [(0.1, 0.5, 3)]
        assert blobs == (data,)
    away = session_maker(connect(f"mysql+pymysql://nobody@127.0.0.1:{free_ports(1)}/none"))
    alone = Requests(config, away)  # pictures come all the same
    answer = alone.answer(GetPicture(picture_hash=digest), "ann")
    assert (answer.reply.masked, answer.blobs) == ((), (data,))
    alone.close()


def test_that_only_experts_of_the_plot_type_may_mask_and_everybody_may_look(site, ask):
    _, sessions, number = site
    with transaction(sessions) as session:
        for name in ("boss", "ann", "bob"):
            put_user(session, name=name, full_name="", email="", wants_report=False, who="boss")
        for name, role, where in (("boss", "admin", None), ("ann", "expert", number)):
            set_right(session, name=name, role=role, plot_type_id=where, given=True, who="boss")
        assert not rights.of(session, "bob").may("expert", number)
    refused = mask_it(lambda request: ask(request, "bob"), number).reply
    assert isinstance(refused, Refused)
    assert "role expert" in refused.sentence
    made = mask_it(lambda request: ask(request, "ann"), number, person="Ann").reply
    assert isinstance(ask(m.EndMask(mask_id=made.id), "bob").reply, Refused)
    (listed,) = ask(m.GetMasks(), "bob").reply.masks
    assert (listed.who, listed.reason, listed.filled) == ("Ann", "Board 7 is off.", True)
    ask(m.EndMask(mask_id=made.id, person="Carl"), "ann")
    (listed,) = ask(m.GetMasks()).reply.masks
    assert listed.ended_by == "Carl"
    assert not listed.in_force(datetime.now(UTC), "")


def test_that_desktops_and_roles_hear_of_a_mask_at_once(gateway, client, feed, sqlite_sessions):
    with transaction(sqlite_sessions) as session:
        number = catalogue.register(session, "CDC", chunked=True)
    with contextlib.closing(control_socket(gateway)) as control:
        before = _revision(control)
        made, _ = client.ask(m.SetMask(plot_type_id=number, areas=(COVER,), reason="Off."))
        _, _, news, _ = heard(
            feed, PlotTypesChanged, lambda news: any(each.masks for each in news.plot_types)
        )
        assert news.plot_types[0].masks[0].id == made.id
        assert client.snapshot().plot_types[0].masks[0].reason == "Off."
        while _revision(control) == before:
            continue


def _revision(control):
    while control.poll(60_000):
        message = bus.control(control.recv_multipart())
        if isinstance(message, CatalogueRevision):
            return message.revision
    raise AssertionError("the gateway says no revision")


def test_that_the_keeper_says_which_areas_were_left_out(site, ask):
    _, sessions, number = site
    made = mask_it(ask, number).reply
    with transaction(sessions) as session:
        current = catalogue.load(session)
    assert [each.id for each in current.masks] == [made.id]
    fate = decide(
        _arrival(_own(COVER, made.id)), current.plot_types[0], Known.of(current),
        Store(), datetime.now(UTC),
    )  # fmt: skip
    assert fate.inference.masked == (_own(COVER, made.id),)
    assert [(each.left, each.mask_id) for each in fate.verdict.masked] == [(COVER.left, made.id)]


def _arrival(area):
    data = plot(1, None)
    opinion = Opinion(frame=frame(1, "CDC", data), worker="predict-0", masked=(area,))
    return Arrival(opinion, data, b"", b"")
