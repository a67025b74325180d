"""The news banner."""

from __future__ import annotations

from datetime import UTC, datetime

from db import notices
from db.session import transaction
from db.values import Notice as Row
from inference_server.gateway.answers import Handlers, Means, Result, must
from inference_server.protocol.messages import Done
from inference_server.protocol.notices import (
    GetNotice,
    Notice,
    NoticeIs,
    NoticePosted,
    SetNotice,
)

LONGEST = 300  # characters: it is one line


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {
        SetNotice: lambda request, who: _set(means, request, who),
        GetNotice: lambda _request, _who: _get(means),
    }


def told(row: Row | None) -> Notice | None:
    """As the protocol says it."""
    return (
        None
        if row is None
        else Notice(id=row.id, text=row.text, who=row.who, at=row.at, until=row.until)
    )


def _set(means: Means, request: SetNotice, who: str) -> Result:
    text = " ".join(request.text.split())
    if len(text) > LONGEST:
        raise ValueError(f"the news have {len(text)} characters, {LONGEST} are the most")
    with transaction(means.sessions) as session:
        must(session, who, "expert")
        row = notices.post(
            session, text, who=request.person or who, at=datetime.now(UTC), until=request.until
        )
    sentence = "The news are on every desktop." if row else "The news are taken away."
    return Result(Done(sentence=sentence), news=(NoticePosted(notice=told(row)),))


def _get(means: Means) -> Result:
    with transaction(means.sessions) as session:
        return Result(NoticeIs(notice=told(notices.current(session, datetime.now(UTC)))))
