"""Pictures behind a figure of the library, which can be labelled again on the spot."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from PySide6.QtCore import QObject

from hydra_desktop.asking import Asking
from hydra_desktop.link.arrival import Answer
from hydra_desktop.models import library as shown
from inference_server.protocol.labelling import CastVotes, Vote
from inference_server.protocol.matrix import JudgedPicture
from inference_server.protocol.messages import GetThumbnail
from ui.library_page import LibraryPage
from ui.picture_strip import PictureCard

PAGE = 24
More: TypeAlias = Callable[[int], None]
Heading: TypeAlias = tuple[str, str]  # title and note
_HINT = "Click a cell to see its pictures."


class StripRoom(QObject):
    """The only writer of the strip; who shows pictures is asked for their other pages."""

    def __init__(
        self,
        page: LibraryPage,
        asking: Asking,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(page)
        self._page, self._asking, self._now = page, asking, now
        self._more: More | None = None
        page.strip.page_wanted.connect(self._turn)
        page.strip.class_chosen.connect(self._relabel)

    def clear(self) -> None:
        """No pictures, and a word on how to get some."""
        self._more = None
        self._page.strip.show_cards(_HINT, "", (), (0, PAGE, 0))

    def show_pictures(
        self, heading: Heading, pictures: Sequence[JudgedPicture], page: tuple[int, int], more: More
    ) -> None:
        """One page (offset, total) of labelled pictures.

        ``more`` gets the offset of another page that is wanted.
        """
        cards = [(shown.card(each), each.picture_hash) for each in pictures]
        self.show_cards(heading, cards, page, more)

    def show_cards(
        self,
        heading: Heading,
        cards: Sequence[tuple[PictureCard, str]],
        page: tuple[int, int],
        more: More,
    ) -> None:
        """The same of cards, each with the hash of its picture; their thumbnails come one by one."""
        self._more = more
        (title, note), (offset, total) = heading, page
        self._page.strip.show_cards(title, note, [card for card, _ in cards], (offset, PAGE, total))
        for card, digest in cards:
            self._asking.ask_whole(
                GetThumbnail(picture_hash=digest),
                lambda answer, key=card.key: self._take_image(key, answer),  # type: ignore[misc]
                lambda _failure: None,
            )

    def shown_by(self, more: More) -> bool:
        """Whether the pictures are those of whom ``more`` belongs to."""
        return self._more == more

    def _turn(self, offset: int) -> None:
        if self._more is not None:
            self._more(max(0, offset))

    def mark(self, key: int, words: str) -> None:
        """A word below one of the pictures."""
        self._page.strip.mark(key, words)

    def _take_image(self, key: int, answer: Answer) -> None:
        if answer.image is not None:
            self._page.strip.show_image(key, answer.image)

    def _relabel(self, key: int, name: str) -> None:
        self.mark(key, f"{name}: waits for the server")
        vote = Vote(
            picture_id=key,
            class_name=name,
            client_id=str(uuid.uuid4()),
            at=self._now(),
            person=self._page.thresholds.person.text().strip(),
        )
        self._asking.ask(
            CastVotes(votes=(vote,)),
            lambda _kept: self.mark(key, f"{name} now"),
            lambda failure: self.mark(key, f"Not kept: {failure.sentence}"),
        )
