"""Verdicts by run: runs stand side by side in the order in which they began, whatever time lay between.

The place of a run is its number in that order, from 0 on; a run fills the stretch from its place to
the next. So 3.5 is the middle of the fourth run.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, and_, func, not_, or_, select, tuple_
from sqlalchemy.orm import Session

from db import history
from db.history import POINTS, Step
from db.summaries import DAY, HOUR
from db.tables.judging import InferenceRow
from db.tables.plots import PictureRow, RunRow
from db.tables.records import RunHistoryRow

RUN = "run"
RUNS = 400  # so many runs are told one by one, more are summed up in days
FEW = 2  # runs of which more can be told than one step each


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A run on the axis. ``last_chunk``: the greatest so far; 0: its pictures have no chunks."""

    run_id: int
    place: int
    run: int
    run_period_id: int
    since: datetime
    until: datetime
    last_chunk: int


@dataclass(frozen=True, slots=True)
class View:
    """What of the axis is looked at, from ``first`` to ``last``; of many runs only some are marked."""

    first: float
    last: float
    marks: tuple[Mark, ...] = ()
    every: int = 1  # the marks stand so many places apart

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """From when to when its runs were seen; None: there are none."""
        if not self.marks:
            return None
        return min(each.since for each in self.marks), max(each.until for each in self.marks)

    def place(self, at: datetime) -> float:
        """Where a time stands; between two runs: where the first of them ends."""
        number = bisect_right(self.marks, at, key=lambda mark: mark.since) - 1
        if number < 0:
            return float(self.marks[0].place) if self.marks else self.first
        mark = self.marks[number]
        until, runs = mark.until, 1
        if self.every > 1 and number + 1 < len(self.marks):
            until, runs = self.marks[number + 1].since, self.marks[number + 1].place - mark.place
        return mark.place + runs * _share(mark.since, until, at)


def view(session: Session, first: float, last: float) -> View:
    """The runs that stand from ``first`` to ``last``. What is before or after all runs is empty."""
    begin = max(0, math.floor(first))
    count = max(1, math.ceil(last)) - begin
    if count < 1:
        return View(first, last)
    ordered = select(RunRow.id).order_by(RunRow.first_seen, RunRow.id)
    ids = session.scalars(ordered.offset(begin).limit(count)).all()
    every = math.ceil(max(1, len(ids)) / RUNS)
    chosen = {number: begin + place for place, number in enumerate(ids)}
    wanted = {*ids[::every], *ids[-1:]}
    row = RunRow
    query = select(
        row.id, row.number, row.run_period_id, row.first_seen, row.last_seen, row.last_chunk
    ).where(row.id.in_(wanted))
    marks = [
        Mark(
            run_id=run_id,
            place=chosen[run_id],
            run=run,
            run_period_id=period,
            since=since,
            until=until,
            last_chunk=chunk,
        )
        for run_id, run, period, since, until, chunk in session.execute(query)
    ]
    marks.sort(key=lambda mark: mark.place)
    return View(first, last, tuple(marks), every)


def place_of(session: Session, at: datetime) -> float:
    """Where a time stands among all runs."""
    begun = session.scalar(select(func.count(RunRow.id)).where(RunRow.first_seen <= at)) or 0
    query = (
        select(RunRow.first_seen, RunRow.last_seen)
        .where(RunRow.first_seen <= at)
        .order_by(RunRow.first_seen.desc(), RunRow.id.desc())
        .limit(1)
    )
    if (row := session.execute(query).first()) is None:
        return 0.0
    return begun - 1 + _share(row.first_seen, row.last_seen, at)


def places_of(session: Session, since: datetime, until: datetime) -> tuple[float, float]:
    """The whole runs that were taken in a stretch of time; where there were none, the one before."""
    first, last = place_of(session, since), place_of(session, until)
    begin = float(math.floor(first))
    if first.is_integer() and first > 0 and first == last:
        begin -= 1.0
    return begin, max(begin + 1.0, float(math.ceil(last)))


