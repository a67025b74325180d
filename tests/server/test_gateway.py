"""The gateway, with real sockets on loopback: who gets in, what the feed says, what survives."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import msgspec
import numpy as np
import pytest
import zmq

from db import catalogue, models, trainings
from db.session import transaction
from inference_server import bus
from inference_server import config as settings
from inference_server.bus import CONTROL, Bus, control_socket
from inference_server.cli.notice import tell_server
from inference_server.gateway import service
from inference_server.messages import (
    CatalogueRevision,
    CatalogueTouched,
    ExplainJob,
    HeatmapMade,
    Published,
    Pulse,
    SetAside,
    TrainingMoved,
    TrainJob,
)
from inference_server.predict import heads
from inference_server.protocol import keys, wire
from inference_server.protocol import messages as m
from inference_server.protocol.client import FeedClient, LinkTimeout, Refusal
from inference_server.protocol.explain import GetHeatmap, HeatmapReady
from inference_server.protocol.masks import Area
from inference_server.protocol.notices import NoticePosted, SetNotice
from inference_server.store import PictureStore
from tests.db.factories import model
from tests.patience import PatientClient
from tests.ports import free_ports
from tests.protocol.examples import ITEM, verdict

PATIENCE_S = 60.0


@pytest.fixture
def config(tmp_path, sqlite_sessions):
    return settings.load(
        None, {"data_dir": str(tmp_path), "port": free_ports(2), "experiment": "Hall D"}
    )


@contextmanager
def running(config):
    stop = threading.Event()
    with ThreadPoolExecutor(1, thread_name_prefix="gateway") as pool:
        role = pool.submit(service.run, config, stop)
        try:
            yield
        finally:
            stop.set()
            role.result(PATIENCE_S)  # raises here, and not in whichever test comes next


@pytest.fixture
def gateway(config):
    with running(config):
        yield config


@pytest.fixture
def key(config, tmp_path):
    keys.server_keys(config.keys_dir)
    return keys.make_client(config.keys_dir, "counting-room-3", tmp_path / "key", "")


@pytest.fixture
def client(gateway, key):
    with PatientClient(f"tcp://127.0.0.1:{gateway.port}", key) as made:
        made.ask(m.Hello(client="counting-room-3", version="0.1.0"), PATIENCE_S)
        yield made


@pytest.fixture
def feed(gateway, key, client):
    with FeedClient(f"tcp://127.0.0.1:{gateway.port + 1}", key) as made:
        heard(made, m.Heartbeat)  # from here on nothing is missed
        yield made


@pytest.fixture
def role(gateway, client):
    """Something that speaks to the gateway like a role, once the bus hears it."""
    with Bus(gateway, "keeper", "keeper") as bus:

        def shown():
            bus.pulse("running", "Keeps verdicts.")
            return [each.name for each in client.snapshot().components if each.state == "running"]

        assert any("keeper" in shown() for _ in tries())
        yield bus


def tries():
    """As often as there is patience for."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        yield


def heard(feed, kind, where=lambda _news: True):
    """The next news of a kind, with session, sequence and blob."""
    for _ in tries():
        if (item := feed.receive(PATIENCE_S)) is None:
            break
        session, sequence, news, blob = item
        if isinstance(news, kind) and where(news):
            return session, sequence, news, blob
    raise AssertionError(f"no {kind.__name__} within {PATIENCE_S} s")


def test_that_a_known_client_is_welcomed_and_told_where_the_feed_is(gateway, client):
    reply, _ = client.ask(m.Hello(client="x", version="0.1.0"))
    assert isinstance(reply, m.Welcome)
    assert (reply.experiment, reply.feed_port) == ("Hall D", gateway.port + 1)


