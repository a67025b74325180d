"""What the gateway reads from and writes to the database for its own sake, off its loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session, sessionmaker

from db import inferences, notices, quarantine
from db.session import transaction
from inference_server.gateway import notice_requests, translate
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


def note(sessions: sessionmaker[Session], item: QuarantineItem) -> None:
    """Keep a quarantined picture on record. Raises DatabaseAway."""
    with transaction(sessions) as session:
        quarantine.add(
            session, path=item.path, reason=item.reason, at=item.at, kept_as=item.kept_as
        )
