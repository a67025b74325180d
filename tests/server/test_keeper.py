"""The keeper: durable before it is announced, once and only once, with or without the database."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import itertools
import shutil
import threading
import time
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pytest
import zmq
from sqlalchemy import select

from db import catalogue, inferences, labels, models, pictures
from db import session as database
from db.tables.judging import EvaluationRow
from db.tables.plots import FeatureRow, PictureRow
from db.values import NewModel
from inference_server.config import Config, Store
from inference_server.keeper import service
from inference_server.keeper.decide import Arrival
from inference_server.keeper.journal import Journal
from inference_server.keeper.keeper import Keeper
from inference_server.keeper.replay import Replay
from inference_server.keeper.retention import Retention
from inference_server.messages import (
    Afterthought,
    Bus,
    CatalogueRevision,
    CatalogueTouched,
    Frame,
    Opinion,
    Published,
    SetAside,
    Settled,
)
from inference_server.protocol.messages import Severity
from inference_server.protocol.wire import pack, unpack
from inference_server.sockets import bound, connected
from inference_server.store import PictureStore

PATIENCE_S = 60.0
NOW = datetime(2026, 1, 1, tzinfo=UTC)
FEATURES = np.ones(8, "<f2").tobytes()


def until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def picture(number):
    return b"\x89PNG" + str(number).encode() * 20


def frame(number=1, **changes):
    data = picture(number)
    values = {
        "id": f"feeder-0abc:{number}",
        "path": f"/inbox/Run000007/CDC_{number:04d}.png",
        "plot_type": "CDC",
        "chunked": True,
        "run_period": "P",
        "run": 7,
        "chunk": number,
        "picture_hash": hashlib.sha256(data).hexdigest(),
        "picture_time": NOW,
        "closed_at": datetime.now(UTC),
        "size_bytes": len(data),
    }
    return Frame(**values | changes)


def arrival(number=1, scores=None, *, model_id=None, error="", **changes):
    opinion = Opinion(
        frame=frame(number, **changes),
        worker="predict-0",
        model_id=model_id,
        scores=scores or {},
        error=error,
        backbone="net@224",
        width=800,
        height=600,
    )
    return Arrival(opinion, picture(number), b"thumbnail", FEATURES)


@pytest.fixture
def config(tmp_path):
    return Config(data_dir=tmp_path / "data", collect_fraction=0.0)


@pytest.fixture
def sessions(config):
    database.migrate(config.database)
    engine = database.connect(config.database)
    yield database.sessions(engine)
    engine.dispose()


@pytest.fixture
def model_id(sessions):
    with database.transaction(sessions) as session:
        for name, severity in (("Good", "good"), ("Bad", "bad")):
            catalogue.ensure_class(session, name, severity)
        plot_type = catalogue.register(
            session, "CDC", True, classes=["Good", "Bad"], collect_fraction=0.0
        )
        new = NewModel(
            plot_type_id=plot_type, name="m", folder="m", who="test", backbone="net@224",
            labels=("Good", "Bad"), seed=1, thresholds={"Good": 0.8, "Bad": 0.6},
        )  # fmt: skip
        made = models.add(session, new)
        models.activate(session, plot_type, made, who="test", reason="test")
    return made


class Away:
    """The real database, made unreachable and reachable again."""

    def __init__(self, config, sessions):
        self._place = config.data_dir
        self._files = [self._place / f"hydra.sqlite{end}" for end in ("", "-wal", "-shm")]
        self._engine = sessions.kw["bind"]
        self._aside = self._place / "aside"

    def leave(self):
        self._engine.dispose()
        self._aside.mkdir()
        for path in filter(lambda each: each.exists(), self._files):
            shutil.move(path, self._aside)
        self._files[0].mkdir()  # so that SQLite cannot make a new one

    def come_back(self):
        self._files[0].rmdir()
        for path in list(self._aside.iterdir()):
            shutil.move(path, self._place)
        self._aside.rmdir()


@pytest.fixture
def away(config, sessions):
    return Away(config, sessions)


@pytest.fixture
def journal(config):
    with contextlib.closing(Journal(config.journal_dir)) as journal:
        yield journal


@pytest.fixture
def make(config, sessions, journal):
    with contextlib.ExitStack() as stack:

        def keeper(**changes):
            settings = msgspec.structs.replace(config, **changes)
            made = Keeper(settings, sessions, journal)
            stack.callback(made.close)
            return made

        yield keeper


def rows(sessions):
    with database.transaction(sessions) as session:
        return list(inferences.export(session))


def test_that_a_verdict_is_in_the_database_with_its_files_when_it_is_announced(
    make, config, sessions, model_id
):
    outcome = make().keep([arrival(1, {"Good": 0.9, "Bad": 0.1}, model_id=model_id)])
    ((verdict, thumbnail),) = outcome.published
    assert thumbnail == b"thumbnail"
    assert (verdict.label, verdict.severity, verdict.confirmed) == ("Good", Severity.GOOD, True)
    assert [(each.name, each.threshold) for each in verdict.scores] == [("Good", 0.8), ("Bad", 0.6)]
    (row,) = rows(sessions)
    assert (row.id, row.label, row.confirmed) == (verdict.inference_id, "Good", True)
    assert row.thresholds == {"Good": 0.8, "Bad": 0.6}
    assert PictureStore(config.pictures_dir).read(verdict.picture_hash, "png") == picture(1)
    assert PictureStore(config.thumbnails_dir).read(verdict.picture_hash, "jpg") == b"thumbnail"
    assert [(each.frame_id, each.outcome) for each in outcome.settled] == [
        ("feeder-0abc:1", "stored")
    ]


def test_that_a_picture_is_settled_as_often_as_asked_and_published_once(make, sessions, model_id):
    keeper = make()
    twins = [arrival(1, id="a:1"), arrival(1, id="a:2")]
    first = keeper.keep(twins)
    again = keeper.keep([arrival(1, id="b:1")])
    after_restart = make().keep([arrival(1, id="c:1")])
    assert [(each.frame_id, each.outcome) for each in first.settled] == [
        ("a:1", "stored"),
        ("a:2", "duplicate"),
    ]
    assert [each.outcome for each in again.settled + after_restart.settled] == ["duplicate"] * 2
    assert [len(each.published) for each in (first, again, after_restart)] == [1, 0, 0]
    assert len(rows(sessions)) == 1


def test_that_an_unknown_plot_type_is_registered_and_shown_without_a_model(make, sessions):
    outcome = make().keep([arrival(1, plot_type="New"), arrival(2, plot_type="New", chunked=False)])
    assert outcome.new_plot_types
    assert [(each.label, each.confirmed, each.scores) for each, _ in outcome.published] == [
        ("NoModel", False, ())
    ] * 2
    with database.transaction(sessions) as session:
        known = {(each.name, each.chunked) for each in catalogue.load(session).plot_types}
    assert known == {("New", True), ("New", False)}
    assert not make().keep([arrival(3, plot_type="New")]).new_plot_types


def test_that_a_new_threshold_counts_from_the_next_reload_on(make, sessions, model_id):
    keeper = make()
    scores = {"Good": 0.9, "Bad": 0.1}
    assert keeper.keep([arrival(1, scores, model_id=model_id)]).published[0][0].confirmed
    with database.transaction(sessions) as session:
        models.set_threshold(
            session, model_id, "Good", 0.95, who="test", method="hand", reason="test"
        )
    keeper.reload()
    assert not keeper.keep([arrival(2, scores, model_id=model_id)]).published[0][0].confirmed


def test_that_features_are_kept_of_collected_pictures_only(make, sessions, model_id):
    make().keep(
        [
            arrival(1, {"Good": 0.9, "Bad": 0.1}, model_id=model_id),
            arrival(2, {"Good": 0.1, "Bad": 0.9}, model_id=model_id),
            arrival(3, {"Good": 0.6, "Bad": 0.4}, model_id=model_id),
        ]
    )
    with database.transaction(sessions) as session:
        kept = session.execute(
            select(PictureRow.chunk, PictureRow.collected, FeatureRow.vector)
            .outerjoin(FeatureRow, FeatureRow.picture_id == PictureRow.id)
            .order_by(PictureRow.chunk)
        ).all()  # fmt: skip
    assert kept == [(1, None, None), (2, "bad", FEATURES), (3, "unconfirmed", FEATURES)]


def test_that_only_needed_pictures_are_stored_where_the_rule_says_so(make, config, model_id):
    make(store=Store(keep="needed")).keep(
        [
            arrival(1, {"Good": 0.9, "Bad": 0.1}, model_id=model_id),
            arrival(2, {"Good": 0.1, "Bad": 0.9}, model_id=model_id),
        ]
    )
    store = PictureStore(config.pictures_dir)
    assert [store.read(frame(number).picture_hash, "png") is not None for number in (1, 2)] == [
        False,
        True,
    ]


def test_that_a_picture_without_an_opinion_is_set_aside_with_its_reason(make, config, sessions):
    outcome = make().keep([arrival(1, error="the file is no picture."), arrival(2)])
    assert sorted((each.frame_id, each.outcome) for each in outcome.settled) == [
        ("feeder-0abc:1", "quarantined"),
        ("feeder-0abc:2", "stored"),
    ]
    kept = config.quarantine_dir / "P" / "Run000007" / "CDC_0001.png"
    assert kept.read_bytes() == picture(1)
    assert "no picture" in kept.with_name("CDC_0001.png.reason.txt").read_text()
    assert outcome.set_aside[0].item.kept_as == str(kept)
    assert len(rows(sessions)) == 1


def test_that_a_confidence_that_is_no_number_stops_nothing(make, sessions, model_id):
    outcome = make().keep([arrival(1, {"Good": float("nan")}, model_id=model_id), arrival(2)])
    assert "no number" in outcome.set_aside[0].item.reason
    assert len(rows(sessions)) == 1


def test_that_what_a_candidate_says_is_kept_and_announced_to_nobody(make, sessions, model_id):
    with database.transaction(sessions) as session:
        (plot_type,) = catalogue.load(session).plot_types
        new = NewModel(
            plot_type_id=plot_type.id, name="n", folder="n", who="test", backbone="net@224",
            labels=("Good", "Bad"), seed=1, thresholds={"Good": 0.8, "Bad": 0.6},
        )  # fmt: skip
        candidate = models.add(session, new)
    said = {"Good": 0.1, "Bad": 0.9}
    first = in_shadow(arrival(1, {"Good": 0.9, "Bad": 0.1}, model_id=model_id), candidate, said)
    nan = in_shadow(arrival(2, {"Good": 0.9}, model_id=model_id), candidate, {"Bad": float("nan")})
    outcome = make().keep([first, nan])
    assert [verdict.label for verdict, _ in outcome.published] == ["Good", "Good"]
    assert [verdict.model_id for verdict, _ in outcome.published] == [model_id, model_id]
    assert outcome.set_aside == []
    with database.transaction(sessions) as session:
        (row,) = session.scalars(select(EvaluationRow)).all()
        assert (row.model_id, row.purpose, row.label) == (candidate, "shadow", "Bad")
        assert row.scores == said


def test_that_what_a_candidate_says_later_is_kept_where_the_picture_is(make, sessions, model_id):
    keeper = make()
    keeper.keep([arrival(1, {"Good": 0.9, "Bad": 0.1}, model_id=model_id)])
    said = {"Good": 0.1, "Bad": 0.9}
    late = Afterthought(frame=frame(1), model_id=model_id, scores=said)
    keeper.keep_late(
        [
            late,
            msgspec.structs.replace(late, frame=frame(2)),  # not there
            msgspec.structs.replace(late, frame=frame(1, plot_type="Unheard")),
            msgspec.structs.replace(late, scores={"Bad": float("nan")}),
        ]
    )
    keeper.keep_late([late])  # twice is once
    with database.transaction(sessions) as session:
        (row,) = session.scalars(select(EvaluationRow)).all()
        assert (row.model_id, row.purpose, row.scores) == (model_id, "shadow", said)


def test_that_what_a_candidate_says_while_the_database_is_away_is_no_trouble(
    make, away, sessions, model_id
):
    keeper = make()
    keeper.keep([arrival(1, {"Good": 0.9}, model_id=model_id)])
    away.leave()
    keeper.keep_late([Afterthought(frame=frame(1), model_id=model_id, scores={"Good": 0.9})])
    away.come_back()
    assert not keeper.trouble
    assert keeper.keep([arrival(2, {"Good": 0.9}, model_id=model_id)]).published


def in_shadow(given, model_id, scores):
    opinion = msgspec.structs.replace(given.opinion, shadow_id=model_id, shadow_scores=scores)
    return dataclasses.replace(given, opinion=opinion)


def test_that_a_full_disk_settles_nothing_and_says_so(make, config, sessions):
    keeper = make()
    config.pictures_dir.parent.mkdir(exist_ok=True)
    config.pictures_dir.write_bytes(b"in the way")
    outcome = keeper.keep([arrival(1)])
    assert (outcome.settled, outcome.published, rows(sessions)) == ([], [], [])
    assert "cannot be written" in keeper.trouble
    config.pictures_dir.unlink()
    assert len(keeper.keep([arrival(1)]).published) == 1
    assert keeper.trouble == ""


def test_that_verdicts_go_on_while_the_database_is_away_and_come_in_afterwards(
    make, away, journal, sessions, model_id
):
    keeper = make()
    scores = {"Good": 0.9, "Bad": 0.1}
    keeper.keep([arrival(1, scores, model_id=model_id)])
    away.leave()
    outcomes = [
        keeper.keep([arrival(number, scores, model_id=model_id)]) for number in range(2, 12)
    ]
    outcomes.append(keeper.keep([arrival(12, plot_type="New"), arrival(11, id="again:1")]))
    verdicts = [verdict for each in outcomes for verdict, _ in each.published]
    assert [each.chunk for each in verdicts] == list(range(2, 13))
    assert {each.inference_id for each in verdicts} == {None}
    assert verdicts[0].confirmed
    assert verdicts[-1].plot_type_id < 0
    assert [each.outcome for each in outcomes[-1].settled] == ["stored", "duplicate"]
    assert keeper.away
    away.come_back()
    replay = Replay(journal, sessions, 0.0)
    replay.start()
    until(journal.is_empty)
    replay.stop()
    assert [row.chunk for row in rows(sessions)] == list(range(1, 13))
    assert {row.plot_type for row in rows(sessions)} == {"CDC", "New"}
    after = keeper.keep([arrival(13, scores, model_id=model_id)])
    assert after.published[0][0].inference_id is not None
    assert not keeper.away


def test_that_an_absent_database_is_asked_once_for_a_batch(make, away, caplog):
    """What never answers costs a wait each time it is asked."""
    keeper = make()
    away.leave()
    for number in range(1, 4):
        keeper.keep([arrival(number, plot_type=f"New{number}")])
    asked = [record for record in caplog.records if "cannot be used" in record.message]
    assert len(asked) == 1
    assert keeper.away


def test_that_what_is_replayed_twice_is_there_once(make, away, journal, sessions):
    keeper = make()
    away.leave()
    keeper.keep([arrival(number) for number in range(1, 6)])
    away.come_back()
    (segment,) = journal.sealed()
    copy = segment.with_name("0000009999.journal")
    shutil.copy(segment, copy)
    replay = Replay(journal, sessions, 0.0)
    replay.start()
    until(journal.is_empty)
    replay.stop()
    assert [row.chunk for row in rows(sessions)] == [1, 2, 3, 4, 5]


def test_that_a_keeper_starts_from_the_mirror_while_the_database_is_away(make, away, model_id):
    make()
    away.leave()
    outcome = make().keep([arrival(1, {"Good": 0.9, "Bad": 0.1}, model_id=model_id)])
    assert outcome.published[0][0].confirmed
    assert outcome.published[0][0].plot_type_id > 0


class Running:
    """The role on a thread, and all the others' ends of its sockets."""

    def __init__(self, config):
        self.bus = bound(config, zmq.SUB, "bus")
        self.bus.subscribe(b"")
        self.control = bound(config, zmq.PUB, "control")
        self.settled = bound(config, zmq.PULL, "settled", hwm=10_000)
        self.opinions = connected(config, zmq.PUSH, "keeper")
        self.stop = threading.Event()
        self.thread = threading.Thread(target=service.run, args=(config, self.stop))
        self.thread.start()

    def send(self, each):
        self.opinions.send_multipart(
            pack(each.opinion, each.picture, each.thumbnail, each.features)
        )

    def hear(self, kind):
        while True:
            assert self.bus.poll(PATIENCE_S * 1e3)
            message, blobs = unpack(msgspec.msgpack.Decoder(Bus), self.bus.recv_multipart())
            if isinstance(message, kind):
                return message, blobs

    def answer(self):
        assert self.settled.poll(PATIENCE_S * 1e3)
        return unpack(msgspec.msgpack.Decoder(Settled), self.settled.recv_multipart())[0]

    def close(self):
        self.stop.set()
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()
        for socket in (self.bus, self.control, self.settled, self.opinions):
            socket.close()