def test_that_a_client_without_a_known_key_is_refused_and_told_so(gateway, key, tmp_path):
    stranger = keys.make_client(tmp_path / "elsewhere", "stranger", tmp_path / "other", "")
    stranger = msgspec.structs.replace(stranger, server_public_key=key.server_public_key)
    with (
        PatientClient(f"tcp://127.0.0.1:{gateway.port}", stranger) as client,
        pytest.raises(Refusal, match="does not know this key"),
    ):
        client.ask(m.GetSnapshot(), PATIENCE_S)


def test_that_a_refused_client_hears_so_at_every_question(gateway, key, tmp_path):
    stranger = keys.make_client(tmp_path / "elsewhere", "stranger", tmp_path / "other", "")
    stranger = msgspec.structs.replace(stranger, server_public_key=key.server_public_key)
    with PatientClient(f"tcp://127.0.0.1:{gateway.port}", stranger) as client:
        for _ in range(3):
            with pytest.raises(Refusal, match="does not know this key"):
                client.ask(m.GetSnapshot(), PATIENCE_S)


def test_that_a_host_that_is_down_is_told_apart_from_a_refusal(key):
    with (
        PatientClient(f"tcp://127.0.0.1:{free_ports(1)}", key) as client,
        pytest.raises(LinkTimeout, match="Check that the server runs"),
    ):
        client.ask(m.GetSnapshot(), 0.3)


def test_that_a_revoked_key_is_refused_at_the_next_request_of_an_open_connection(gateway, client):
    keys.revoke_client(gateway.keys_dir, "counting-room-3")
    with pytest.raises(Refusal, match="revoked"):
        client.ask(m.GetSnapshot(), PATIENCE_S)


@pytest.mark.parametrize(
    ("theirs", "words"),
    [(m.PROTOCOL_VERSION - 1, "desktop is older"), (m.PROTOCOL_VERSION + 1, "server is older")],
)
def test_that_another_version_is_refused_in_plain_words(client, theirs, words):
    with pytest.raises(Refusal, match=words) as caught:
        client.ask(m.Hello(client="x", version="9", protocol=theirs))
    assert caught.value.code == "version"


def test_that_nonsense_is_answered_and_the_gateway_lives(gateway, key, client):
    with zmq.Context.instance().socket(zmq.DEALER) as socket:
        socket.linger = 0
        keys.secure_client(socket, key)
        socket.connect(f"tcp://127.0.0.1:{gateway.port}")
        socket.send_multipart([b"HYD1", b"12345678", b"nonsense"])
        assert socket.poll(PATIENCE_S * 1000)
        _, reply, _ = wire.unpack_reply(socket.recv_multipart())
        assert isinstance(reply, m.Refused)
    assert client.snapshot().session


def test_that_a_verdict_reaches_the_feed_with_its_thumbnail_and_the_snapshot_agrees(
    feed, role, client
):
    area = Area(left=0.1, top=0.2, right=0.3, bottom=0.4, mask_id=3)
    given = verdict(plot_type_id=77, masked=(area,))
    role.say(Published(verdict=given, sequence=1), b"thumbnail")
    session, sequence, news, blob = heard(feed, m.Judged)
    assert (news.verdict, blob) == (given, b"thumbnail")
    snapshot = client.snapshot()
    assert snapshot.session == session
    assert snapshot.sequence >= sequence
    assert snapshot.verdicts == (given,)
    reply, blobs = client.ask(m.GetThumbnail(picture_hash=given.picture_hash))
    assert isinstance(reply, m.Picture)
    assert (reply.masked, blobs) == ((area,), [b"thumbnail"])


def test_that_the_numbers_of_the_feed_have_no_gap(feed, role):
    for number in range(1, 51):
        role.say(Published(verdict=verdict(plot_type_id=77, chunk=number), sequence=number), b"")
    numbers = []
    while True:
        _, sequence, news, _ = feed.receive(PATIENCE_S)
        numbers.append(sequence)
        if isinstance(news, m.Judged) and news.verdict.chunk == 50:
            break
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_that_a_client_that_missed_news_finds_them_in_the_snapshot(role, client):
    for number in range(1, 4):
        role.say(
            Published(verdict=verdict(plot_type_id=number, chunk=number), sequence=number), b""
        )
    assert any(len(client.snapshot().verdicts) == 3 for _ in tries())


