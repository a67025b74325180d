"""What a person did in the labeler, act by act: which of it can be taken back, and what counts then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables.people import LabelRow
from db.tables.plots import PictureRow, PlotTypeRow

LOOKED_AT = 2_000  # own votes of the labeler, the newest
DECIDING = ("label", "taken_back")


@dataclass(frozen=True, slots=True)
class OwnVote:
    """A deciding vote as it was made in the labeler; ``undoes``: the one that it takes back, or empty."""

    client_id: str
    picture_id: int
    class_name: str | None
    at: datetime
    act: str
    undoes: str


@dataclass(slots=True)
class Stacks:
    """Acts that can be taken back, and those that were and can be done again; the last one on top."""

    done: list[tuple[OwnVote, ...]] = field(default_factory=list)
    undone: list[tuple[OwnVote, ...]] = field(default_factory=list)


def stacks(votes: Iterable[OwnVote]) -> Stacks:
    """How the acts stand after all these votes, oldest first.

    What took back an act is itself what is taken back to do it again.
    """
    found = Stacks()
    for _, group in groupby(votes, key=lambda vote: vote.act):
        act = tuple(group)
        back, again = _holds(found.done, act[0].undoes), _holds(found.undone, act[0].undoes)
        if not act[0].undoes:
            found.done.append(act)
            found.undone.clear()
        elif back:
            found.done.pop()
            found.undone.append(act)
        elif again:
            found.undone.pop()
            found.done.append(act)
    return found


def _holds(stack: Sequence[Sequence[OwnVote]], client_id: str) -> bool:
    return bool(stack) and client_id in {vote.client_id for vote in stack[-1]}


def of(session: Session, who: str) -> Stacks:
    """The last acts of a person."""
    query = (
        select(
            LabelRow.client_id, LabelRow.picture_id, LabelRow.class_name, LabelRow.at,
            LabelRow.act, LabelRow.undoes,
        )
        .where(LabelRow.who == who, LabelRow.act.is_not(None), LabelRow.kind.in_(DECIDING))
        .order_by(LabelRow.at.desc(), LabelRow.id.desc())
        .limit(LOOKED_AT)
    )  # fmt: skip
    for dialect in ("mysql", "mariadb"):  # else all votes of a person may be sorted first
        query = query.with_hint(LabelRow, "FORCE INDEX (ix_labels_who_at)", dialect)
    rows = session.execute(query).all()
    return stacks(
        OwnVote(vote, picture, name, at, act or "", undoes or "")
        for vote, picture, name, at, act, undoes in reversed(rows)
    )


def before(session: Session, who: str, client_ids: Sequence[str]) -> dict[str, str | None]:
    """What a person said of the picture before each of these own votes; None: nothing.

    Votes that are not known, or another person's, are left out.
    """
    query = select(LabelRow.id, LabelRow.client_id, LabelRow.picture_id).where(
        LabelRow.client_id.in_(client_ids), LabelRow.who == who
    )
    asked = {client_id: (number, picture) for number, client_id, picture in session.execute(query)}
    said: dict[int, list[tuple[int, str | None]]] = {}
    words = (
        select(LabelRow.picture_id, LabelRow.id, LabelRow.class_name)
        .where(
            LabelRow.picture_id.in_({picture for _, picture in asked.values()}),
            LabelRow.who == who,
            LabelRow.kind.in_(DECIDING),
        )
        .order_by(LabelRow.id)
    )
    for picture, number, class_name in session.execute(words):
        said.setdefault(picture, []).append((number, class_name))
    return {
        client_id: next((name for at, name in reversed(said[picture]) if at < number), None)
        for client_id, (number, picture) in asked.items()
    }


def places(session: Session, picture_ids: Sequence[int]) -> Mapping[int, tuple[str, int, int]]:
    """Plot type, run and chunk of pictures."""
    rows = session.execute(
        select(PictureRow.id, PlotTypeRow.name, PictureRow.run, PictureRow.chunk)
        .join(PlotTypeRow, PlotTypeRow.id == PictureRow.plot_type_id)
        .where(PictureRow.id.in_(picture_ids))
    )
    return {number: (name, run, chunk) for number, name, run, chunk in rows}