@pytest.fixture
def running(config, model_id):
    role = Running(config)
    yield role
    role.close()


def test_that_the_role_tells_the_gateway_and_the_balancer(running, sessions, model_id):
    running.send(arrival(1, {"Good": 0.9, "Bad": 0.1}, model_id=model_id))
    published, blobs = running.hear(Published)
    assert (published.verdict.label, published.sequence, blobs) == ("Good", 1, [b"thumbnail"])
    assert running.answer().outcome == "stored"
    running.send(arrival(2, plot_type="New"))
    running.hear(CatalogueTouched)
    assert running.hear(Published)[0].verdict.label == "NoModel"
    running.send(arrival(3, error="broken."))
    assert running.hear(SetAside)[0].item.reason == "broken."
    assert [running.answer().outcome for _ in range(2)] == ["stored", "quarantined"]
    late = Afterthought(frame=frame(1), model_id=model_id, scores={"Good": 0.9, "Bad": 0.1})
    running.opinions.send_multipart(pack(late))

    def kept():
        with database.transaction(sessions) as session:
            return session.scalars(select(EvaluationRow.purpose)).all() == ["shadow"]

    until(kept)


def test_that_the_role_survives_nonsense_and_follows_the_catalogue(running, sessions, model_id):
    running.opinions.send_multipart([b"HYD1", b"nonsense"])
    running.opinions.send_multipart(pack(arrival(1).opinion))
    with database.transaction(sessions) as session:
        models.set_threshold(
            session, model_id, "Good", 0.95, who="test", method="hand", reason="test"
        )
    numbers = itertools.count(2)

    def confirmed():
        running.control.send_multipart(pack(CatalogueRevision(revision=7)))
        running.send(arrival(next(numbers), {"Good": 0.9, "Bad": 0.1}, model_id=model_id))
        return running.hear(Published)[0].verdict.confirmed

    until(lambda: not confirmed())


