"""One streak of the log beside its row: pictures, who has seen it, comments, a label, the way on."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from hydra_desktop.asking_newest import NewestAsking
from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.links import Target
from hydra_desktop.log_words import facts, label_words
from hydra_desktop.rooms.run_room import Asker
from hydra_desktop.rooms.vote_room import VoteRoom
from inference_server.protocol.detail import Detail, GetDetail
from inference_server.protocol.messages import Done, GetPicture, Picture
from inference_server.protocol.records import (
    CommentOnStreak,
    GetStreak,
    Streak,
    StreakDetails,
    StreakPicture,
)
from ui.streak_view import StreakView


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a label is about."""

    plot_type_id: int
    picture_hash: str


class StreakRoom(QObject):
    """Shows what the log's room chooses."""

    shown = Signal(int)  # the id of the streak that came
    open_wanted = Signal(object)  # Target
    replay_wanted = Signal(int)  # a run
    named = Signal(str)  # who commented

    def __init__(self, view: StreakView, asker: Asker) -> None:
        super().__init__(view)
        self._view = view
        self._asking = NewestAsking(asker, self)
        self._votes = VoteRoom(view.labels, asker)
        self.details: StreakDetails | None = None
        self._place = 0
        self._votes.saved.connect(self._labelled)
        view.picture_wanted.connect(self._show_picture)
        view.beginning.clicked.connect(self._begin)
        view.open.clicked.connect(self.open_detail)
        view.commented.connect(self._comment)
        view.replay_wanted.connect(self._replay)

    def show(self, streak: Streak) -> None:
        """Show ``streak`` with its first picture."""
        self._place = 0
        self._ask_streak(GetStreak(streak_id=streak.id))

    def clear(self) -> None:
        """No streak is chosen."""
        self.details = None
        self._view.show_nothing()

    @Slot()
    def open_detail(self) -> None:
        """The detail page with the picture that is shown."""
        if (picture := self._picture) is not None and self.details is not None:
            streak = self.details.streak
            self.open_wanted.emit(
                Target(streak.plot_type, streak.chunked, picture.picture_hash, picture.judged_at)
            )

    @property
    def _picture(self) -> StreakPicture | None:
        pictures = self.details.pictures if self.details is not None else ()
        return pictures[self._place] if self._place < len(pictures) else None

    # ------------------------------------------------------------ showing

    def _ask_streak(self, request: GetStreak) -> None:
        self._asking.ask("streak", request, self._take_streak, self._no_streak)

    def _begin(self) -> None:
        if self.details is not None:
            self._place = 0
            number = self.details.streak.id
            self._ask_streak(GetStreak(streak_id=number, from_the_beginning=True))

    def _take_streak(self, answer: Answer) -> None:
        if not isinstance(answer.message, StreakDetails):
            return
        self.details = answer.message
        self._view.show_streak(facts(answer.message), self._place)
        self.shown.emit(answer.message.streak.id)
        self._show_picture(self._place)

    def _no_streak(self, failure: Failure) -> None:
        self._view.picture_note.setText(failure.words)

    @Slot(int)
    def _show_picture(self, place: int) -> None:
        self._place = place
        picture, details = self._picture, self.details
        if picture is None or details is None:
            return
        shown = _Shown(details.streak.plot_type_id, picture.picture_hash)
        self._votes.show(shown)
        self._asking.ask(
            "picture", GetPicture(picture_hash=picture.picture_hash), self._take_picture,
            lambda failure: self._view.show_picture(None, failure.words),
        )  # fmt: skip
        self._asking.ask(
            "detail",
            GetDetail(plot_type_id=shown.plot_type_id, picture_hash=shown.picture_hash),
            self._take_detail,
            lambda _failure: self._view.labels.show_classes(()),
        )

    def _take_picture(self, answer: Answer) -> None:
        if isinstance(answer.message, Picture):
            note = "" if answer.image is not None else "The server's picture cannot be read."
            self._view.show_picture(answer.image, note)

    def _take_detail(self, answer: Answer) -> None:
        if isinstance(answer.message, Detail):
            known = answer.message
            self._view.labels.show_classes(known.classes if known.may_label else ())
            self._view.labels.show_said(label_words(known.label, known.label_by))

    # ------------------------------------------------------------ what a person does

    def _labelled(self) -> None:
        if self.details is not None:
            self._ask_streak(GetStreak(streak_id=self.details.streak.id))

    def _replay(self) -> None:
        if self.details is not None:
            self.replay_wanted.emit(self.details.streak.run)

    def _comment(self, text: str, person: str) -> None:
        if self.details is None:
            return
        if person:
            self.named.emit(person)
        number = self.details.streak.id
        request = CommentOnStreak(streak_id=number, text=text, person=person)
        self._asking.ask("comment", request, self._commented, self._not_commented)
        self._view.picture_note.setText("The comment waits for the server.")

    def _commented(self, answer: Answer) -> None:
        if isinstance(answer.message, Done) and self.details is not None:
            self._view.comment.clear()
            self._ask_streak(GetStreak(streak_id=self.details.streak.id))

    def _not_commented(self, failure: Failure) -> None:
        self._view.picture_note.setText(f"The comment is not kept: {failure.words}")

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """An answer to one of our questions."""
        self._asking.take_answer(ticket, answer)
        self._votes.take_answer(ticket, answer)

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Why there is none."""
        self._asking.take_failure(ticket, failure)
        self._votes.take_failure(ticket, failure)
