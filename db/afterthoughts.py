"""What candidates in the shadow say of pictures whose verdicts are kept already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import evaluations
from db.evaluations import Evaluated
from db.tables.plots import PictureRow, RunPeriodRow

Named: TypeAlias = tuple[int, str, int, int, str]  # plot type, run period, run, chunk, hash


@dataclass(frozen=True, slots=True)
class Late:
    """What a model says of one picture: every class's confidence."""

    picture: Named
    model_id: int
    scores: Mapping[str, float]


def keep(session: Session, late: Sequence[Late]) -> int:
    """Keep them as evaluations of the shadow; of how many the picture is there."""
    known = _known(session, [each.picture for each in late])
    found: dict[int, list[Evaluated]] = defaultdict(list)
    for each in late:
        if each.picture in known:
            found[each.model_id].append(Evaluated(known[each.picture], each.scores))
    for model_id, evaluated in found.items():
        evaluations.add(session, model_id, "shadow", evaluated)
    return sum(map(len, found.values()))


def _known(session: Session, wanted: Sequence[Named]) -> dict[Named, int]:
    rows = session.execute(
        select(
            PictureRow.id, PictureRow.plot_type_id, RunPeriodRow.name, PictureRow.run,
            PictureRow.chunk, PictureRow.picture_hash,
        )
        .join(RunPeriodRow, RunPeriodRow.id == PictureRow.run_period_id)
        .where(PictureRow.picture_hash.in_({each[-1] for each in wanted}))
    )  # fmt: skip
    return {(kind, period, run, chunk, key): n for n, kind, period, run, chunk, key in rows}
