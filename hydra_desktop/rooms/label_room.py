"""Joins the labeler's page, its queue, the spool and the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from hydra_desktop.asking import Asking
from hydra_desktop.label_keys import KeyMap
from hydra_desktop.link.arrival import Answer, Arrival, Failure
from hydra_desktop.models import label_facts, label_wishes
from hydra_desktop.models.label_queue import LabelQueueModel
from hydra_desktop.outbox import Outbox
from hydra_desktop.rooms.label_acts import LabelActs
from hydra_desktop.rooms.label_facts import LabelFacts
from hydra_desktop.rooms.label_pictures import LabelPictures
from hydra_desktop.rooms.label_word import LabelWord
from hydra_desktop.rooms.run_room import Asker
from hydra_desktop.thumbnails import Thumbnails
from inference_server.protocol import labelling as p
from inference_server.protocol.labelling import Queue, VotesKept
from inference_server.protocol.messages import (
    PlotTypeInfo,
    PlotTypesChanged,
    Reply,
    Request,
    Snapshot,
    TrainingChanged,
)
from ui.label_page import LabelPage
from ui.label_roles import Standing

QUEUES: tuple[tuple[str, str], ...] = (
    (Queue.UNLABELLED, "New: no label yet"),
    (Queue.UNCONFIRMED, "Unconfirmed"),
    (Queue.BAD, "Bad"),
    (Queue.UNCERTAIN, "Most uncertain first"),
    (Queue.UNBIASED, "Drawn at random"),
    (Queue.DISPUTED, "People disagree"),
    (Queue.FLAGGED, "Flagged or not sure"),
    (Queue.SUSPECT, "Label and AI disagree"),
    (Queue.EVERYTHING, "Everything"),
)
ROWS_AHEAD = 1000  # of the queue, held beyond the current picture
ALIKE = 0.98  # likeness from which on similar pictures are chosen at once; see inference_server.likeness
_NOTHING = "Nothing is in this queue. Choose another one, or clear the filters."
REORDERED = "A new order since the training: show it (F5)"
_DECIDING = {"label", "taken_back"}


class LabelRoom(QObject):
    """The only writer of the queue's rows; what a person does is in ``acts``."""

    waiting_changed = Signal(int)  # votes that the server does not have yet
    at_risk = Signal(str)  # what the end of the program would lose, in words; empty: nothing

    def __init__(self, page: LabelPage, asker: Asker, spool: Path, keys: KeyMap) -> None:
        super().__init__(page)
        self._page = page
        self.asking = Asking(asker, self)
        self.model = LabelQueueModel()
        page.grid.show_model(self.model)
        page.strip.follow(page.grid)
        self.outbox = Outbox(spool, asker, self)
        self.small = Thumbnails(asker, self.model.has_image, self)
        self.pictures = LabelPictures(page, self.model, self.small, self.asking)
        self.acts = LabelActs(page, self.model, self.pictures, self.outbox, self.asking, keys)
        self.facts = LabelFacts(page, self.model, self.acts, self._ask)
        self.word = LabelWord(page, self.model, self.outbox, self.acts, self._ask)
        self._cursor: str | None = None  # None: there is no further page
        self._loading = False
        self._server = ""
        self._asked_at = 0  # counts queues, so that late answers of another are left out
        self._join()
        self._show_waiting(self.outbox.waiting, len(self.outbox.reasons))

    # ------------------------------------------------------------ from the link

    @Slot(object)
    def restore(self, snapshot: Snapshot) -> None:
        """After a start and after every gap."""
        self._learn(snapshot.plot_types)
        self.outbox.restart()
        self.small.restart()
        self.pictures.restart()
        self._loading = False
        if self.model.rowCount():
            self._load_ahead()  # nobody is thrown back to the start of the queue by a lost link
            self.word.ask()
        else:
            self.reload()

    @Slot(list)
    def receive(self, batch: Sequence[Arrival]) -> None:
        """News of the feed."""
        for arrival in batch:
            match arrival.message:
                case p.LabelsMoved(moves=moves):
                    self.word.moved(moves)
                case PlotTypesChanged(plot_types=kinds):
                    self._learn(kinds)
                case p.PaletteChanged(plot_type_id=kind) if kind in self.kinds:
                    self.facts.ask_palette()
                case TrainingChanged(training=training):
                    self.facts.show_training(training)
                    wishes = self._page.side.wishes()
                    if label_wishes.is_reordered(wishes, training):
                        self._page.offer_order(REORDERED)

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """An answer to one of our questions."""
        for asking in (self.outbox, self.small, self.asking):
            asking.take_answer(ticket, answer)

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Why there is no answer."""
        for asking in (self.outbox, self.small, self.asking):
            asking.take_failure(ticket, failure)

    def use(self, server: str, address: str) -> None:
        """The server of everything here, before the link is opened to it; ``server``: settings.identity."""
        if server != self._server:
            self._server = server
            self._asked_at += 1
            self._cursor, self._loading = None, False
            self.model.show(())
            for part in (self.asking, self.acts, self.facts, self.pictures):
                part.forget()
        self.outbox.use(server, address)

    def stop(self) -> None:
        """Ask for nothing more, and give the spool back."""
        self.pictures.stop()
        self.facts.stop()
        self._page.side.stop()
        self.outbox.close()

    # ------------------------------------------------------------ the queue

    @property
    def kind(self) -> int:
        """The plot type that is shown, the first one of several; 0: there is none yet."""
        return self._page.side.wishes().plot_type_id

    @property
    def kinds(self) -> tuple[int, ...]:
        """All plot types that are shown."""
        return self._page.side.wishes().plot_type_ids

    def open(self, plot_type_id: int, queue: str = Queue.UNLABELLED) -> None:
        """Show a queue of a plot type."""
        side = self._page.side
        side.choose_plot_type(plot_type_id)
        side.choose_queue(queue)
        self.reload()

    @Slot()
    def reload(self) -> None:
        """Show the queue that is asked for, from its start."""
        if not self.kind:
            self._page.show_empty("There are no plot types yet. They come with the first picture.")
            return
        self._asked_at += 1
        self._cursor, self._loading = "", False
        self._page.show_empty("")
        self._page.offer_order("")
        self.acts.offer_copies({}, "")
        self.facts.look_again()
        wishes = self._page.side.wishes()
        self.model.by_run = wishes.by_run
        self.pictures.set_blind(wishes.queue == Queue.UNBIASED)
        self._load()

    @Slot()
    def _load(self) -> None:
        if self._cursor is None or self._loading:
            return
        self._loading = True
        asked = label_wishes.request(self._page.side.wishes(), self._cursor)
        self._ask(asked, self._take_first if not self._cursor else self._take_next)

    def _take_first(self, page: p.LabelPage) -> None:
        self.model.show(page.items, page.sizes)
        self._page.show_empty("" if page.items else _NOTHING)
        self.pictures.show_current()  # of an empty queue none
        self.facts.show_left(page.left or 0)
        self._take_page(page, -1)

    def _take_next(self, page: p.LabelPage) -> None:
        self.model.extend(page.items, page.sizes)
        current = self._page.grid.currentIndex().row()
        # Whoever waits at the end of the last page goes on with this one.
        waits = current >= 0 and bool(self.model.rows[current].label)
        self._take_page(page, current if waits else None)

    def _take_page(self, page: p.LabelPage, go_on_after: int | None) -> None:
        self._loading = False
        self._cursor = page.cursor or None
        for item in page.items:
            vote = self.outbox.pending_of(item.picture_id)
            if vote is not None and vote.kind in _DECIDING:
                self.model.mark(
                    [item.picture_id], label=vote.class_name or "", standing=Standing.WAITS
                )
        if go_on_after is not None:
            self.acts.moves.go_on(go_on_after)
        self.pictures.look(*self._page.grid.in_view())
        self._load_ahead()

    def _load_ahead(self) -> None:
        """Have enough rows to go on with when the link is lost."""
        if self.model.rowCount() - self._page.grid.currentIndex().row() < ROWS_AHEAD:
            self._load()

    def _show_similar(self) -> None:
        if (row := self.pictures.current()) is None:
            return
        place = f"{row.item.run}.{row.item.chunk}"

        def show(found: p.Similar) -> None:
            self._cursor = None
            self.model.show([row.item, *found.items])
            alike = sum(each >= ALIKE for each in found.likeness)
            self._page.show_count(label_facts.similar(place, len(found.items), alike))
            self._page.grid.choose(range(alike + 1))  # a class key labels them after a look
            self.pictures.look(*self._page.grid.in_view())

        self._ask(p.GetSimilar(picture_id=row.item.picture_id, limit=label_wishes.PAGE), show)

    # ------------------------------------------------------------ what waits

    def _count_again(self, _kept: VotesKept) -> None:
        if not self.outbox.waiting:
            self.facts.labelled()

    def _show_waiting(self, waiting: int, refused: int) -> None:
        self.waiting_changed.emit(waiting)
        trouble = self.outbox.trouble if waiting else ""
        self.at_risk.emit(label_facts.at_risk(waiting, trouble))
        words = label_facts.kept(waiting, self.outbox.reasons, trouble)
        words += label_facts.of_others(self.outbox.of_others, self.outbox.for_others)
        self._page.show_waiting(words, loud=bool(refused or trouble), to_see=bool(refused))

    def _learn(self, kinds: Sequence[PlotTypeInfo]) -> None:
        known = self.kind
        names = sorted((kind.name, kind.id) for kind in kinds if not kind.ignored)
        self._page.side.show_plot_types([(number, name) for name, number in names])
        if not known and self.kind:
            self.reload()

    # ------------------------------------------------------------ joining

    def _ask(self, request: Request, then: Callable[..., None], *, quiet: bool = False) -> None:
        """Ask; the answer is left out when another queue was chosen meanwhile. ``quiet``: nobody
        waits for it, so nobody is told that it did not come.
        """
        asked_at = self._asked_at

        def take(reply: Reply) -> None:
            if asked_at == self._asked_at:
                then(reply)

        def fail(failure: Failure) -> None:
            if asked_at == self._asked_at and not quiet:
                self._cannot(failure)

        self.asking.ask(request, take, fail)

    def _cannot(self, failure: Failure) -> None:
        self._loading = False
        if self.model.rowCount():
            self._page.show_count(failure.words)
        else:
            self._page.show_empty(failure.words)

    def _join(self) -> None:
        grid, side = self._page.grid, self._page.side
        side.show_size(grid.tile_width)
        grid.end_near.connect(self._load)
        grid.current_moved.connect(lambda _index: self._load_ahead())
        grid.zoomed.connect(side.show_size)
        side.size_changed.connect(grid.set_width)
        side.asked.connect(self.reload)
        side.train_wanted.connect(self.facts.train)
        side.keys_wanted.connect(self.acts.keys_wanted)
        self.acts.similar_wanted.connect(self._show_similar)
        self._page.order_wanted.connect(self.reload)
        self._page.refused_seen.connect(self.outbox.forget_refused)
        self.outbox.kept.connect(self._count_again)
        self.outbox.changed.connect(self._show_waiting)
