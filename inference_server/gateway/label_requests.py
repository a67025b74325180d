"""Labelling: queues, votes, likeness."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy.orm import Session

from db import label_queue, label_runs, labels, reports
from db.label_filter import Narrowing
from db.label_runs import Grouped
from db.queued import Key, Queued
from db.session import transaction
from inference_server import likeness
from inference_server.gateway import label_why
from inference_server.gateway.answers import Handlers, Means, Result, must
from inference_server.gateway.label_why import Told
from inference_server.protocol.labelling import (
    CastVotes,
    CurrentLabels,
    GetCurrentLabels,
    GetLabelQueue,
    GetSimilar,
    GetVotes,
    LabelItem,
    LabelMove,
    LabelPage,
    LabelsMoved,
    Similar,
    Vote,
    VoteRecord,
    Votes,
    VotesKept,
)

MOST_VOTES = 500  # in one transaction
MOST_ITEMS = 500


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {
        GetLabelQueue: lambda request, _who: _page(means, request),
        CastVotes: lambda request, who: _cast(means, request, who),
        GetVotes: lambda request, _who: _votes(means, request),
        GetSimilar: lambda request, _who: _similar(means, request),
        GetCurrentLabels: lambda request, _who: _current(means, request),
    }


def _page(means: Means, request: GetLabelQueue) -> Result:
    after = _place(request)
    asked = Narrowing(**msgspec.structs.asdict(request.filter))
    with transaction(means.sessions) as session:
        found = _found(session, request, asked, after)
        counted = request.queue, request.plot_type_ids, asked
        left = None if after else label_queue.count(session, *counted)
        judged = [likeness.Judged(e.picture_id, e.said, e.confirmed) for e in found.items]
        twins = likeness.folded(session, judged) if request.fold else {}
        told = label_why.told(session, request.queue, found.items)
    hidden = {twin for group in twins.values() for twin in group}
    items = tuple(
        item(each, told[each.picture_id], tuple(twins.get(each.picture_id, ())))
        for each in found.items
        if each.picture_id not in hidden
    )
    cursor = "/".join(repr(each) for each in found.after)
    return Result(LabelPage(items=items, cursor=cursor, left=left, sizes=found.sizes))


def _found(session: Session, request: GetLabelQueue, asked: Narrowing, after: Key) -> Grouped:
    limit = max(1, min(request.limit, MOST_ITEMS))
    wanted = session, request.queue, request.plot_type_ids, asked
    if request.by_run:
        return label_runs.page(*wanted, after=after, limit=limit)
    items = label_queue.page(*wanted, after=after, limit=limit)
    return Grouped(items, {}, items[-1].key if len(items) == limit else ())


def _place(request: GetLabelQueue) -> Key:
    if not request.after:
        return ()
    try:
        place = tuple(float(each) for each in request.after.split("/"))
    except ValueError:
        place = ()
    if len(place) != label_queue.key_length(request.queue, by_run=request.by_run):
        raise ValueError(f"{request.after} is no cursor of the queue {request.queue.value}")
    return place


def item(each: Queued, told: Told, twins: tuple[int, ...] = ()) -> LabelItem:
    """A picture as the protocol says it."""
    return LabelItem(
        picture_id=each.picture_id,
        plot_type_id=each.plot_type_id,
        plot_type=each.plot_type,
        run_period=each.run_period,
        run=each.run,
        chunk=each.chunk,
        picture_hash=each.picture_hash,
        picture_time=each.picture_time,
        why=told.why,
        remark=told.remark,
        said=each.said,
        confidence=each.confidence,
        confirmed=each.confirmed,
        unbiased=each.unbiased,
        class_name=each.class_name,
        who=each.who,
        labelled_at=each.labelled_at,
        label_id=each.label_id,
        disputed=each.disputed,
        pin=each.pin,
        weight=each.weight,
        twins=twins,
    )


def _cast(means: Means, request: CastVotes, who: str) -> Result:
    if len(request.votes) > MOST_VOTES:
        raise ValueError(f"at most {MOST_VOTES} votes are taken at once")
    overtaken: dict[int, LabelMove] = {}
    with transaction(means.sessions) as session:
        before = moves(label_queue.by_ids(session, [vote.picture_id for vote in request.votes]))
        for kind in {move.plot_type_id for move in before.values()}:
            must(session, who, "labeller", kind)
        for vote in request.votes:
            person = vote.person or who
            held = before.get(vote.picture_id)
            if held and held.label_id not in {vote.seen_label_id, 0} and held.who != person:
                overtaken[vote.picture_id] = held
            _keep(session, vote, person)
        after = moves(label_queue.by_ids(session, [vote.picture_id for vote in request.votes]))
    told = tuple(after.values())
    return Result(
        VotesKept(
            client_ids=tuple(vote.client_id for vote in request.votes),
            moves=told,
            overtaken=tuple(overtaken.values()),
        ),
        news=(LabelsMoved(moves=told),),
    )


def _keep(session: Session, vote: Vote, person: str) -> None:
    labels.vote(
        session,
        picture_id=vote.picture_id,
        class_name=vote.class_name,
        who=person,
        at=vote.at,
        client_id=vote.client_id,
        kind=vote.kind,
        comment=vote.comment,
        verdict_visible=vote.verdict_visible,
        seconds=vote.seconds,
        act=vote.act,
        undoes=vote.undoes,
    )
    if vote.kind == "label" and vote.class_name:
        reports.answer(
            session, vote.picture_id, vote.class_name, who=person, comment=vote.comment, at=vote.at
        )


def moves(found: Sequence[Queued]) -> dict[int, LabelMove]:
    """The current labels of these pictures, by their ids."""
    return {
        each.picture_id: LabelMove(
            picture_id=each.picture_id,
            plot_type_id=each.plot_type_id,
            class_name=each.class_name,
            who=each.who,
            at=each.labelled_at or each.picture_time,
            label_id=each.label_id,
            disputed=each.disputed,
        )
        for each in found
    }


def _current(means: Means, request: GetCurrentLabels) -> Result:
    if len(request.picture_ids) > MOST_ITEMS:
        raise ValueError(f"at most {MOST_ITEMS} pictures are asked for at once")
    with transaction(means.sessions) as session:
        found = moves(label_queue.by_ids(session, request.picture_ids))
    return Result(CurrentLabels(moves=tuple(found.values())))


def _votes(means: Means, request: GetVotes) -> Result:
    with transaction(means.sessions) as session:
        rows = labels.votes_on(session, request.picture_id)
    return Result(
        Votes(
            votes=tuple(
                VoteRecord(
                    id=row.id,
                    who=row.who,
                    class_name=row.class_name or "",
                    kind=row.kind,
                    comment=row.comment,
                    verdict_visible=row.verdict_visible,
                    seconds=row.seconds,
                    at=row.at,
                )
                for row in rows
            )
        )
    )


def _similar(means: Means, request: GetSimilar) -> Result:
    with transaction(means.sessions) as session:
        near = likeness.nearest(
            session, request.picture_id, limit=max(1, min(request.limit, MOST_ITEMS))
        )
        found = label_queue.by_ids(session, [picture for picture, _ in near])
    alike = dict(near)
    return Result(
        Similar(
            items=tuple(
                item(each, Told(f"Like the chosen one: {alike[each.picture_id]:.3f}."))
                for each in found
            ),
            likeness=tuple(alike[each.picture_id] for each in found),
        )
    )
