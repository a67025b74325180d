"""The log and the history: what pages hold, what hours and days sum up, where trouble began."""

from datetime import UTC, datetime, timedelta

import pytest

from db import alarms, catalogue, history, inferences, labels, log, models, streaks
from db.session import transaction
from tests.db.factories import START, inference, model

BAD = {"label": "Bad", "severity": "bad", "scores": {"Good": 0.1, "Bad": 0.9}, "confidence": 0.9}
DOUBT = {"label": "Good", "confirmed": False, "scores": {"Good": 0.4, "Bad": 0.6}}


class Hall:
    """Two plot types of two detectors and the verdicts that a test wants."""

    def __init__(self, session):
        self.session = session
        catalogue.ensure_class(session, "Good", "good")
        catalogue.ensure_class(session, "Bad", "bad")
        self.cdc = catalogue.register(session, "CDC_occupancy", chunked=True, group="CDC")
        self.fdc = catalogue.register(session, "FDC_occupancy", chunked=True, group="FDC")
        self.model = models.add(session, model(self.cdc))

    def judged(self, plot_type, chunk, **fields):
        fields = {"model_id": self.model, **fields}
        inferences.store(self.session, [inference(plot_type, chunk, **fields)])

    def page(self, **wanted):
        return log.page(self.session, log.Filter(**wanted))


@pytest.fixture
def hall(sessions):
    with transaction(sessions) as session:
        yield Hall(session)


def test_that_a_row_of_the_log_is_a_streak_with_first_and_last_chunk(hall):
    for chunk in (1, 2, 3):
        hall.judged(hall.cdc, chunk, **BAD)
    hall.judged(hall.cdc, 4)
    [row] = hall.page()
    assert (row.run, row.first_chunk, row.last_chunk, row.length) == (92317, 1, 3, 3)
    assert (row.plot_type, row.group, row.run_period) == (
        "CDC_occupancy",
        "CDC",
        "RunPeriod-2026-05",
    )
    assert (row.label, row.confirmed, row.open, row.confidence) == ("Bad", True, False, 0.9)
    shown = streaks.pictures(hall.session, row.id)
    assert [each.chunk for each in shown] == [1, 2, 3]
    assert (shown[0].picture_hash, shown[-1].picture_hash) == (row.first_hash, row.last_hash)


def acknowledged(chunk, **fields):
    known = {
        "uid": f"a-{chunk}", "at": START + timedelta(minutes=chunk + 1), "kind": "acknowledged",
        "plot_type": "CDC_occupancy", "chunked": True, "line": "verdict", "severity": "major",
        "condition": "acknowledged", "sentence": "is Bad", "who": "ann", "why": "crate 7", "run": 92317,
        "chunk": chunk, "picture_hash": "",
    }  # fmt: skip
    return alarms.StoredEvent(**(known | fields))


def test_that_a_row_tells_who_has_seen_its_own_alarm_when_and_why(hall):
    for chunk in range(1, 8):
        hall.judged(hall.cdc, chunk, **(BAD if chunk in (2, 3, 6) else {}))
    other = acknowledged(3, uid="b", plot_type="FDC_occupancy", who="bob")
    alarms.store(hall.session, [], [acknowledged(3), other])
    later, first = hall.page()
    assert (first.seen_by, first.seen_why) == ("ann", "crate 7")
    assert first.seen_at == START + timedelta(minutes=4)
    assert (later.first_chunk, later.seen_by) == (6, "")


def test_that_pictures_of_a_streak_carry_what_people_said(hall):
    hall.judged(hall.cdc, 1, **BAD)
    hall.judged(hall.cdc, 2, **BAD)
    [row] = hall.page()
    first = inferences.newest(hall.session)[0].picture_id
    labels.vote(
        hall.session, picture_id=first, class_name="Good", who="ann", at=START, client_id="x",
        verdict_visible=True, seconds=None,
    )  # fmt: skip
    assert [each.label for each in streaks.pictures(hall.session, row.id)] == ["", "Good"]


def test_that_pages_follow_each_other_without_gap_or_repetition(hall):
    for chunk in range(1, 21):
        hall.judged(hall.cdc, chunk, **(BAD if chunk % 2 else {}))
        hall.judged(hall.fdc, chunk, **(DOUBT if chunk % 2 else {}))
    whole = [row.id for row in hall.page()]
    assert len(whole) == 20
    paged, after = [], None
    while rows := log.page(hall.session, log.Filter(), after=after, limit=3):
        paged += [row.id for row in rows]
        after = (rows[-1].last_at, rows[-1].id)
    assert paged == whole
    assert [row.id for row in log.every(hall.session, log.Filter())] == whole


FILTERS = (
    ({"unconfirmed": False}, {"CDC"}),
    ({"bad": False}, {"FDC"}),
    ({"bad": False, "unconfirmed": False}, set()),
    ({"labels": ("Bad",)}, {"CDC"}),
    ({"first_run": 92318}, {"FDC"}),
    ({"last_run": 92317}, {"CDC"}),
    ({"first_run": 99000}, set()),
    ({"run_periods": ("RunPeriod-2026-06",)}, {"FDC"}),
    ({"run_periods": ("RunPeriod-1999",)}, set()),
    ({"since": START + timedelta(minutes=3)}, {"FDC"}),
    ({"until": START + timedelta(minutes=3)}, {"CDC"}),
    ({"text": "cdc_occ"}, {"CDC"}),
    ({"text": "bad"}, {"CDC"}),
    ({"text": "92318"}, {"FDC"}),
    ({"text": "crate 7 was off"}, {"FDC"}),
    ({"text": "100%"}, set()),
)


