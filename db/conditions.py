"""Beam and run over time: kept when they change, read as the stretches without beam."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables.plots import RunConditionRow

BEAM_ON = "beam_on"  # 1: there is beam and a run, 0: there is not
BEAM_CURRENT = "beam_current"
UNKNOWN = -1.0  # from here on nobody knows
STRETCHES = 400  # more than anybody can tell apart on a screen

Stretch = tuple[datetime, datetime]


def put(session: Session, at: datetime, values: Mapping[str, float], unit: str) -> None:
    """Keep what is so from ``at`` on."""
    for name, value in values.items():
        told = unit if name == BEAM_CURRENT else ""
        session.add(RunConditionRow(name=name, at=at, value=value, unit=told))
    session.flush()


def beam_off(session: Session, since: datetime, until: datetime) -> list[Stretch]:
    """The stretches of ``since`` to ``until`` without beam, in order; the longest ``STRETCHES``.

    Where beam and run were unknown it counts as on, as it does for alarms.
    """
    row = RunConditionRow
    of = select(row.at, row.value).where(row.name == BEAM_ON)
    before = of.where(row.at <= since).order_by(row.at.desc(), row.id.desc()).limit(1)
    inside = of.where(row.at > since, row.at <= until).order_by(row.at, row.id)
    found: list[Stretch] = []
    began: datetime | None = None
    for at, value in [*session.execute(before), *session.execute(inside)]:
        if value == 0.0 and began is None:
            began = max(at, since)
        elif value != 0.0 and began is not None:
            found.append((began, at))
            began = None
    if began is not None:
        found.append((began, until))
    longest = sorted(found, key=lambda each: each[0] - each[1])[:STRETCHES]
    return sorted(longest)
