"""The history by runs: where runs, chunks and times stand, and how closely it is told."""

from datetime import timedelta

import pytest

from db import catalogue, inferences, run_axis, session
from db.session import transaction
from db.tables.plots import RunRow
from db.tables.records import RunHistoryRow
from tests.db.factories import START, inference

DAY = timedelta(days=1)
BAD = {"label": "Bad", "severity": "bad", "scores": {"Good": 0.1, "Bad": 0.9}, "confidence": 0.9}


class Hall:
    """One plot type; runs a day apart."""

    def __init__(self, work):
        self.session = work
        self.cdc = catalogue.register(work, "CDC_occupancy", chunked=True, group="CDC")

    def run(self, number, chunks, *, day=0, period="RunPeriod-2026-05", **fields):
        first = START + day * DAY
        inferences.store(
            self.session,
            [
                inference(
                    self.cdc, chunk, run=number, run_period=period,
                    judged_at=first + timedelta(minutes=chunk), **fields,
                )
                for chunk in chunks
            ],
        )  # fmt: skip

    def series(self, first, last):
        told, steps = run_axis.series(
            self.session, self.cdc, run_axis.view(self.session, first, last)
        )
        return told, [(step.run, step.chunk, step.place) for step in steps]


@pytest.fixture
def hall(sessions):
    with transaction(sessions) as work:
        yield Hall(work)


def test_that_runs_stand_side_by_side_whatever_time_lay_between(hall):
    hall.run(7, (1, 2))
    hall.run(8, (1, 2, 3, 4), day=100)
    told, steps = hall.series(0.0, 2.0)
    assert told == "point"
    assert steps == [
        (7, 1, 0.25), (7, 2, 0.75), (8, 1, 1.125), (8, 2, 1.375), (8, 3, 1.625), (8, 4, 1.875),
    ]  # fmt: skip


def test_that_chunks_stand_in_order_also_when_they_were_judged_in_another(hall):
    hall.run(7, (3,))
    hall.run(7, (1, 2), day=1)
    assert [chunk for _, chunk, _ in hall.series(0.0, 1.0)[1]] == [1, 2, 3]


def test_that_a_plot_of_a_whole_run_stands_by_its_time_in_it(hall):
    hall.run(7, (1, 3, 0))
    [whole] = [place for _, chunk, place in hall.series(0.0, 1.0)[1] if chunk == 0]
    assert whole == 0.0
    hall.run(8, (0,), day=1)
    assert hall.series(1.0, 2.0)[1] == [(8, 0, 1.5)]


def test_that_runs_of_one_number_in_two_run_periods_are_two_runs(hall):
    hall.run(7, (1,))
    hall.run(8, (1,), day=1)
    hall.run(7, (1, 2), day=400, period="RunPeriod-2027-06")
    assert [place for _, _, place in hall.series(0.0, 3.0)[1]] == [0.5, 1.5, 2.25, 2.75]
    assert [place for _, _, place in hall.series(0.0, 2.0)[1]] == [0.5, 1.5]


def test_that_many_verdicts_are_told_run_by_run(hall, monkeypatch):
    monkeypatch.setattr(run_axis, "POINTS", 5)
    for number, day in ((7, 0), (8, 1), (9, 2)):
        hall.run(number, range(1, 5), day=day, **(BAD if number == 8 else {}))
    told, steps = run_axis.series(hall.session, hall.cdc, run_axis.view(hall.session, 0.0, 3.0))
    assert told == "run"
    assert [(step.run, step.place, step.pictures, step.noteworthy) for step in steps] == [
        (7, 0.5, 4, 0), (8, 1.5, 4, 0), (9, 2.5, 4, 0),
    ]  # fmt: skip
    assert steps[1].label == "Bad"
    assert steps[1].confidences["Bad"] == pytest.approx((0.9, 0.9, 0.9))
    assert steps[0].at == START + timedelta(minutes=1)
    assert hall.series(1.0, 2.0)[0] == "point"


def test_that_one_long_run_is_told_by_the_hour_and_a_part_of_it_chunk_by_chunk(hall, monkeypatch):
    monkeypatch.setattr(run_axis, "POINTS", 10)
    hall.run(7, range(1, 101))
    told, steps = hall.series(0.0, 1.0)
    assert told == "hour"
    assert [place for _, _, place in steps] == [0.0, pytest.approx(59 / 99)]
    told, steps = hall.series(0.5, 0.55)
    assert told == "point"
    assert {51, 52, 53, 54, 55} <= {chunk for _, chunk, _ in steps} <= set(range(49, 58))