def test_that_a_filter_leaves_what_it_asks_for(hall):
    hall.judged(hall.cdc, 1, **BAD)
    hall.judged(hall.fdc, 5, **DOUBT, run=92318, run_period="RunPeriod-2026-06")
    newest = hall.page()[0]
    streaks.comment(
        hall.session, newest.id, who="ann", text="Crate 7 was off", at=datetime.now(UTC)
    )
    assert [{row.group for row in hall.page(**wanted)} for wanted, _ in FILTERS] == [
        found for _, found in FILTERS
    ]


def test_that_a_comment_stays_with_its_streak(hall):
    hall.judged(hall.cdc, 1, **BAD)
    [row] = hall.page()
    assert row.comments == 0
    streaks.comment(hall.session, row.id, who="ann", text=" Crate 7 ", at=START)
    assert [(each.who, each.text) for each in streaks.comments(hall.session, row.id)] == [
        ("ann", "Crate 7")
    ]
    assert hall.page()[0].comments == 1
    with pytest.raises(ValueError, match="empty"):
        streaks.comment(hall.session, row.id, who="ann", text="  ", at=START)
    with pytest.raises(KeyError, match="no streak 99"):
        streaks.comment(hall.session, 99, who="ann", text="x", at=START)


def test_that_trouble_began_where_the_last_calm_verdict_ends(hall):
    hall.judged(hall.cdc, 1, **BAD)
    hall.judged(hall.cdc, 2)
    hall.judged(hall.cdc, 3, **DOUBT)
    hall.judged(hall.cdc, 4, **BAD)
    hall.judged(hall.cdc, 5, **BAD, run=92318)
    newest = hall.page()[0]
    began = streaks.one(hall.session, streaks.beginning(hall.session, newest.id))
    assert (newest.run, began.run, began.first_chunk) == (92318, 92317, 3)


def test_that_verdicts_are_summed_up_by_hour_and_day_as_they_come(hall):
    for chunk in (1, 2):
        hall.judged(hall.cdc, chunk, scores={"Good": 0.8 + chunk / 10, "Bad": 0.1})
    hall.judged(hall.cdc, 70, **BAD)  # in the next hour
    until = START + timedelta(days=200)
    told, [day] = history.series(hall.session, hall.cdc, START - timedelta(days=1), until, most=2)
    assert told == "day"
    assert (day.at, day.pictures, day.noteworthy, day.label) == (
        START.replace(hour=0), 3, 1, "Good",
    )  # fmt: skip
    assert day.confidences["Good"] == pytest.approx((0.1, 2.0 / 3, 1.0))
    assert (day.thresholds, day.model_id) == ({"Good": 0.5, "Bad": 0.65}, hall.model)
    told, hours = history.series(hall.session, hall.cdc, START, START + timedelta(days=2), most=2)
    assert told == "hour"
    assert [(hour.pictures, hour.noteworthy) for hour in hours] == [(2, 0), (1, 1)]
    assert [
        (day.pictures, day.noteworthy)
        for day in history.calendar(hall.session, START - timedelta(days=1))
    ] == [(3, 1)]


def test_that_few_verdicts_are_told_one_by_one(hall):
    for chunk in (1, 2, 3):
        hall.judged(hall.cdc, chunk)
    hall.judged(hall.fdc, 1)
    told, steps = history.series(hall.session, hall.cdc, START, START + timedelta(days=300))
    assert told == "point"
    assert [step.chunk for step in steps] == [1, 2, 3]
    assert steps[0].confidences["Good"] == (0.97, 0.97, 0.97)
    assert steps[0].picture_hash == inference(hall.cdc, 1).picture_hash


def test_that_a_repeated_verdict_is_counted_once(hall):
    for _ in range(2):
        hall.judged(hall.cdc, 1)
    assert [day.pictures for day in history.calendar(hall.session, START - timedelta(days=1))] == [
        1
    ]


def test_that_a_model_change_is_on_record_with_who_and_why(hall):
    models.activate(hall.session, hall.cdc, hall.model, who="ann", reason="better")
    now = datetime.now(UTC)
    [change] = history.model_changes(
        hall.session, hall.cdc, now - timedelta(hours=1), now + timedelta(hours=1)
    )
    assert (change.model_id, change.who, change.reason) == (hall.model, "ann", "better")


def test_that_runs_lead_to_the_time_they_were_taken(hall):
    hall.judged(hall.cdc, 1)
    hall.judged(hall.cdc, 9)
    assert history.runs_span(hall.session, 92317, 92317) == (
        START + timedelta(minutes=1),
        START + timedelta(minutes=9),
    )
    assert history.runs_span(hall.session, 1, 2) is None
