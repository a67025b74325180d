"""Votes: every one kept, the current label derived from them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from db import inserts, label_acts, pictures, settings, suspicions, tallies
from db.label_rule import ADJUDICATION, LATEST, Said, decide
from db.tables.people import CurrentLabelRow, LabelRow, RightRow, UserRow
from db.tables.plots import ClassRow, PictureRow, PlotTypeRow, RunPeriodRow
from db.values import ExportedLabel, KeptVote

PAGE = 1000
RULE = "label_rule"  # key in the settings


def vote(
    session: Session,
    *,
    picture_id: int,
    class_name: str | None,
    who: str,
    at: datetime,
    client_id: str,
    kind: str = "label",
    comment: str = "",
    verdict_visible: bool = True,
    seconds: float | None = None,
    act: str = "",
    undoes: str = "",
) -> int:
    """Id of the vote; one that was sent before (same ``client_id``) is not counted again.

    Which vote is the current label follows from ``rule``; one that is taken back counts no more. A vote
    that ``undoes`` an own one says again what the person had said before that, or nothing.
    Raises KeyError: there is no such picture or class.
    """
    sent_before = select(LabelRow).where(LabelRow.client_id == client_id)
    if (known := session.scalars(sent_before).first()) is not None:
        return known.id
    earlier = label_acts.before(session, who, [undoes]) if undoes else {}
    if undoes in earlier:
        class_name = earlier[undoes]
        kind = "label" if class_name else "taken_back"
    _check(session, picture_id, class_name)
    row = {
        "client_id": client_id,
        "picture_id": picture_id,
        "who": who,
        "class_name": class_name,
        "kind": kind,
        "comment": comment,
        "verdict_visible": verdict_visible,
        "seconds": seconds,
        "at": at,
        "act": act or None,
        "undoes": undoes or None,
    }
    inserts.missing(session, LabelRow, [row])
    stored = session.scalars(sent_before).one()
    if kind in {"label", "taken_back"}:
        settle(session, picture_id)
    return stored.id


def newest(session: Session) -> int:
    """The number of the newest vote; 0: there is none."""
    return session.scalar(select(func.max(LabelRow.id))) or 0


def was_sent(session: Session, client_id: str) -> bool:
    """Whether this vote is there already."""
    query = select(LabelRow.id).where(LabelRow.client_id == client_id)
    return session.scalar(query) is not None


def _check(session: Session, picture_id: int, class_name: str | None) -> None:
    # The picture stays locked until the end: of two votes in the same moment one waits, so that
    # the current label is the newest one's. SQLite has one writer anyway.
    picture = select(PictureRow.id).where(PictureRow.id == picture_id).with_for_update()
    if session.scalar(picture) is None:
        raise KeyError(f"there is no picture {picture_id}")
    known = select(ClassRow.id).where(ClassRow.name == class_name)
    if class_name is not None and session.scalar(known) is None:
        raise KeyError(f"there is no class {class_name}")


def rule(session: Session) -> str:
    """Which label counts at this site, see ``label_rule``."""
    return str(settings.read(session, RULE).get("rule", LATEST))


def argued(session: Session) -> list[int]:
    """The pictures that two people or more have voted on: those on which the rule matters."""
    query = (
        select(LabelRow.picture_id)
        .where(LabelRow.kind.in_(("label", "taken_back")))
        .group_by(LabelRow.picture_id)
        .having(func.count(LabelRow.who.distinct()) > 1)
    )
    return list(session.scalars(query))


def settle(session: Session, picture_id: int) -> None:
    """Make the current label of a picture follow the votes on it, by the rule in force."""
    votes = session.execute(
        select(LabelRow.id, LabelRow.who, LabelRow.class_name)
        .where(LabelRow.picture_id == picture_id, LabelRow.kind.in_(("label", "taken_back")))
        .order_by(LabelRow.id)
    ).all()
    in_force = rule(session)
    experts = _experts(session) if in_force == ADJUDICATION else ()
    outcome = decide([Said(*vote) for vote in votes], in_force, experts)
    current = session.get(CurrentLabelRow, picture_id)
    if outcome.vote is None and not outcome.disputed:
        if current is not None:
            session.delete(current)
    elif votes:
        # Without a vote that stands the newest one is named, so that a dispute has a date.
        stands = outcome.vote.id if outcome.vote else votes[-1].id
        row = session.get_one(LabelRow, stands)
        current = current or CurrentLabelRow(picture_id=picture_id)
        current.label_id, current.who, current.at = row.id, row.who, row.at
        current.class_name = outcome.vote.class_name if outcome.vote else None
        current.disputed = outcome.disputed
        current.plot_type_id = pictures.kind_of(session, picture_id)
        found = suspicions.of(session, picture_id, current.plot_type_id, current.class_name)
        current.suspected = found.class_name if found else None
        current.suspicion = found.confidence if found else None
        session.add(current)
    session.flush()
    tallies.relabel(session, picture_id, outcome.vote.class_name if outcome.vote else None)


def _experts(session: Session) -> set[str]:
    ranks = ("expert", "maintainer", "admin")
    return set(
        session.scalars(
            select(UserRow.name)
            .join(RightRow, RightRow.user_id == UserRow.id)
            .where(RightRow.role.in_(ranks))
        )
    )


def votes_on(session: Session, picture_id: int) -> list[KeptVote]:
    """Every vote on a picture, oldest first."""
    query = select(LabelRow).where(LabelRow.picture_id == picture_id).order_by(LabelRow.id)
    return [
        KeptVote(
            id=row.id,
            who=row.who,
            class_name=row.class_name,
            kind=row.kind,
            comment=row.comment,
            verdict_visible=row.verdict_visible,
            seconds=row.seconds,
            at=row.at,
        )
        for row in session.scalars(query)
    ]


def counts(session: Session, plot_type_id: int) -> dict[str, int]:
    """Current labels of a plot type, by class."""
    rows = session.execute(
        select(CurrentLabelRow.class_name, func.count())
        .join(PictureRow, PictureRow.id == CurrentLabelRow.picture_id)
        .where(PictureRow.plot_type_id == plot_type_id, CurrentLabelRow.class_name.is_not(None))
        .group_by(CurrentLabelRow.class_name)
    )
    return {name: number for name, number in rows if name is not None}


def labellers(session: Session, plot_type_id: int, since: datetime) -> list[tuple[str, int, int]]:
    """Who holds how many current labels of a plot type, and how many of them since ``since``."""
    recent = func.sum(case((CurrentLabelRow.at >= since, 1), else_=0))
    rows = session.execute(
        select(CurrentLabelRow.who, func.count(), recent)
        .join(PictureRow, PictureRow.id == CurrentLabelRow.picture_id)
        .where(PictureRow.plot_type_id == plot_type_id, CurrentLabelRow.class_name.is_not(None))
        .group_by(CurrentLabelRow.who)
        .order_by(func.count().desc(), CurrentLabelRow.who)
    )
    return [(who, int(number), int(late or 0)) for who, number, late in rows]


def last_words(session: Session, plot_type_id: int) -> dict[int, dict[str, str]]:
    """For each picture with votes of two people or more: the last class that each gave."""
    several = (
        select(LabelRow.picture_id)
        .join(PictureRow, PictureRow.id == LabelRow.picture_id)
        .where(PictureRow.plot_type_id == plot_type_id, LabelRow.kind == "label")
        .group_by(LabelRow.picture_id)
        .having(func.count(LabelRow.who.distinct()) > 1)
    )
    rows = session.execute(
        select(LabelRow.picture_id, LabelRow.who, LabelRow.class_name)
        .where(LabelRow.picture_id.in_(several), LabelRow.kind.in_(("label", "taken_back")))
        .order_by(LabelRow.id)
    )
    said: dict[int, dict[str, str]] = {}
    for picture, who, class_name in rows:
        words = said.setdefault(picture, {})
        if class_name is None:
            words.pop(who, None)
        else:
            words[who] = class_name
    return said


def of_class(session: Session, plot_type_id: int, class_name: str) -> list[int]:
    """The pictures of a plot type whose current label is this class."""
    return list(
        session.scalars(
            select(CurrentLabelRow.picture_id)
            .join(PictureRow, PictureRow.id == CurrentLabelRow.picture_id)
            .where(
                PictureRow.plot_type_id == plot_type_id, CurrentLabelRow.class_name == class_name
            )
            .order_by(CurrentLabelRow.picture_id)
        )
    )


def examples(session: Session, plot_type_id: int, class_name: str, limit: int) -> list[str]:
    """Hashes of the newest stored pictures that carry this label."""
    return list(
        session.scalars(
            select(PictureRow.picture_hash)
            .join(CurrentLabelRow, CurrentLabelRow.picture_id == PictureRow.id)
            .where(
                PictureRow.plot_type_id == plot_type_id,
                PictureRow.stored,
                CurrentLabelRow.class_name == class_name,
                ~CurrentLabelRow.disputed,
            )
            .order_by(CurrentLabelRow.at.desc(), CurrentLabelRow.picture_id.desc())
            .limit(limit)
        )
    )


def export(session: Session, plot_type: str | None = None) -> Iterator[ExportedLabel]:
    """The current labels, page by page in the order of the pictures' ids."""
    query = (
        select(
            PictureRow, PlotTypeRow.name, PlotTypeRow.chunked, RunPeriodRow.name, CurrentLabelRow
        )
        .join(PlotTypeRow, PlotTypeRow.id == PictureRow.plot_type_id)
        .join(RunPeriodRow, RunPeriodRow.id == PictureRow.run_period_id)
        .join(CurrentLabelRow, CurrentLabelRow.picture_id == PictureRow.id)
        .where(CurrentLabelRow.class_name.is_not(None))
        .order_by(PictureRow.id)
        .limit(PAGE)
    )
    if plot_type is not None:
        query = query.where(PlotTypeRow.name == plot_type)
    last = 0
    while page := session.execute(query.where(PictureRow.id > last)).all():
        for picture, name, chunked, period, label in page:
            yield ExportedLabel(
                plot_type=name,
                chunked=chunked,
                run_period=period,
                run=picture.run,
                chunk=picture.chunk,
                file_name=picture.file_name,
                picture_hash=picture.picture_hash,
                extension=picture.extension,
                class_name=label.class_name or "",
                who=label.who,
                at=label.at,
            )
        last = page[-1][0].id