def test_that_verdicts_of_before_a_restart_are_in_the_snapshot(config, key, sqlite_sessions):
    from db import inferences
    from tests.db.factories import inference

    with transaction(sqlite_sessions) as session:
        plot_type = catalogue.register(session, "CDC_occupancy", chunked=True)
        inferences.store(session, [inference(plot_type, 5)])
    with running(config), PatientClient(f"tcp://127.0.0.1:{config.port}", key) as client:
        client.ask(m.GetSnapshot(), PATIENCE_S)
        shown = next(s for _ in tries() if (s := client.snapshot()).verdicts)
        assert [(v.plot_type, v.chunk) for v in shown.verdicts] == [("CDC_occupancy", 5)]
        assert [each.name for each in shown.plot_types] == ["CDC_occupancy"]


def test_that_a_verdict_that_a_dead_keeper_stored_and_did_not_publish_is_told_of(
    feed, role, sqlite_sessions
):
    from db import inferences
    from tests.db.factories import inference

    with transaction(sqlite_sessions) as session:
        plot_type = catalogue.register(session, "CDC_occupancy", chunked=True)
        inferences.store(session, [inference(plot_type, 5)])
    pulse = bus.component("keeper", "keeper", "running", "Keeps verdicts.", "", 0, 0)
    role.say(Pulse(component=msgspec.structs.replace(pulse, pid=pulse.pid + 1)))
    _, _, news, _ = heard(feed, m.Judged)
    assert (news.verdict.plot_type, news.verdict.chunk) == ("CDC_occupancy", 5)
    role.say(Published(verdict=news.verdict, sequence=1))  # it was on its way after all
    role.say(Published(verdict=verdict(chunk=6), sequence=2))
    assert heard(feed, m.Judged)[2].verdict.chunk == 6


def test_that_a_new_plot_type_is_told_to_desktops_and_roles(gateway, feed, role, sqlite_sessions):
    with control_socket(gateway) as control:
        first = _revision(control)
        with transaction(sqlite_sessions) as session:
            catalogue.register(session, "FCAL_occupancy", chunked=True)
        role.say(CatalogueTouched())
        _, _, news, _ = heard(feed, m.PlotTypesChanged)
        assert [each.name for each in news.plot_types] == ["FCAL_occupancy"]
        assert next(r for _ in tries() if (r := _revision(control)) != first) > first


def test_that_the_last_of_many_quick_changes_is_shown(client, role, sqlite_sessions, caplog):
    for number in range(40):
        with transaction(sqlite_sessions) as session:
            catalogue.register(session, f"FCAL_{number}", chunked=True)
        role.say(CatalogueTouched())
    assert any(len(client.snapshot().plot_types) == 40 for _ in tries())
    assert [each for each in caplog.records if each.levelname == "ERROR"] == []


def _revision(control):
    while True:
        assert control.poll(PATIENCE_S * 1000)
        message, _ = wire.unpack(CONTROL, control.recv_multipart())
        if isinstance(message, CatalogueRevision):
            return message.revision


@pytest.fixture
def trained(sqlite_sessions):
    with transaction(sqlite_sessions) as session:
        plot_type = catalogue.register(session, "CDC_occupancy", chunked=True)
        return plot_type, models.add(session, model(plot_type))