def retained(config, sessions):
    store = PictureStore(config.pictures_dir)
    with database.transaction(sessions) as session:
        marked = {row.chunk for row in session.scalars(select(PictureRow).where(PictureRow.stored))}
    on_disk = {number for number in range(1, 10) if store.read(frame(number).picture_hash, "png")}
    assert marked == on_disk
    return marked


@pytest.fixture
def full(make, sessions, model_id):
    """Pictures 1, 2, 3 are Good, 4 Bad, 5 Good and labelled."""
    good, bad = {"Good": 0.9, "Bad": 0.1}, {"Good": 0.1, "Bad": 0.9}
    keeper = make()
    for number, scores in enumerate([good, good, good, bad, good], 1):
        keeper.keep([arrival(number, scores, model_id=model_id)])
    with database.transaction(sessions) as session:
        place = pictures.by_hash(session, frame(5).picture_hash)
        labels.vote(
            session, picture_id=place.id, class_name="Good", who="test", at=NOW, client_id="1"
        )
    return keeper


def tidy(config, sessions, keeper, days=0.0):
    retention = Retention(config, sessions, sessions, Journal(config.journal_dir), keeper.files)
    return retention.tidy(datetime.now(UTC) + timedelta(days=days))


def test_that_retention_by_size_takes_the_oldest_first_and_never_what_is_labelled_or_logged(
    config, sessions, full
):
    size = len(picture(1))
    for limit, left in ((4, {2, 3, 4, 5}), (2, {4, 5}), (0.1, {4, 5})):
        rules = Store(max_gb=limit * size / 1e9)
        tidy(msgspec.structs.replace(config, store=rules), sessions, full)
        assert retained(config, sessions) == left


