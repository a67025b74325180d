"""Sends spooled votes to the server: in order, one batch at a time, until each is confirmed or refused."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from hydra_desktop import background
from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.rooms.run_room import Asker
from hydra_desktop.spool import Spool
from inference_server.protocol.labelling import CastVotes, Vote, VotesKept

BATCH = 100
AGAIN_MS = 2000  # after an answer that did not come
LOOK_MS = 60_000  # much less than spool.LEFT_S
_LATER = {"timeout", "closed", "database-away", "not-ready"}  # anything else is a refusal for good


class Outbox(QObject):
    """Votes leave the spool only when the server has them. Nothing is asked twice at a time."""

    kept = Signal(object)  # VotesKept
    refused = Signal(list, str)  # picture ids, why
    changed = Signal(int, int)  # how many wait, how many were refused

    def __init__(self, path: Path, asker: Asker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._spool, self._asker = Spool(path), asker
        self._ticket = 0
        self._sent: list[Vote] = []
        self._singly = False  # a batch was refused: find out which vote it was
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self._try_again)
        self._minute = QTimer(self, interval=LOOK_MS)
        self._minute.timeout.connect(self.look_about)
        self._minute.start()

    @property
    def waiting(self) -> int:
        """How many votes the server has not confirmed."""
        return len(self._spool.waiting)

    @property
    def reasons(self) -> list[str]:
        """Why votes were refused."""
        return [line.why for line in self._spool.refused.values()]

    @property
    def trouble(self) -> str:
        """Why votes that wait are not in the file; empty: they are."""
        return self._spool.trouble

    @property
    def of_others(self) -> Mapping[Path, int]:
        """Files that other stations or programs hold, and how many votes wait there."""
        return self._spool.of_others

    @property
    def for_others(self) -> Mapping[str, int]:
        """How many votes wait until another server is connected, by its address."""
        return self._spool.for_others

    def use(self, server: str, address: str) -> None:
        """The server that votes are made for and sent to from now on; those for others wait."""
        self._ticket, self._singly = 0, False
        self._spool.use(server, address)
        self._tell()

    def pending_of(self, picture_id: int) -> Vote | None:
        """The newest vote on a picture that still waits."""
        votes = [v for v in self._spool.waiting.values() if v.picture_id == picture_id]
        return votes[-1] if votes else None

    def put(self, votes: list[Vote]) -> None:
        """Take votes; they are in the file before this returns, or ``trouble`` says why not."""
        self._spool.add(votes)
        self._sync()
        self._tell()
        self.send()

    @Slot()
    def send(self) -> None:
        """Send the oldest votes, unless some are on their way."""
        if self._ticket or not self._spool.waiting:
            return
        self._sent = list(islice(self._spool.waiting.values(), 1 if self._singly else BATCH))
        self._ticket = self._asker.ask(CastVotes(votes=tuple(self._sent)))

    def restart(self) -> None:
        """The connection is a new one: what was on its way is sent again, which counts once."""
        self._ticket = 0
        self.send()

    @Slot()
    def look_about(self) -> None:
        """Take over what a program left that is gone, also at another station."""
        self._spool.look_about()
        self._tell()
        self.send()

    def forget_refused(self) -> None:
        """The person has seen what was refused."""
        self._spool.forget_refused()
        self._tell()

    def close(self) -> None:
        """Give the file back; what waits is sent after the next start."""
        self._again.stop()
        self._minute.stop()
        self._spool.close()

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """The server has them."""
        if ticket != self._ticket or not isinstance(answer.message, VotesKept):
            return
        self._ticket, self._singly = 0, False
        self._spool.kept(tuple(vote.client_id for vote in self._sent))
        self.kept.emit(answer.message)
        self._tell()
        self.send()

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Try again where that can help; else set the one vote aside and go on with the rest."""
        if ticket != self._ticket:
            return
        self._ticket = 0
        if failure.code in _LATER or failure.code == "forbidden":
            self._again.start()
            return
        if len(self._sent) > 1:
            self._singly = True
        else:
            (vote,) = self._sent
            self._spool.turn_down(vote.client_id, failure.words)
            self.refused.emit([vote.picture_id], failure.words)
            self._tell()
        self.send()

    @Slot()
    def _try_again(self) -> None:
        if self._spool.trouble:
            self._spool.mend()
            self._sync()
            self._tell()
        self.send()

    def _sync(self) -> None:
        background.run(self, self._spool.sync, then=_nothing, failed=_nothing)

    def _tell(self) -> None:
        self.changed.emit(self.waiting, len(self._spool.refused))


def _nothing(_result: object) -> None:
    """A sync that failed is tried again with the next vote; the votes are in the file anyway."""