def test_that_a_threshold_and_a_model_change_take_effect_under_the_clients_name(
    gateway, client, trained, sqlite_sessions
):
    plot_type, made = trained
    blank = np.zeros(1, np.float32)
    weights = heads.Weights(
        blank,
        blank + 1,
        np.zeros((2, 1), np.float32),
        np.zeros(2, np.float32),
        np.zeros((0, 1), np.float16),
    )
    card = heads.Card(plot_type="CDC_occupancy", labels=("Bad", "Good"), backbone="b@64")
    heads.save(gateway.models_dir / "CDC_occupancy" / "1", heads.Head(card, weights))
    client.ask(m.SetThreshold(model_id=made, class_name="Bad", threshold=0.8, reason="calls"))
    client.ask(m.ActivateModel(plot_type_id=plot_type, model_id=made, reason="first"))
    with sqlite_sessions() as session:
        (active,) = catalogue.load(session).models
    assert active.thresholds["Bad"] == 0.8
    shown = next(
        s for _ in tries() if (s := client.snapshot()).plot_types and s.plot_types[0].model_id
    )
    assert shown.plot_types[0].model_name == "CDC_occupancy 1"


def test_that_a_wrong_threshold_is_refused_with_the_reason(client, trained):
    with pytest.raises(Refusal, match="between 0 and 1"):
        client.ask(m.SetThreshold(model_id=trained[1], class_name="Bad", threshold=8, reason=""))


def test_that_a_training_is_queued_and_the_trainer_told(gateway, client, trained):
    with control_socket(gateway) as control:
        _revision(control)
        reply, _ = client.ask(m.StartTraining(plot_type_id=trained[0]))
        while True:
            message, _ = wire.unpack(CONTROL, control.recv_multipart())
            if isinstance(message, TrainJob):
                break
    assert message.job_id == reply.id
    listed, _ = client.ask(m.GetTrainings())
    assert [(job.plot_type, job.state) for job in listed.trainings] == [
        ("CDC_occupancy", "waiting")
    ]


def test_that_a_training_asked_for_on_the_command_line_reaches_trainer_and_desktops(
    gateway, client, feed, role
):
    waits = m.TrainingState(job_id=7, plot_type="ST", state="waiting", sentence="Waits.")
    with control_socket(gateway) as control:
        _revision(control)
        assert tell_server(gateway, TrainingMoved(training=waits))
        while True:
            message, _ = wire.unpack(CONTROL, control.recv_multipart())
            if isinstance(message, TrainJob):
                break
    assert message.job_id == 7
    _, _, news, _ = heard(feed, m.TrainingChanged)
    assert news.training == waits


def test_that_a_training_is_queued_with_what_was_asked_and_nonsense_is_refused(
    client, sqlite_sessions, trained
):
    asked = m.StartTraining(
        plot_type_id=trained[0], depth="full", network="resnet18", size=96, precision=0.9
    )
    reply, _ = client.ask(asked)
    with transaction(sqlite_sessions) as session:
        wanted = trainings.one(session, reply.id).settings
    assert wanted == {
        "activate": False, "why": "",
        "depth": "full", "network": "resnet18", "size": 96, "precision": 0.9,
    }  # fmt: skip
    with pytest.raises(Refusal, match=r"precision is 90\.0; it may be from 0 to 1"):
        client.ask(m.StartTraining(plot_type_id=trained[0], precision=90))


def test_that_a_quarantined_picture_is_told_and_listed(client, feed, role):
    role.say(SetAside(item=ITEM))
    _, _, news, _ = heard(feed, m.Quarantined)
    assert (news.item, news.total) == (ITEM, 1)
    reply, _ = client.ask(m.GetQuarantine())
    assert reply.items == (ITEM,)


def test_that_a_picture_comes_as_it_was_stored_and_a_missing_one_is_said_to_be(gateway, client):
    store = PictureStore(gateway.pictures_dir)
    store.put("b" * 64, "png", b"the file")
    store.close()
    reply, blobs = client.ask(m.GetPicture(picture_hash="b" * 64))
    assert (reply.media_type, blobs) == ("image/png", [b"the file"])
    with pytest.raises(Refusal, match="does not have this picture"):
        client.ask(m.GetPicture(picture_hash="c" * 64))
    with pytest.raises(Refusal, match="not a sha256"):
        client.ask(m.GetPicture(picture_hash="../../server.key"))


