"""Joins the labeler's page, its queue, the spool and the server."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QModelIndex, QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QInputDialog

from hydra_desktop.label_keys import ACTIONS, KeyMap, key_text
from hydra_desktop.label_session import Change, Circumstances, LabelSession, remark
from hydra_desktop.link.arrival import Answer, Arrival, Failure
from hydra_desktop.models.label_queue import LabelQueueModel, LabelRow, said
from hydra_desktop.outbox import Outbox
from hydra_desktop.rooms.run_room import Asker
from hydra_desktop.thumbnails import Thumbnails
from hydra_desktop.words import moment
from inference_server.protocol.labelling import (
    COUNTED,
    GetLabelProgress,
    GetLabelQueue,
    GetPalette,
    GetSimilar,
    LabelFilter,
    LabelMove,
    LabelProgress,
    LabelsMoved,
    Palette,
    PaletteChanged,
    Queue,
    SetTeaching,
    Similar,
    Vote,
    VotesKept,
)
from inference_server.protocol.labelling import (
    LabelPage as Page,
)
from inference_server.protocol.messages import (
    Done,
    GetPicture,
    PlotTypeInfo,
    PlotTypesChanged,
    Request,
    Snapshot,
    StartTraining,
)
from ui.label_page import LabelPage
from ui.label_roles import Brush, Standing

QUEUES: tuple[tuple[str, str], ...] = (
    (Queue.UNLABELLED, "New: no label yet"),
    (Queue.UNCONFIRMED, "Unconfirmed"),
    (Queue.BAD, "Bad"),
    (Queue.UNCERTAIN, "Most uncertain first"),
    (Queue.UNBIASED, "Drawn at random"),
    (Queue.DISPUTED, "People disagree"),
    (Queue.SUSPECT, "Label and AI disagree"),
    (Queue.EVERYTHING, "Everything"),
)
PAGE = 200
ROWS_AHEAD = 1000  # of the queue, held beyond the current picture
FULL_SIZE_MS = 250  # how long a picture is looked at before its file is fetched
AHEAD = 6  # pictures of the single view that are fetched before they are shown
_SHOWN_KEYS = (
    "agree",
    "next",
    "take_back",
    "undo",
    "unsure",
    "skip",
    "flag",
    "comment",
    "single",
    "similar",
    "keys",
)


@dataclass(frozen=True, slots=True)
class _Question:
    """What to do with the answer to a question, and whether it is still wanted."""

    then: Callable[[Answer], None]
    still: Callable[[], bool]


class LabelRoom(QObject):
    """The only writer of the queue's model."""

    waiting_changed = Signal(int)  # votes that the server does not have yet

    def __init__(self, page: LabelPage, asker: Asker, spool: Path, keys: KeyMap) -> None:
        super().__init__(page)
        self._page, self._asker, self.keys = page, asker, keys
        self.model = LabelQueueModel()
        self.session = LabelSession()
        self.outbox = Outbox(spool, asker, self)
        self.small = Thumbnails(asker, self.model.has_image, self)
        self._kinds: dict[int, PlotTypeInfo] = {}
        self._brushes: tuple[Brush, ...] = ()
        self._may_label = False
        self._cursor: str | None = None  # None: there is no further page
        self._loading = False
        self._asked_at = 0  # counts queues, so that late answers of another are left out
        self._questions: dict[int, _Question] = {}
        self._full: dict[str, QImage] = {}
        self._shown_since = time.monotonic()
        self._held = False
        self._look_closer = QTimer(self, singleShot=True, interval=FULL_SIZE_MS)
        self._look_closer.timeout.connect(self._fetch_full)
        page.grid.show_model(self.model)
        page.strip.follow(page.grid)
        self._join()
        page.side.show_size(page.grid.tile_width)
        self.show_keys()
        self._show_waiting(self.outbox.waiting, len(self.outbox.reasons))

    # ------------------------------------------------------------ from the link

    @Slot(object)
    def restore(self, snapshot: Snapshot) -> None:
        """After a start and after every gap."""
        self._learn(snapshot.plot_types)
        self.outbox.restart()
        self.small.restart()
        self._questions.clear()
        self._loading = False
        if self.model.rowCount():
            self._load_ahead()  # nobody is thrown back to the start of the queue by a lost link
        else:
            self.reload()

    @Slot(list)
    def receive(self, batch: Sequence[Arrival]) -> None:
        """News of the feed."""
        for arrival in batch:
            match arrival.message:
                case LabelsMoved(moves=moves):
                    self._moved(moves)
                case PlotTypesChanged(plot_types=kinds):
                    self._learn(kinds)
                case PaletteChanged(plot_type_id=kind) if kind == self._kind:
                    self._ask_palette()

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """An answer to one of our questions."""
        self.outbox.take_answer(ticket, answer)
        self.small.take_answer(ticket, answer)
        question = self._questions.pop(ticket, None)
        if question is not None and question.still():
            question.then(answer)

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Why there is no answer."""
        self.outbox.take_failure(ticket, failure)
        self.small.take_failure(ticket, failure)
        question = self._questions.pop(ticket, None)
        if question is None or not question.still() or failure.code == "not-found":
            return  # a picture that the site's rule has removed: the small one stays
        self._loading = False
        if not self.model.rowCount():
            self._page.show_empty(failure.words)
        else:
            self._page.show_count(failure.words)

    def stop(self) -> None:
        """Give the spool back."""
        self.outbox.close()

    # ------------------------------------------------------------ the queue

    def open(self, plot_type_id: int, queue: str = Queue.UNLABELLED) -> None:
        """Show a queue of a plot type."""
        self._page.side.choose_plot_type(plot_type_id)
        self._page.side.queues.setCurrentIndex(self._page.side.queues.findData(queue))
        self.reload()

    @Slot()
    def reload(self) -> None:
        """Show the queue that is asked for, from its start."""
        if not self._kind:
            self._page.show_empty("There are no plot types yet. They come with the first picture.")
            return
        self._asked_at += 1
        self._cursor, self._loading = "", False
        self._page.show_empty("")
        self._ask_palette()
        self._ask_progress()
        self.set_blind(self._page.side.wishes().queue == Queue.UNBIASED)
        self._load()

    def _load(self) -> None:
        if self._cursor is None or self._loading:
            return
        self._loading = True
        wishes = self._page.side.wishes()
        low, high = wishes.confidence
        asked = LabelFilter(
            run_from=wishes.run_from, run_to=wishes.run_to, said=wishes.said,
            class_name=wishes.class_name, labeller=wishes.labeller, text=wishes.text,
            confidence_from=low, confidence_to=high,
        )  # fmt: skip
        first = not self._cursor
        self._ask(
            GetLabelQueue(
                plot_type_ids=(wishes.plot_type_id,), queue=Queue(wishes.queue), filter=asked,
                after=self._cursor, limit=PAGE, fold=wishes.fold,
            ),
            lambda answer: self._take_page(answer, first=first),
        )  # fmt: skip

    def _take_page(self, answer: Answer, *, first: bool) -> None:
        page = answer.message
        assert isinstance(page, Page)
        self._loading = False
        self._cursor = page.cursor or None
        if first:
            self.model.show(page.items)
            self._page.show_empty(
                ""
                if page.items
                else "Nothing is in this queue. Choose another one, or clear the filters."
            )
            self._show_left(page.left or 0)
        else:
            self.model.extend(page.items)
        for item in page.items:
            if (vote := self.outbox.pending_of(item.picture_id)) and vote.kind in _DECIDING:
                self.model.mark(
                    [item.picture_id], label=vote.class_name or "", standing=Standing.WAITS
                )
        current = -1 if first else self._page.grid.currentIndex().row()
        if first or (current >= 0 and self.model.rows[current].label):
            self._go_on(current)
        self._look(*self._page.grid.in_view())
        self._load_ahead()

    def _load_ahead(self) -> None:
        """Have enough rows to go on with when the link is lost."""
        if self.model.rowCount() - self._page.grid.currentIndex().row() < ROWS_AHEAD:
            self._load()

    def _show_similar(self) -> None:
        if (row := self._current()) is None:
            return
        picture = row.item.picture_id

        def show(answer: Answer) -> None:
            assert isinstance(answer.message, Similar)
            self._cursor = None
            self.model.show([row.item, *answer.message.items])
            self._page.show_count(
                f"{len(answer.message.items)} pictures like {row.item.run}.{row.item.chunk}, the most alike"
                " first. Ctrl+A and a class key label them all; F5 shows the queue again."
            )
            self._page.grid.go_to(0)
            self._look(*self._page.grid.in_view())

        self._ask(GetSimilar(picture_id=picture, limit=PAGE), show)

    # ------------------------------------------------------------ labelling

    @Slot(object)
    def press(self, event: QKeyEvent) -> None:
        """A key in the grid or in the single view."""
        key = key_text(event)
        brush = next((each for each in self._brushes if each.key and each.key == key), None)
        if brush is not None:
            self.label(self._chosen(), brush.name)
        elif action := self.keys.action(key):
            getattr(self, f"do_{action}")()
        elif self._page.single and key in {"Left", "Right"}:
            (self.do_next if key == "Right" else self.do_previous)()
        else:
            event.ignore()

    def label(self, rows: Sequence[LabelRow], class_name: str) -> None:
        """Label these pictures and go on to the next one without a label."""
        if not rows or not self._may_label:
            return
        pictures = {twin: "" for row in rows for twin in row.item.twins}
        pictures |= {row.item.picture_id: row.label for row in rows}
        votes, act = self.session.label(pictures, class_name, self._how(rows))
        self._put(votes, act)
        self._go_on(self.model.place(rows[-1].item.picture_id))

    def _go_on(self, after: int) -> None:
        """To the next picture without a label; where there is none yet, the next page brings it."""
        if (following := self.model.next_unlabelled(after)) >= 0:
            self._page.grid.go_to(following)
        elif after < 0 and self.model.rowCount():
            self._page.grid.go_to(0)

    def do_agree(self) -> None:
        """The model is right."""
        rows = [row for row in self._chosen() if row.item.said]
        for name in {row.item.said for row in rows}:
            self.label([row for row in rows if row.item.said == name], name)

    def do_take_back(self) -> None:
        """Take the last act back, and stand there again."""
        self._back(*self.session.undo(self._how(())))

    def do_undo(self) -> None:
        """As taking back."""
        self.do_take_back()

    def do_redo(self) -> None:
        """Do it again after all."""
        self._back(*self.session.redo(self._how(())))

    def do_unsure(self) -> None:
        """Nobody has to know."""
        self._remark("unsure", "not sure")

    def do_skip(self) -> None:
        """Not now."""
        self._remark("skip", "skipped")

    def do_flag(self) -> None:
        """For somebody else to look at."""
        self._remark("flag", "flagged")

    def do_comment(self) -> None:
        """Ask for words and keep them with the pictures."""
        rows = self._chosen()
        if not rows or not self._may_label:
            return
        dialog = QInputDialog(self._page)
        dialog.setWindowTitle("Comment")
        dialog.setLabelText(f"Comment on {len(rows)} picture{'s' if len(rows) > 1 else ''}")
        dialog.textValueSelected.connect(lambda words: self._comment(rows, words.strip()))
        dialog.open()

    def _comment(self, rows: Sequence[LabelRow], words: str) -> None:
        if words:
            pictures = [row.item.picture_id for row in rows]
            self.outbox.put(remark(pictures, "comment", self._how(rows), words))
            self.model.mark(pictures, marks=f"“{words}”")

    def _remark(self, kind: str, mark: str) -> None:
        rows = self._chosen()
        if not rows or not self._may_label:
            return
        pictures = [row.item.picture_id for row in rows]
        self.outbox.put(remark(pictures, kind, self._how(rows)))
        self.model.mark(pictures, marks=mark)
        if kind != "flag":
            self._step(1)

    def _back(self, votes: list[Vote], act: tuple[Change, ...]) -> None:
        if not act:
            self._page.show_count("There is nothing to take back.")
            return
        self._put(votes, act)
        if (place := self.model.place(act[0].picture_id)) >= 0:
            self._page.grid.go_to(place)

    def _put(self, votes: list[Vote], act: tuple[Change, ...]) -> None:
        for change in act:
            self.model.mark(
                [change.picture_id], label=change.after, standing=Standing.WAITS, alarm=""
            )
        self.outbox.put(votes)

    def _how(self, rows: Sequence[LabelRow]) -> Circumstances:
        return Circumstances(
            person=self._page.side.person.text().strip(),
            verdict_visible=not self.model.verdict_hidden,
            seconds=round(time.monotonic() - self._shown_since, 2) if len(rows) == 1 else None,
            seen={row.item.picture_id: row.item.label_id for row in rows},
        )

    # ------------------------------------------------------------ moving about

    def do_next(self) -> None:
        """One on."""
        self._step(1)

    def do_previous(self) -> None:
        """One back."""
        self._step(-1)

    def do_next_unlabelled(self) -> None:
        """On to the next without a label."""
        self._jump(1)

    def do_previous_unlabelled(self) -> None:
        """Back to the one before without a label."""
        self._jump(-1)

    def do_single(self) -> None:
        """One picture fills the page, or the grid comes back."""
        self._page.show_single(not self._page.single)
        self._fetch_full()

    def do_blind(self) -> None:
        """Hide or show what the model said."""
        self.set_blind(not self.model.verdict_hidden)

    def set_blind(self, hidden: bool) -> None:
        """Whether the verdict is hidden until the person has decided."""
        self.model.hide_verdict(hidden)
        self._page.show_verdict_hidden(hidden)
        self._show_current()

    def do_similar(self) -> None:
        """Pictures that look like this one."""
        self._show_similar()

    def do_pin_training(self) -> None:
        """These teach."""
        self._pin("training")

    def do_pin_validation(self) -> None:
        """These examine."""
        self._pin("validation")

    def do_unpin(self) -> None:
        """The split decides."""
        self._pin("")

    def do_keys(self) -> None:
        """Show all keys."""
        self.keys_wanted.emit()

    keys_wanted = Signal()

    def _pin(self, side: str) -> None:
        pictures = [row.item.picture_id for row in self._chosen()]
        if not pictures or not self._may_label:
            return

        def pinned(_answer: Answer) -> None:
            self.model.mark(pictures, marks=f"pinned to {side}" if side else "no pin")

        self._ask(SetTeaching(picture_ids=tuple(pictures), pin=side), pinned)

    def _step(self, by: int) -> None:
        row = self._page.grid.currentIndex().row() + by
        if 0 <= row < self.model.rowCount():
            self._page.grid.go_to(row)

    def _jump(self, step: int) -> None:
        at = self.model.next_unlabelled(self._page.grid.currentIndex().row(), step)
        if at >= 0:
            self._page.grid.go_to(at)

    # ------------------------------------------------------------ the server's word

    def _kept(self, kept: VotesKept) -> None:
        self._moved(kept.moves)
        for move in kept.overtaken:
            words = f"{move.who} said {move.class_name or 'something else'} meanwhile"
            self.model.mark([move.picture_id], alarm=words)
        if not self.outbox.waiting:
            self._ask_progress()

    def _moved(self, moves: Sequence[LabelMove]) -> None:
        settled = [move for move in moves if self.outbox.pending_of(move.picture_id) is None]
        mine = self._page.side.person.text().strip()
        for move in settled:
            if (at := self.model.place(move.picture_id)) < 0:
                continue
            row = self.model.rows[at]
            if row.label and move.class_name != row.label and move.who != mine:
                words = f"{move.who} changed {row.label} to {move.class_name or 'no label'}"
                self.model.mark([move.picture_id], alarm=words)
        self.model.moved(settled)

    def _refused(self, pictures: list[int], why: str) -> None:
        for picture in pictures:
            if (at := self.model.place(picture)) >= 0:
                stored = self.model.rows[at].item.class_name
                self.model.mark([picture], label=stored, standing=Standing.REFUSED, alarm=why)

    def _show_waiting(self, waiting: int, refused: int) -> None:
        self.waiting_changed.emit(waiting)
        if refused:
            words = f"{refused} labels were refused: {self.outbox.reasons[0]}"
        elif waiting:
            noun = "label waits" if waiting == 1 else "labels wait"
            words = (
                f"{waiting} {noun}. They are kept on this station until the server confirms them."
            )
        else:
            words = "Every label is saved."
        self._page.show_waiting(words, loud=bool(refused))

    # ------------------------------------------------------------ what is beside the grid

    def _learn(self, kinds: Sequence[PlotTypeInfo]) -> None:
        known = self._kind
        self._kinds = {kind.id: kind for kind in kinds}
        names = sorted((kind.name, kind.id) for kind in kinds if not kind.ignored)
        self._page.side.show_plot_types([(number, name) for name, number in names])
        if not known and self._kind:
            self.reload()

    @property
    def _kind(self) -> int:
        return self._page.side.wishes().plot_type_id

    def _ask_palette(self) -> None:
        self._ask(GetPalette(plot_type_id=self._kind), self._take_palette)

    def _take_palette(self, answer: Answer) -> None:
        palette = answer.message
        assert isinstance(palette, Palette)
        digits = iter("1234567890")
        taken = {each.key for each in palette.classes}
        free = (digit for digit in digits if digit not in taken)
        self._brushes = tuple(
            Brush(
                each.name, each.key or next(free, ""), each.severity.value, each.colour,
                each.description, each.labelled,
            )
            for each in palette.classes
        )  # fmt: skip
        self._may_label = palette.may_label
        self._page.palette_bar.show_brushes(
            self._brushes, may_label=palette.may_label, may_edit=palette.may_edit
        )
        self._page.side.show_classes([each.name for each in self._brushes])
        self.model.show_brushes(self._brushes)

    def _ask_progress(self) -> None:
        self._ask(GetLabelProgress(plot_type_id=self._kind), self._take_progress)

    def _take_progress(self, answer: Answer) -> None:
        progress = answer.message
        assert isinstance(progress, LabelProgress)
        facts = [(name, str(number)) for name, number in progress.by_class.items()]
        facts += [
            (f"{each.who}", f"{each.labels}, {each.last_hour} this hour")
            for each in progress.scores[:5]
        ]
        agree = [each for each in progress.agreements if each.kappa is not None]
        facts += [(f"{each.first}, {each.second}", f"kappa {each.kappa:.2f}") for each in agree[:4]]
        self._page.side.progress.show_facts(facts or [("None yet", "")])

    def _show_left(self, left: int) -> None:
        many = f"more than {COUNTED}" if left >= COUNTED else str(left)
        word = self._page.side.queues.currentText()
        self._page.show_count(f"{word}: {many} pictures")

    def show_keys(self) -> None:
        """The keys beside the picture."""
        words = {action.name: action for action in ACTIONS}
        shown = [("1 ... 9, 0", "Label, then go on"), ("Space held", "Large")]
        shown += [
            (self.keys.keys_of(words[n])[0], words[n].words)
            for n in _SHOWN_KEYS
            if self.keys.keys_of(words[n])
        ]
        self._page.key_facts.show_facts(
            [(key.replace("Return", "Enter"), what) for key, what in shown]
        )

    def _current(self) -> LabelRow | None:
        index = self._page.grid.currentIndex()
        return self.model.row(index) if index.isValid() else None

    def _chosen(self) -> list[LabelRow]:
        return [self.model.row(index) for index in self._page.grid.chosen()]

    def _moved_to(self, _index: QModelIndex) -> None:
        self._shown_since = time.monotonic()
        self._show_current()
        self._look_closer.start()
        self._load_ahead()

    def _show_current(self) -> None:
        if (row := self._current()) is None:
            self._page.show_picture("", None, ())
            return
        item = row.item
        image = self._full.get(item.picture_hash) or self.model.image(item.picture_hash)
        hidden = self.model.verdict_hidden and not row.label
        facts = [
            ("Why it is here", item.why if not hidden else "Hidden until you label"),
            ("AI verdict", "Hidden until you label" if hidden else said(item)),
            ("Label", f"{row.label or 'None'}{f', {item.who}' if item.who and row.label else ''}"),
            ("Picture from", moment(item.picture_time, item.picture_time)),
        ]
        self._page.show_picture(f"{item.plot_type}  {item.run}.{item.chunk}", image, facts)

    def _fetch_full(self) -> None:
        at = self._page.grid.currentIndex().row()
        if at < 0:
            return
        ahead = AHEAD if self._page.single else 1
        for row in self.model.rows[at : at + ahead]:
            wanted = row.item.picture_hash
            if wanted not in self._full:
                self._ask(GetPicture(picture_hash=wanted), partial(self._take_full, wanted))

    def _take_full(self, picture_hash: str, answer: Answer) -> None:
        if answer.image is None:
            return
        while len(self._full) > 3 * AHEAD:
            self._full.pop(next(iter(self._full)))
        self._full[picture_hash] = answer.image
        if (row := self._current()) is not None and row.item.picture_hash == picture_hash:
            self._show_current()

    def _look(self, first: int, last: int) -> None:
        ahead = self.model.rows[first : 2 * last - first + 2]
        self.small.want([row.item.picture_hash for row in ahead])

    def _small_came(self, picture_hash: str, image: QImage) -> None:
        self.model.add_image(picture_hash, image)
        if (row := self._current()) is not None and row.item.picture_hash == picture_hash:
            self._show_current()

    # ------------------------------------------------------------ the mouse

    def _clicked(self, index: QModelIndex, shift: bool) -> None:
        brush = self._page.palette_bar.brush
        if not brush:
            return
        rows = self._chosen() if shift else [self.model.row(index)]
        self.label(rows, brush)
        self._page.grid.go_to(index.row())

    def _hold(self, held: bool) -> None:
        if held and not self._page.single:
            self._held = True
            self.do_single()
        elif not held and self._held:
            self._held = False
            self._page.show_single(False)

    def _train(self) -> None:
        def queued(answer: Answer) -> None:
            if isinstance(answer.message, Done):
                self._page.show_count(answer.message.sentence)

        self._ask(StartTraining(plot_type_id=self._kind), queued)

    # ------------------------------------------------------------ joining

    def _ask(self, request: Request, then: Callable[[Answer], None]) -> None:
        asked_at = self._asked_at
        ticket = self._asker.ask(request)
        self._questions[ticket] = _Question(then, lambda: asked_at == self._asked_at)

    def _join(self) -> None:
        page, grid, side = self._page, self._page.grid, self._page.side
        for keys in (grid.key, page.large.key):
            keys.connect(self.press)
        for held in (grid.space_held, page.large.space_held):
            held.connect(self._hold)
        grid.current_moved.connect(self._moved_to)
        grid.looked_at.connect(self._look)
        grid.end_near.connect(self._load)
        grid.clicked_with.connect(self._clicked)
        grid.zoomed.connect(side.show_size)
        side.size_changed.connect(grid.set_width)
        side.asked.connect(self.reload)
        side.train_wanted.connect(self._train)
        side.keys_wanted.connect(self.do_keys)
        page.take_back_wanted.connect(self.do_take_back)
        page.refused_seen.connect(self.outbox.forget_refused)
        self.small.came.connect(self._small_came)
        self.outbox.kept.connect(self._kept)
        self.outbox.refused.connect(self._refused)
        self.outbox.changed.connect(self._show_waiting)


_DECIDING = {"label", "taken_back"}
