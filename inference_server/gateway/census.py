"""What monitoring wants of the database, asked every few minutes."""

from __future__ import annotations

from collections import Counter

from sqlalchemy.orm import Session, sessionmaker

from db import census
from db.session import transaction
from inference_server.gateway.measures import Census


class CensusTaker:
    """Counts on from where it was last, since votes are only ever added. One thread at a time."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._votes: Counter[tuple[str, str]] = Counter()
        self._counted = 0  # the last vote that is in it

    def take(self) -> Census:
        """Votes and accuracies. Raises DatabaseAway."""
        with transaction(self._sessions) as session:
            newest = census.newest_vote(session)
            fresh = census.votes(session, self._counted, newest)
            accuracy = census.trailing(session)
        self._votes.update(fresh)
        self._counted = newest
        labels = tuple((name, source, count) for (name, source), count in self._votes.items())
        return Census(labels=labels, accuracy=tuple(accuracy.items()))