def test_that_the_feed_goes_on_while_the_database_is_away(tmp_path):
    away = settings.load(
        None,
        {
            "data_dir": str(tmp_path),
            "port": free_ports(2),
            "database_url": "mysql+pymysql://root@127.0.0.1:1/none",
        },
    )
    key = keys.make_client(away.keys_dir, "room", tmp_path / "key", "")
    with (
        running(away),
        PatientClient(f"tcp://127.0.0.1:{away.port}", key) as client,
        FeedClient(f"tcp://127.0.0.1:{away.port + 1}", key) as feed,
        Bus(away, "keeper", "keeper") as role,
    ):
        client.ask(m.GetSnapshot(), PATIENCE_S)
        heard(feed, m.Heartbeat)
        with pytest.raises(Refusal, match="Check that it runs") as caught:
            client.ask(m.StartTraining(plot_type_id=1), PATIENCE_S)
        assert caught.value.code == "database-away"
        while not any(
            (each.name, each.state) == ("keeper", "running")
            for each in client.snapshot().components
        ):
            role.pulse("running", "Keeps verdicts.")
        role.say(Published(verdict=verdict(inference_id=None), sequence=1), b"")
        heard(feed, m.Judged)


def test_that_a_port_in_use_is_named(gateway, client, tmp_path):
    other = msgspec.structs.replace(gateway, data_dir=tmp_path / "other")
    with pytest.raises(Exception, match=f"port {gateway.port} on 127.0.0.1 cannot be used"):
        service.Door(other, keys.server_keys(other.keys_dir))


def test_that_a_heat_map_is_asked_of_its_role_and_then_given(
    gateway, client, feed, role, trained, sqlite_sessions
):
    from db import heatmaps, inferences
    from tests.db.factories import START, inference

    plot_type, made = trained
    bad = inference(plot_type, 5, model_id=made, label="Bad", severity="bad")
    with transaction(sqlite_sessions) as session:
        inferences.store(session, [bad])
    wanted = GetHeatmap(picture_hash=bad.picture_hash, class_name="Good")
    with control_socket(gateway) as control:
        _revision(control)
        reply, blobs = client.ask(wanted)
        assert (reply.made, blobs) == (False, [])
        message = _next_of(control, ExplainJob)
    assert (message.picture_hash, message.class_name) == (bad.picture_hash, "Good")
    PictureStore(gateway.heatmaps_dir).put("e" * 64, "png", b"map")
    with transaction(sqlite_sessions) as session:
        subject = heatmaps.subject(session, bad.picture_hash, "Good")
        heatmaps.put(session, subject, "e" * 64, START)
    ready = HeatmapReady(picture_hash=bad.picture_hash, class_name="Good", model_id=made)
    role.say(HeatmapMade(ready=ready))
    assert heard(feed, HeatmapReady)[2] == ready
    reply, blobs = client.ask(wanted)
    assert (reply.made, reply.model_id, blobs) == (True, made, [b"map"])


def test_that_a_bad_verdict_wakes_the_explain_role(gateway, client, role):
    with control_socket(gateway) as control:
        _revision(control)
        role.say(Published(verdict=verdict(plot_type_id=77), sequence=1), b"")
        assert _next_of(control, ExplainJob) == ExplainJob()


def _next_of(control, kind):
    while control.poll(PATIENCE_S * 1000):
        message, _ = wire.unpack(CONTROL, control.recv_multipart())
        if isinstance(message, kind):
            return message
    raise AssertionError(f"no {kind.__name__}")


def test_that_news_reach_every_desktop_and_the_next_snapshot(feed, client):
    client.ask(SetNotice(text="Solenoid ramps down at 06:00."))
    news = heard(feed, NoticePosted)[2]
    assert news.notice.text == "Solenoid ramps down at 06:00."
    snapshot = client.snapshot()
    assert snapshot.notice == news.notice
    assert snapshot.experiment == "Hall D"