def test_that_retention_by_age_leaves_what_is_young_labelled_or_logged(config, sessions, full):
    rules = msgspec.structs.replace(config, store=Store(max_age_days=10))
    assert tidy(rules, sessions, full, days=9) == 0
    assert tidy(rules, sessions, full, days=11) == 3
    assert retained(config, sessions) == {4, 5}
    assert len(rows(sessions)) == 5


def test_that_old_heat_maps_go_with_their_pictures(config, sessions, full):
    maps = PictureStore(config.heatmaps_dir, durable=False)
    maps.put("e" * 64, "png", b"map")
    rules = msgspec.structs.replace(config, store=Store(max_age_days=10))
    tidy(rules, sessions, full, days=9)
    assert maps.read("e" * 64, "png") == b"map"
    tidy(rules, sessions, full, days=11)
    assert maps.read("e" * 64, "png") is None


def test_that_the_rows_of_the_journal_are_what_the_database_takes(
    make, away, sessions, journal, model_id
):
    """The two ways into the database leave the same rows."""
    keeper = make()
    scores = {"Good": 0.7, "Bad": 0.3}
    keeper.keep([arrival(1, scores, model_id=model_id)])
    away.leave()
    keeper.keep([arrival(2, scores, model_id=model_id)])
    away.come_back()
    replay = Replay(journal, sessions, 0.0)
    replay.start()
    until(journal.is_empty)
    replay.stop()
    differ = {"id", "picture_id", "chunk", "picture_hash", "file_name", "judged_at", "latency_ms"}
    direct, replayed = (
        {name: value for name, value in dataclasses.asdict(row).items() if name not in differ}
        for row in rows(sessions)
    )
    assert direct == replayed
