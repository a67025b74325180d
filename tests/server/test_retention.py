"""What no rule may remove, kills in the middle of removing, and the day on which the disk is full; on both kinds of database."""

from __future__ import annotations

import shutil
import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, select, text

from db import activity, alarms, catalogue, dropping, inferences, labels, models, teaching
from db.session import transaction
from db.tables.models import TrainingSetRow
from db.tables.plots import PictureRow
from inference_server import retention_rules
from inference_server.config import Config, Store
from inference_server.forecast import Growing, forecast
from inference_server.keeper.journal import Journal
from inference_server.keeper.retention import Retention
from inference_server.retention_rules import Rules
from inference_server.store import PictureStore
from tests.db.factories import START, inference, model
from tests.server.live import until

LATE = START + timedelta(days=400)
EVERYTHING = Rules(1.0, 0.0)


class Hall:
    """Pictures with their files, one for each reason to keep it; named by chunk."""

    def __init__(self, config, sessions):
        self.config, self.sessions = config, sessions
        self.store = PictureStore(config.pictures_dir, durable=False)
        with transaction(sessions) as session:
            for name in ("Good", "Bad"):
                catalogue.ensure_class(session, name, name.lower())
            self.plot = catalogue.register(session, "CDC", True, classes=("Good", "Bad"))
            self.model = models.add(session, model(self.plot))
        self.chunks = 0

    def picture(self, **fields):
        """Keep one more; its id."""
        self.chunks += 1
        row = inference(self.plot, self.chunks, model_id=self.model, **fields)
        self.store.put(row.picture_hash, "png", b"png")
        with transaction(self.sessions) as session:
            return inferences.store(session, [row])[0].picture_id

    def say(self, picture, kind, class_name=None, comment=""):
        with transaction(self.sessions) as session:
            labels.vote(
                session, picture_id=picture, class_name=class_name, who="ann", at=START,
                client_id=f"{kind} {picture}", kind=kind, comment=comment,
            )  # fmt: skip

    def alarm(self, picture, condition):
        """A line in this condition that shows the picture."""
        with transaction(self.sessions) as session:
            shown = session.get_one(PictureRow, picture).picture_hash
            line = alarms.StoredState(
                plot_type=condition, chunked=True, line="supply", condition=condition,
                severity="major", since=START, state={"picture_hash": shown},
            )  # fmt: skip
            alarms.store(session, [line], [])

    def retention(self, sessions=None):
        store = Store(max_age_days=EVERYTHING.max_age_days)
        config = Config(data_dir=self.config.data_dir, store=store)
        maker = sessions or self.sessions
        return Retention(config, maker, maker, Journal(config.journal_dir), threading.Lock())

    def rows(self):
        """Chunks that are stored, as the rows say."""
        with transaction(self.sessions) as session:
            return set(session.scalars(select(PictureRow.chunk).where(PictureRow.stored)))

    def files(self):
        """Chunks whose file is there."""
        hashes = {path.stem for path in self.config.pictures_dir.rglob("*.png") if path.is_file()}
        with transaction(self.sessions) as session:
            rows = session.execute(select(PictureRow.chunk, PictureRow.picture_hash)).all()
        return {chunk for chunk, picture_hash in rows if picture_hash in hashes}


@pytest.fixture
def hall(tmp_path, sessions):
    made = Hall(Config(data_dir=tmp_path / "data"), sessions)
    yield made
    made.store.close()


def taught(hall):
    """Labelled, learned from, and then the label was taken back."""
    picture = hall.picture()
    hall.say(picture, "label", "Good")
    hall.say(picture, "taken_back")
    with transaction(hall.sessions) as session:
        session.add(
            TrainingSetRow(
                model_id=hall.model, picture_id=picture, class_name="Good", side="training"
            )
        )


def pinned(hall):
    picture = hall.picture()
    with transaction(hall.sessions) as session:
        teaching.mark(session, [picture], pin="validation", weight=None, who="ann")


NEEDED = {
    "labelled": lambda hall: hall.say(hall.picture(), "label", "Good"),
    "commented on": lambda hall: hall.say(hall.picture(), "comment", comment="Crate 7 was off"),
    "flagged": lambda hall: hall.say(hall.picture(), "flag"),
    "unsure": lambda hall: hall.say(hall.picture(), "unsure"),
    "in a frozen data set": taught,
    "pinned": pinned,
    "logged as Bad": lambda hall: hall.picture(label="Bad", severity="bad", collected="bad"),
    "logged as Unconfirmed": lambda hall: hall.picture(confirmed=False, collected="unconfirmed"),
    "shown by an alarm": lambda hall: hall.alarm(hall.picture(), "unacknowledged"),
    "shown by a shelved alarm": lambda hall: hall.alarm(hall.picture(), "shelved"),
}
FREE = {
    "plain": lambda hall: hall.picture(),
    "drawn at random": lambda hall: hall.picture(unbiased=True, collected="unbiased"),
    "skipped": lambda hall: hall.say(hall.picture(), "skip"),
    "of an alarm that is over": lambda hall: hall.alarm(hall.picture(), "normal"),
}