def series(session: Session, plot_type_id: int, shown: View) -> tuple[str, list[Step]]:
    """How closely it is told ("point", "hour", "run", "day"), and the steps in order of their places."""
    if shown.span is None:
        return "point", []
    since, until = shown.span
    if shown.every > 1:
        found = history.spans(session, plot_type_id, DAY, _midnight(since), until)
        return DAY, [replace(step, place=shown.place(step.at)) for step in found]
    if _pictures(session, plot_type_id, shown) <= POINTS:
        return "point", _points(session, plot_type_id, shown)
    if len(shown.marks) <= FEW:
        hour = since.replace(minute=0, second=0, microsecond=0)
        found = history.spans(session, plot_type_id, HOUR, hour, until)
        return HOUR, [replace(step, place=shown.place(step.at)) for step in found]
    return RUN, _runs(session, plot_type_id, shown)


# ---------------------------------------------------------------- places


def _share(begin: datetime, end: datetime, at: datetime) -> float:
    """How much of a run was over at a time (0..1)."""
    if end <= begin:
        return 1.0 if at > begin else 0.0
    return min(1.0, max(0.0, (at - begin) / (end - begin)))


def _inside(mark: Mark, chunk: int, at: datetime) -> float:
    """Where a verdict stands in its run: by its chunk, or by its time where it has none."""
    if chunk > 0:
        return (chunk - 0.5) / max(chunk, mark.last_chunk)
    return _share(mark.since, mark.until, at) if mark.until > mark.since else 0.5


def _covered(shown: View, mark: Mark) -> float:
    """How much of a run is in view (0..1)."""
    return max(0.0, min(shown.last, mark.place + 1.0) - max(shown.first, mark.place))


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


# ---------------------------------------------------------------- rows


def _pictures(session: Session, plot_type_id: int, shown: View) -> float:
    """About how many pictures of a plot type are in view."""
    covered = {mark.run_id: _covered(shown, mark) for mark in shown.marks}
    query = select(RunHistoryRow.run_id, RunHistoryRow.pictures).where(
        RunHistoryRow.plot_type_id == plot_type_id, RunHistoryRow.run_id.in_(covered)
    )
    return sum(count * covered[run] for run, count in session.execute(query))


def _runs(session: Session, plot_type_id: int, shown: View) -> list[Step]:
    marks = {mark.run_id: mark for mark in shown.marks}
    row = RunHistoryRow
    query = select(row.run_id, *history.sums(row)).where(
        row.plot_type_id == plot_type_id, row.run_id.in_(marks)
    )
    steps = [
        history.summed_up(marks[run].since, values, place=marks[run].place + 0.5)
        for run, *values in session.execute(query)
    ]
    return sorted(steps, key=lambda step: cast(float, step.place))


def _points(session: Session, plot_type_id: int, shown: View) -> list[Step]:
    marks = {(mark.run_period_id, mark.run): mark for mark in shown.marks}
    query = (
        history.verdicts(plot_type_id)
        .where(
            InferenceRow.run.in_(
                {mark.run for mark in shown.marks}
            ),  # by this the index finds them
            tuple_(PictureRow.run_period_id, InferenceRow.run).in_(list(marks)),
            *_ends(shown),
        )
        .limit(2 * POINTS)
    )
    steps = []
    for period, step in history.read_points(session, query):
        if (mark := marks.get((period, step.run))) is not None:
            place = mark.place + _inside(mark, step.chunk, step.at)
            steps.append(replace(step, place=place))
    return sorted(steps, key=lambda step: (cast(float, step.place), step.at))


def _ends(shown: View) -> list[ColumnElement[bool]]:
    """Leaves out the chunks of the first and the last run that are not in view."""
    row, first, last = InferenceRow, shown.marks[0], shown.marks[-1]
    begins = math.floor((shown.first - first.place) * first.last_chunk)
    ends = math.ceil((shown.last - last.place) * last.last_chunk) + 1
    before = and_(_of(first), row.chunk > 0, row.chunk < begins)
    after = and_(_of(last), row.chunk > ends)
    return [not_(or_(before, after))]


def _of(mark: Mark) -> ColumnElement[bool]:
    """Belongs to this run: numbers come again in other run periods."""
    return and_(PictureRow.run_period_id == mark.run_period_id, InferenceRow.run == mark.run)
