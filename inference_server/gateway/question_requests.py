"""The training report: a model's mistakes as questions, with the answers that people gave."""

from __future__ import annotations

from db import reports
from db.session import transaction
from inference_server.gateway.answers import Handlers, Means, Result
from inference_server.gateway.model_facts import one
from inference_server.protocol.questions import (
    GetQuestions,
    Questions,
    ReportAnswer,
    ReportQuestion,
)

LARGEST_PAGE = 200


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {GetQuestions: lambda request, _who: _questions(means, request)}


def _questions(means: Means, request: GetQuestions) -> Result:
    offset, limit = max(0, request.offset), max(0, min(request.limit, LARGEST_PAGE))
    with transaction(means.sessions) as session:
        model = one(session, request.model_id)
        total, answered = reports.counts(session, model.id)
        page = reports.questions(session, model.id, offset=offset, limit=limit)
    return Result(
        Questions(
            model_id=model.id,
            total=total,
            answered=answered,
            offset=offset,
            questions=tuple(map(_question, page)),
        )
    )


def _question(each: reports.Question) -> ReportQuestion:
    return ReportQuestion(
        picture_id=each.picture_id,
        picture_hash=each.picture_hash,
        run_period=each.run_period,
        run=each.run,
        chunk=each.chunk,
        said=each.said,
        confidence=each.confidence,
        labelled=each.labelled,
        now=each.now,
        labelled_by=each.labelled_by,
        answers=tuple(
            ReportAnswer(
                who=given.who, class_name=given.class_name, at=given.at, comment=given.comment
            )
            for given in each.answers
        ),
    )