def test_that_nothing_that_somebody_needs_is_ever_removed(hall):
    needed = {}
    for why, make in (NEEDED | FREE).items():
        make(hall)
        needed[hall.chunks] = why
    with transaction(hall.sessions) as session:
        planned = retention_rules.plan(session, EVERYTHING, LATE)
    assert planned.pictures == len(FREE), "what is told to people is what happens"
    assert hall.retention().tidy(LATE) == len(FREE)
    assert {needed[chunk] for chunk in hall.rows()} == set(NEEDED)
    assert hall.files() == hall.rows()
    assert hall.retention().tidy(LATE) == 0


class Killed(BaseException):
    """As good as a kill: nothing after it is done."""


@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
def test_that_a_kill_in_the_middle_leaves_no_row_without_its_picture(hall, moment):
    for _ in range(3):
        hall.picture()
    pinned(hall)
    retention = hall.retention()

    def die(session):
        raise Killed

    # Reading ends in a commit too: the first one in which a row has changed is that of removing.
    def changed(session, *_):
        event.listen(hall.sessions, moment, die)

    event.listen(hall.sessions, "after_flush", changed, once=True)
    with pytest.raises(Killed):
        retention.tidy(LATE)
    event.remove(hall.sessions, moment, die)
    assert hall.files() == {1, 2, 3, 4}
    assert hall.rows() == ({4} if moment == "after_commit" else {1, 2, 3, 4})
    retention.tidy(LATE)
    assert hall.rows() == {4}
    assert hall.rows() <= hall.files()


def test_that_one_file_that_cannot_be_removed_keeps_no_other(hall):
    for _ in range(3):
        hall.picture()
    place = hall.store.path(inference(hall.plot, 1).picture_hash, "png")
    place.unlink()
    (place / "stuck").mkdir(parents=True)
    with pytest.raises(OSError, match=place.name):
        hall.retention().tidy(LATE)
    assert hall.files() == set()
    shutil.rmtree(place)


def test_that_a_vote_that_is_being_stored_keeps_its_picture(hall):
    picture = hall.picture()
    gone = []

    def remove():
        with transaction(hall.sessions) as session:
            gone.extend(dropping.mark_dropped(session, [picture]))

    other = threading.Thread(target=remove)
    with transaction(hall.sessions) as session:
        labels.vote(
            session, picture_id=picture, class_name="Good", who="ann", at=START, client_id="1"
        )
        other.start()
        until(lambda: waits_for_a_lock(hall.sessions))
    other.join(30)
    assert gone == []
    assert hall.rows() == {1}


def waits_for_a_lock(sessions):
    with transaction(sessions) as session:
        if session.get_bind().dialect.name == "sqlite":
            return True
        waiting = "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
        return session.scalar(text(waiting))


@pytest.mark.parametrize(
    ("hours", "every_h"), [(6, 1), (48, 2), (24 * 30, 6)], ids=["6 hours", "2 days", "a month"]
)
def test_that_the_forecast_knows_when_the_disk_is_full(hall, hours, every_h):
    """40 kB every so many hours since the hall began: the rate is the same, however long ago that was."""
    now = START + timedelta(hours=hours)
    moments = [START + timedelta(hours=at) for at in range(0, hours, every_h)]
    rows = [inference(hall.plot, n, judged_at=at) for n, at in enumerate(moments)]
    with transaction(hall.sessions) as session:
        inferences.store(session, rows)
        grown = activity.growth(session, now)
    day = 24 / every_h * 40_000
    assert grown.stored / grown.days == pytest.approx(day, rel=0.04)
    facts = Growing(
        store=grown.stored / grown.days, base=0, base_size=0, free=round(day * 100.5), here=True,
        days=grown.days,
    )  # fmt: skip
    full = forecast(facts, Rules(0.0, 0.0), now)
    days = [f"{now + timedelta(days=days):%d %b %Y}" for days in range(96, 106)]
    assert any(f"full on {day}" in full for day in days)


def test_that_the_first_minutes_are_not_taken_for_a_day(hall):
    hall.picture(judged_at=START)
    with transaction(hall.sessions) as session:
        grown = activity.growth(session, START + timedelta(minutes=1))
    assert grown.days == pytest.approx(1 / 24)
