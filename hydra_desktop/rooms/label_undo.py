"""Taking back and doing again: what this session did, and before that what the server remembers."""

from __future__ import annotations

from collections.abc import Callable

from hydra_desktop.asking import Asking
from hydra_desktop.label_keys import KeyMap
from hydra_desktop.label_session import Act, Circumstances, LabelSession, of_before
from hydra_desktop.link.arrival import Failure
from hydra_desktop.models import label_facts
from hydra_desktop.models.label_queue import LabelQueueModel
from hydra_desktop.outbox import Outbox
from inference_server.protocol.label_acts import GetOwnActs, OwnActs
from inference_server.protocol.labelling import Vote
from ui.label_page import LabelPage


class LabelUndo:
    """Everybody takes back only what is his own: one stack of acts for each name that was typed."""

    def __init__(
        self,
        page: LabelPage,
        model: LabelQueueModel,
        outbox: Outbox,
        asking: Asking,
        keys: KeyMap,
        put: Callable[[list[Vote], Act], None],
    ) -> None:
        self._page, self._model, self._outbox, self._asking = page, model, outbox, asking
        self._keys, self._put = keys, put
        self._sessions: dict[str, LabelSession] = {}
        self._recalled: set[str] = set()  # whose acts of before are on the stack

    def session(self, person: str) -> LabelSession:
        """The acts of a person."""
        return self._sessions.setdefault(person, LabelSession())

    def forget(self) -> None:
        """Another server: the acts were of other pictures."""
        self._sessions.clear()
        self._recalled.clear()

    def back(self, how: Circumstances) -> None:
        """Take the last act back, and stand there again."""
        session = self.session(how.person)
        if session.can_undo:
            self._turned(*session.undo(how), "Taken back")
        else:
            self._recall(how.person, forward=False)

    def again(self, how: Circumstances) -> None:
        """Do it again after all."""
        session = self.session(how.person)
        if session.can_redo or session.can_undo:
            self._turned(*session.redo(how), "Done again")
        else:
            self._recall(how.person, forward=True)

    def _turned(self, votes: list[Vote], act: Act, what: str) -> None:
        if not act:
            self._page.say(label_facts.nothing(forward=True))
            return
        self._put(votes, act)
        if (place := self._model.place(act[0].picture_id)) >= 0:
            self._page.grid.go_to(place)
        else:
            self._page.say(label_facts.elsewhere(act, what))

    def _recall(self, person: str, *, forward: bool) -> None:
        """The next press takes something back that was done before this session: it is named first."""
        if person in self._recalled:
            self._page.say(label_facts.nothing(forward=forward))
        elif self._outbox.waiting:
            self._page.say(
                "What was done before this start can be taken back when the server has all labels."
            )
        else:
            self._asking.ask(
                GetOwnActs(person=person),
                lambda reply: self._take(person, reply, forward=forward),
                self._cannot,
            )

    def _take(self, person: str, found: OwnActs, *, forward: bool) -> None:
        if person in self._recalled:
            return
        self._recalled.add(person)
        done, undone = ([of_before(act) for act in acts] for acts in (found.done, found.undone))
        self.session(person).recall(done, undone)
        key = self._keys.shown("redo" if forward else "undo")
        self._page.say(label_facts.recalled(found, key, forward=forward))

    def _cannot(self, failure: Failure) -> None:
        self._page.say(failure.words)
