"""What monitoring wants of the database, asked every few minutes."""

from __future__ import annotations

from sqlalchemy.orm import Session, sessionmaker

from db import census
from db.session import transaction
from inference_server.gateway.measures import Census


def take_census(sessions: sessionmaker[Session]) -> Census:
    """Votes and accuracies. Raises DatabaseAway."""
    with transaction(sessions) as session:
        return Census(
            labels=tuple(census.votes(session)), accuracy=tuple(census.trailing(session).items())
        )
