"""Users, roles, the audit trail, and pictures that are tried again."""

from __future__ import annotations

import logging
import shutil
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from db import audit, people, quarantine
from db.session import transaction
from inference_server.config import Config
from inference_server.gateway.answers import Handlers, Means, Result, must
from inference_server.protocol.administration import (
    Audit,
    AuditEntry,
    GetAudit,
    GetUsers,
    PutUser,
    Right,
    SetRight,
    TriedAgain,
    TryAgain,
    UserInfo,
    Users,
)
from inference_server.protocol.messages import Done
from inference_server.protocol.people import Role

LIMIT = 500

log = logging.getLogger(__name__)


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {
        GetUsers: lambda _request, who: _users(means, who),
        PutUser: lambda request, who: _put(means, request, who),
        SetRight: lambda request, who: _right(means, request, who),
        GetAudit: lambda request, _who: _audit(means, request),
        TryAgain: lambda request, who: _again(means, request, who),
    }


def _users(means: Means, who: str) -> Result:
    with transaction(means.sessions) as session:
        must(session, who, "admin")
        found = people.users(session)
    return Result(Users(users=tuple(_told(each) for each in found)))


def _told(user: people.User) -> UserInfo:
    return UserInfo(
        name=user.name,
        full_name=user.full_name,
        email=user.email,
        wants_report=user.wants_report,
        rights=tuple(Right(role=Role(role), plot_type_id=kind) for role, kind in user.rights),
    )


def _put(means: Means, request: PutUser, who: str) -> Result:
    with transaction(means.sessions) as session:
        must(session, who, "admin")
        people.put_user(
            session, name=request.name.strip(), full_name=request.full_name, email=request.email,
            wants_report=request.wants_report, who=who,
        )  # fmt: skip
    return Result(Done(sentence=f"{request.name} is kept."))


def _right(means: Means, request: SetRight, who: str) -> Result:
    with transaction(means.sessions) as session:
        must(session, who, "admin")
        people.set_right(
            session, name=request.name, role=request.role.value,
            plot_type_id=request.plot_type_id, given=request.given, who=who,
        )  # fmt: skip
    verb = "has" if request.given else "has no longer"
    return Result(Done(sentence=f"{request.name} {verb} the role {request.role}."))


def _audit(means: Means, request: GetAudit) -> Result:
    limit = max(1, min(request.limit, LIMIT))
    with transaction(means.sessions) as session:
        found = people.trail(
            session, before_id=request.before_id, subject=request.subject, who=request.who,
            what=request.what, since=request.since, until=request.until, limit=limit + 1,
        )  # fmt: skip
        whats = tuple(people.kinds_of_change(session))
    entries = tuple(
        AuditEntry(
            id=each.id, at=each.at, who=each.who, what=each.what, subject=each.subject,
            before=each.before, after=each.after,
        )
        for each in found[:limit]
    )  # fmt: skip
    return Result(Audit(entries=entries, more=len(found) > limit, whats=whats))


def _again(means: Means, request: TryAgain, who: str) -> Result:
    """The file goes back to where it came from, so the feeder finds it as if it were new.

    Where somebody has removed the file meanwhile, the picture leaves the list.
    """
    with transaction(means.sessions) as session:
        must(session, who, "maintainer")
        known = quarantine.newest(session, request.kept_as)
        kept = _kept(means.config, request.kept_as)
        there = kept.is_file()
        place = _inbox_place(means.config, known.path) if there else Path(known.path)
        quarantine.taken_out(session, request.kept_as)
        audit.write(
            session, who=who, what="quarantine", subject=place.name[:190],
            before={"kept_as": request.kept_as, "reason": known.reason},
            after={"path": known.path if there else "", "at": str(datetime.now(UTC))},
        )  # fmt: skip
        session.flush()
        if there:
            _put_back(kept, place)
    gone = "was no longer in the quarantine: it leaves the list."
    done = Done(sentence=f"{place.name} {'is tried again.' if there else gone}")
    return Result(done, news=(TriedAgain(kept_as=request.kept_as),))


def _put_back(kept: Path, place: Path) -> None:
    """Whole or not at all, and never over a newer file of that name. Raises ValueError: why not."""
    if place.exists():
        raise ValueError(f"{place.name} lies in the inbox already")
    part = place.with_name(f".{place.name}.part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept, part)
        part.rename(place)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise ValueError(f"{place} cannot be written: {error.strerror}") from error
    try:
        kept.unlink()
        kept.with_name(f"{kept.name}.reason.txt").unlink(missing_ok=True)
    except OSError as error:  # it is in the inbox, and that counts; what is left harms nobody
        log.warning("%s stays in the quarantine: %s", kept, error)


def _inbox_place(config: Config, original: str) -> Path:
    """Where it goes back to; only ever into an inbox of this server."""
    place = Path(original).resolve()
    if not any(place.is_relative_to(inbox.path.resolve()) for inbox in config.inboxes):
        raise ValueError("it came from another host: send it again from there")
    return place


def _kept(config: Config, kept_as: str) -> Path:
    kept = Path(kept_as).resolve()
    if kept.name.endswith(".reason.txt"):
        raise ValueError("only the reason was kept: the file itself stayed in its inbox")
    if not kept.is_relative_to(config.quarantine_dir.resolve()):
        raise ValueError("the file does not lie in the quarantine of this server")
    return kept
