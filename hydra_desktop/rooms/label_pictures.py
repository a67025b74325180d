"""The pictures of the labeler: small ones for the grid, the chosen one large, the next ones ahead."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QModelIndex, QObject, QTimer, Slot
from PySide6.QtGui import QImage

from hydra_desktop.asking import Asking
from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.models import label_facts
from hydra_desktop.models.label_queue import LabelQueueModel, LabelRow, said
from hydra_desktop.thumbnails import Thumbnails
from hydra_desktop.words import moment
from inference_server.protocol.labelling import GetVotes, Votes
from inference_server.protocol.messages import GetPicture
from ui.label_page import LabelPage

FULL_SIZE_MS = 250  # how long a picture is looked at before its file is fetched
AHEAD = 6  # pictures of the single view that are fetched before they are shown
SMALL_AHEAD = 120  # small ones below the view: half a minute's, if somebody labels four a second
_HIDDEN = "Hidden until you label"


class LabelPictures(QObject):
    """Shows whatever is the current row; hides what the model said while that is wished."""

    def __init__(
        self, page: LabelPage, model: LabelQueueModel, small: Thumbnails, asking: Asking
    ) -> None:
        super().__init__(page)
        self._page, self._model, self._small, self._asking = page, model, small, asking
        self._full: dict[str, QImage] = {}
        self._asked: set[str] = set()  # large ones on their way
        self._said: tuple[int, str] = (0, "")  # a picture, and the votes on it in words
        self._look_closer = QTimer(self, singleShot=True, interval=FULL_SIZE_MS)
        self._look_closer.timeout.connect(self.fetch_full)
        self._look_closer.timeout.connect(self._ask_votes)
        page.grid.looked_at.connect(self.look)
        page.grid.current_moved.connect(self._moved_to)
        small.came.connect(self._small_came)

    def stop(self) -> None:
        """Ask for no more pictures."""
        self._look_closer.stop()

    def restart(self) -> None:
        """The connection is a new one: what was on its way does not come any more."""
        self._asked.clear()

    def forget(self) -> None:
        """Another server: there are no rows, and what was said was said of other pictures."""
        self._said = (0, "")
        self.show_current()

    def current(self) -> LabelRow | None:
        """The row that is shown large."""
        index = self._page.grid.currentIndex()
        return self._model.row(index) if index.isValid() else None

    def set_blind(self, hidden: bool) -> None:
        """Whether the verdict is hidden until the person has decided."""
        self._model.hide_verdict(hidden)
        self._page.show_verdict_hidden(hidden)
        self.show_current()

    @Slot(int, int)
    def look(self, first: int, last: int) -> None:
        """These rows are in view; those that come next are fetched behind them."""
        wanted = self._model.rows[first : last + 1 + SMALL_AHEAD]
        self._small.want([row.item.picture_hash for row in wanted])

    def show_current(self) -> None:
        """Show the current picture with its facts."""
        if (row := self.current()) is None:
            self._page.show_picture("", None, ())
            return
        item = row.item
        image = self._full.get(item.picture_hash) or self._model.image(item.picture_hash)
        hidden = self._model.verdict_hidden and not row.label
        by = f", {item.who}" if item.who and row.label else ""
        picture, votes = self._said
        facts = (
            ("Why it is here", _HIDDEN if hidden else item.why),
            ("AI verdict", _HIDDEN if hidden else said(item)),
            ("Label", f"{row.label or 'None'}{by}"),
            *([("Said so far", votes)] if votes and picture == item.picture_id else ()),
            ("Picture from", moment(item.picture_time, datetime.now(UTC))),
        )
        self._page.show_picture(f"{item.plot_type}  {item.run}.{item.chunk}", image, facts)

    @Slot()
    def fetch_full(self) -> None:
        """Fetch the current picture in full size, in the single view the next ones too."""
        at = self._page.grid.currentIndex().row()
        ahead = AHEAD if self._page.single else 1
        for row in self._model.rows[at : at + ahead] if at >= 0 else ():
            wanted = row.item.picture_hash
            if wanted not in self._full and wanted not in self._asked:
                self._asked.add(wanted)
                self._asking.ask_whole(
                    GetPicture(picture_hash=wanted),
                    partial(self._take_full, wanted),
                    partial(self._without, wanted),
                )

    def _ask_votes(self) -> None:
        """Who said what of the current picture, if anybody said anything."""
        if (row := self.current()) is None or not (row.item.label_id or row.item.remark):
            return
        picture = row.item.picture_id

        def take(reply: Votes) -> None:
            self._said = (picture, label_facts.said_so_far(reply.votes))
            if (now := self.current()) is not None and now.item.picture_id == picture:
                self.show_current()

        self._asking.ask(GetVotes(picture_id=picture), take, lambda _failure: None)

    def _moved_to(self, _index: QModelIndex) -> None:
        self.show_current()
        if self._page.single:
            self.fetch_full()  # the next ones are on their way before they are reached
        self._look_closer.start()

    def _without(self, picture_hash: str, _failure: Failure) -> None:
        """The small picture stays: a site's rule may have removed the file."""
        self._asked.discard(picture_hash)

    def _take_full(self, picture_hash: str, answer: Answer) -> None:
        self._asked.discard(picture_hash)
        if answer.image is None:
            return
        while len(self._full) > 3 * AHEAD:
            self._full.pop(next(iter(self._full)))
        self._full[picture_hash] = answer.image
        self._show_if_current(picture_hash)

    def _small_came(self, picture_hash: str, image: QImage) -> None:
        self._model.add_image(picture_hash, image)
        self._show_if_current(picture_hash)

    def _show_if_current(self, picture_hash: str) -> None:
        if (row := self.current()) is not None and row.item.picture_hash == picture_hash:
            self.show_current()