def test_that_more_runs_than_a_screen_has_room_for_are_told_by_the_day(hall, monkeypatch):
    monkeypatch.setattr(run_axis, "RUNS", 4)
    for number in range(10):
        hall.run(number, (1,), day=number)
    shown = run_axis.view(hall.session, 0.0, 10.0)
    assert [(mark.place, mark.run) for mark in shown.marks] == [
        (0, 0), (3, 3), (6, 6), (9, 9),
    ]  # fmt: skip
    told, steps = hall.series(0.0, 10.0)
    assert told == "day"
    assert [run for run, _, _ in steps] == list(range(10))
    places = [place for _, _, place in steps]
    assert places == sorted(places)
    assert places[4] == pytest.approx(4.0, abs=0.5)


def test_that_times_and_numbers_lead_to_places_and_gaps_have_none(hall):
    hall.run(7, (1, 3))
    hall.run(8, (1, 3), day=10)
    hall.run(9, (1, 3), day=20)
    minute = timedelta(minutes=1)
    assert run_axis.place_of(hall.session, START - DAY) == 0.0
    assert run_axis.place_of(hall.session, START + 10 * DAY + 2 * minute) == 1.5
    assert run_axis.place_of(hall.session, START + 5 * DAY) == 1.0
    shown = run_axis.view(hall.session, 0.0, 3.0)
    assert shown.place(START + 5 * DAY) == 1.0
    assert shown.place(START + 10 * DAY + 2 * minute) == 1.5
    stretch = (START + 9 * DAY, START + 21 * DAY)
    assert run_axis.places_of(hall.session, *stretch) == (1.0, 3.0)
    assert run_axis.places_of(hall.session, START + 3 * DAY, START + 4 * DAY) == (0.0, 1.0)


def test_that_run_numbers_that_come_again_are_told_apart(hall, monkeypatch):
    monkeypatch.setattr(run_axis, "POINTS", 4)  # the first period alone has more
    for number in (7, 8):
        hall.run(number, range(1, 11), period="RunPeriod-2026-05", day=number)
    for number in (7, 8):
        hall.run(number, (1, 2), period="RunPeriod-2027-06", day=400 + number)
    told, steps = hall.series(2.0, 4.0)
    assert told == "point"
    assert [(run, chunk) for run, chunk, _ in steps] == [(7, 1), (7, 2), (8, 1), (8, 2)]


def test_that_what_lies_outside_all_runs_is_empty(hall):
    assert hall.series(0.0, 1.0) == ("point", [])
    hall.run(7, (1,))
    assert hall.series(5.0, 9.0) == ("point", [])
    assert hall.series(-3.0, -1.0) == ("point", [])
    assert len(hall.series(-3.0, 9.0)[1]) == 1


def test_that_verdicts_from_before_runs_were_summed_up_are_counted_too(sessions, database_url):
    with transaction(sessions) as work:
        hall = Hall(work)
        hall.run(7, (1, 2))
        hall.run(7, (1, 2, 9), day=100, period="RunPeriod-2027-06", **BAD)

    def kept():
        with transaction(sessions) as work:
            rows = work.query(RunHistoryRow).order_by(RunHistoryRow.run_id)
            sums = [
                (row.run_id, row.pictures, row.noteworthy, row.classes, row.labels) for row in rows
            ]
            return sums, [row.last_chunk for row in work.query(RunRow).order_by(RunRow.id)]

    before = kept()
    assert before[1] == [2, 9]
    session.downgrade(database_url, "0011_acts")
    session.migrate(database_url)
    assert kept() == before
    session.downgrade(database_url, "0012_runs_side_by_side")
    with transaction(sessions) as work:  # as one leaves it that was ended in the middle
        work.add(
            RunHistoryRow(
                plot_type_id=hall.cdc, run_id=1, first_run=7, last_run=7, pictures=1, noteworthy=0,
                classes={}, labels={}, thresholds={},
            )
        )  # fmt: skip
    session.migrate(database_url)
    assert kept() == before
