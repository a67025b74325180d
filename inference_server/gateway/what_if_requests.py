"""What another threshold would have done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from db import catalogue, matrix
from db.live_runs import Live, live_of_last_runs
from db.session import transaction
from db.tallies import Tally
from inference_server import figures
from inference_server.gateway.answers import Handlers, Means, Result
from inference_server.gateway.model_facts import one
from inference_server.protocol.thresholds import Outcome, TryThreshold, WhatIf


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {TryThreshold: lambda request, _who: _what_if(means, request)}


def _what_if(means: Means, request: TryThreshold) -> Result:
    if not 0 <= request.threshold <= 1:
        raise ValueError(f"a threshold lies between 0 and 1, not at {request.threshold}")
    name = request.class_name
    with transaction(means.sessions) as session:
        now = one(session, request.model_id).thresholds
        if name not in now:
            raise KeyError(f"model {request.model_id} has no class {name}")
        then = now | {name: request.threshold}
        counted = matrix.tally(session, request.model_id, request.source)
        found = [_consequences(session, request, counted, thresholds) for thresholds in (now, then)]
        calling = _calls(session, name)
        live = live_of_last_runs(session, request.model_id, request.runs) if calling else []
    return Result(
        WhatIf(
            model_id=request.model_id,
            class_name=name,
            now=_outcome(now[name], found[0], live, name),
            then=_outcome(then[name], found[1], live, name),
            total=sum(each.count for each in counted),
            runs=len({run for run, *_ in live}),
            hours=figures.hours(live),
        )
    )


def _consequences(
    session: Session,
    request: TryThreshold,
    counted: Sequence[Tally],
    thresholds: Mapping[str, float],
) -> figures.Consequences:
    cells = matrix.confirmed(session, request.model_id, request.source, counted, thresholds)
    return figures.consequences(
        [figures.Counted(c.expert, c.said, c.count, c.confirmed) for c in cells],
        request.class_name,
    )


def _calls(session: Session, name: str) -> bool:
    known = {each.name: each.severity for each in catalogue.load(session).classes}
    return known.get(name) == "bad"


def _outcome(
    threshold: float, found: figures.Consequences, live: Sequence[Live], name: str
) -> Outcome:
    calls = figures.per_shift(figures.calls(live, name, threshold), figures.hours(live))
    return Outcome(
        threshold=threshold,
        confirmed=found.confirmed,
        unconfirmed=found.unconfirmed,
        wrong=found.wrong,
        missed=found.missed,
        left=found.left,
        precision=found.precision,
        recall=found.recall,
        accuracy=found.accuracy,
        calls_per_shift=calls,
    )
