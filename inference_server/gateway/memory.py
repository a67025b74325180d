"""What the gateway reads from and writes to the database for its own sake, off its loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session, sessionmaker

from db import alarms, inferences, notices, quarantine
from db.session import DatabaseAway, transaction
from inference_server.alarms.rules import Rule
from inference_server.alarms.standing import Standing
from inference_server.gateway import alarm_requests, alarm_store, notice_requests, translate
from inference_server.protocol.messages import QuarantineItem, Severity, Verdict
from inference_server.protocol.notices import Notice
from inference_server.store import PictureStore


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was there before this gateway started."""

    verdicts: tuple[tuple[Verdict, bytes], ...]
    quarantine: tuple[QuarantineItem, ...]
    quarantined: int
    notice: Notice | None = None


def recall(
    sessions: sessionmaker[Session], thumbnails: PictureStore, severities: Mapping[str, Severity]
) -> Remembered:
    """The newest verdict of each plot type with its thumbnail, and the quarantine. Raises DatabaseAway."""
    with transaction(sessions) as session:
        rows = inferences.newest(session)
        set_aside = quarantine.recent(session)
        total = quarantine.count(session)
        notice = notices.current(session, datetime.now(UTC))
    return Remembered(
        verdicts=tuple(
            (translate.verdict(row, severities), thumbnails.read(row.picture_hash, "jpg") or b"")
            for row in rows
        ),
        quarantine=tuple(translate.quarantined(row) for row in set_aside),
        quarantined=total,
        notice=notice_requests.told(notice),
    )


@dataclass(frozen=True, slots=True)
class AlarmMemory:
    """What the database knows of alarms, and what was judged since they were last heard of."""

    rules: dict[int, Rule] | None
    standings: tuple[Standing, ...] = ()
    missed: tuple[Verdict, ...] = ()


def recall_alarms(
    sessions: sessionmaker[Session],
    since: datetime | None,
    severities: Mapping[str, Severity],
    *,
    restored: bool,
) -> AlarmMemory:
    """Settings, and (not ``restored``) the states; while the database is away nothing of it."""
    rules = alarm_requests.rules(sessions)
    try:
        with transaction(sessions) as session:
            held = () if restored else alarm_store.from_base(alarms.states(session))
            heard = [each.heard_at for each in held if each.heard_at]
            start = since or max(heard, default=None)
            rows = inferences.after(session, start) if start else inferences.newest(session)
    except DatabaseAway:
        return AlarmMemory(rules)
    return AlarmMemory(rules, held, tuple(translate.verdict(row, severities) for row in rows))


def note(sessions: sessionmaker[Session], item: QuarantineItem) -> None:
    """Keep a quarantined picture on record. Raises DatabaseAway."""
    with transaction(sessions) as session:
        quarantine.add(
            session, path=item.path, reason=item.reason, at=item.at, kept_as=item.kept_as
        )
