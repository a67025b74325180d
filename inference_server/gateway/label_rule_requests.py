"""The site's rules for labels."""

from __future__ import annotations

from itertools import islice

from db import label_queue, labels, settings
from db.session import transaction
from inference_server.gateway import label_requests
from inference_server.gateway.answers import Handlers, Means, Result, must
from inference_server.gateway.class_requests import LEADER_BOARD
from inference_server.protocol.label_rules import (
    GetLabelRules,
    LabelRule,
    LabelRules,
    SetLabelRules,
)
from inference_server.protocol.labelling import LabelMove, LabelsMoved
from inference_server.protocol.messages import Done

AT_ONCE = 200  # pictures that are decided anew in one transaction


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {
        GetLabelRules: lambda _request, _who: _rules(means),
        SetLabelRules: lambda request, who: _set(means, request, who),
    }


def _rules(means: Means) -> Result:
    with transaction(means.sessions) as session:
        shown = settings.read(session, LEADER_BOARD).get("shown", True)
        return Result(LabelRules(rule=LabelRule(labels.rule(session)), leader_board=bool(shown)))


def _set(means: Means, request: SetLabelRules, who: str) -> Result:
    with transaction(means.sessions) as session:
        must(session, who, "admin")
        changed = request.rule is not None and request.rule != labels.rule(session)
        if request.rule is not None and changed:
            settings.write(session, labels.RULE, {"rule": request.rule.value}, who=who)
        if request.leader_board is not None:
            settings.write(session, LEADER_BOARD, {"shown": request.leader_board}, who=who)
    if not changed:
        return Result(Done(sentence="The rules for labels are kept."))
    decided, moves = decide_anew(means)
    sentence = (
        f"The rules for labels are kept; {decided} pictures with several votes were decided anew."
    )
    return Result(Done(sentence=sentence), news=(LabelsMoved(moves=moves),))


def decide_anew(means: Means) -> tuple[int, tuple[LabelMove, ...]]:
    """How many pictures, and their labels now. In small transactions, so that no vote waits long."""
    with transaction(means.sessions) as session:
        pictures = labels.argued(session)
    moves: list[LabelMove] = []
    rest = iter(pictures)
    while some := list(islice(rest, AT_ONCE)):
        with transaction(means.sessions) as session:
            for picture in some:
                labels.settle(session, picture)
            moves += label_requests.moves(label_queue.by_ids(session, some)).values()
    return len(pictures), tuple(moves)
