"""What a person does in the labeler, by key and by mouse; every decision becomes a vote."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QModelIndex, QObject, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QInputDialog

from hydra_desktop.asking import Asking
from hydra_desktop.label_keys import KeyMap, key_text
from hydra_desktop.label_session import Act, Change, Circumstances, LabelSession, remark
from hydra_desktop.models.label_facts import Pace
from hydra_desktop.models.label_queue import LabelQueueModel, LabelRow
from hydra_desktop.outbox import Outbox
from hydra_desktop.rooms.label_moves import LabelMoves
from hydra_desktop.rooms.label_pictures import LabelPictures
from hydra_desktop.rooms.label_teaching import LabelTeaching
from hydra_desktop.rooms.label_undo import LabelUndo
from inference_server.protocol.labelling import Vote
from ui.label_page import LabelPage
from ui.label_roles import Brush, Standing


class LabelActs(QObject):
    """Keys that are no class's and no action's are left to Qt."""

    keys_wanted = Signal()
    similar_wanted = Signal()

    def __init__(
        self,
        page: LabelPage,
        model: LabelQueueModel,
        pictures: LabelPictures,
        outbox: Outbox,
        asking: Asking,
        keys: KeyMap,
    ) -> None:
        super().__init__(page)
        self._page, self._model = page, model
        self._outbox, self.keys = outbox, keys
        self.pace = Pace()
        self.moves = LabelMoves(page, model, pictures)
        self._undo = LabelUndo(page, model, outbox, asking, keys, self._put)
        self._teaching = LabelTeaching(page, model, asking, self._mine)
        self.brushes: tuple[Brush, ...] = ()
        self.may_label = False
        self._shown_since = time.monotonic()
        self._offered: tuple[dict[int, str], str] = ({}, "")
        self._join()

    # ------------------------------------------------------------ labelling

    @Slot(object)
    def press(self, event: QKeyEvent) -> None:
        """A key in the grid or in the single view."""
        key = key_text(event)
        brush = next((each for each in self.brushes if each.key and each.key.upper() == key), None)
        if brush is not None:
            self.label(self.chosen(), brush.name)
        elif action := self.keys.action(key):
            self._do(action)
        elif self._page.single and key in {"Left", "Right"}:
            self.moves.step(1 if key == "Right" else -1)
        else:
            event.ignore()

    def _do(self, action: str) -> None:
        name = f"do_{action}"
        who = next(each for each in (self, self.moves, self._teaching) if hasattr(each, name))
        getattr(who, name)()

    def label(self, rows: Sequence[LabelRow], class_name: str) -> None:
        """Label these pictures, offer their folded near copies, and go on to the next without a label."""
        if not rows or not self.may_label:
            return
        pictures = {row.item.picture_id: row.label for row in rows}
        self._vote(pictures, class_name, self._how(rows))
        self.offer_copies({twin: "" for row in rows for twin in row.item.twins}, class_name)
        self.moves.go_on(self._model.place(rows[-1].item.picture_id))

    def do_label_copies(self) -> None:
        """The near copies of what was labelled last get the same label."""
        pictures, class_name = self._offered
        self.offer_copies({}, "")
        if pictures:
            self._vote(pictures, class_name, self._how(()))

    def do_agree(self) -> None:
        """The model is right; nobody can agree with what is hidden."""
        hidden = self._model.verdict_hidden
        rows = [row for row in self.chosen() if row.item.said and (row.label or not hidden)]
        if hidden and not rows:
            self._page.say("What the AI said is hidden: decide yourself, or show it (B).")
        for name in {row.item.said for row in rows}:
            self.label([row for row in rows if row.item.said == name], name)

    def do_take_back(self) -> None:
        """Take the last act back, and stand there again."""
        self.offer_copies({}, "")
        self._undo.back(self._how(()))

    def do_undo(self) -> None:
        """As taking back."""
        self.do_take_back()

    def do_redo(self) -> None:
        """Do it again after all."""
        self.offer_copies({}, "")
        self._undo.again(self._how(()))

    def do_erase(self) -> None:
        """Say nothing of these any more; what others said stays."""
        if pictures := {row.item.picture_id: row.label for row in self._mine() if row.label}:
            self.offer_copies({}, "")
            self._put(*self.session.label(pictures, "", self._how(())))

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
        rows = self.chosen()
        if not rows or not self.may_label:
            return
        dialog = QInputDialog(self._page)
        dialog.setWindowTitle("Comment")
        dialog.setLabelText(f"Comment on {len(rows)} picture{'s' if len(rows) > 1 else ''}")
        dialog.textValueSelected.connect(lambda words: self._comment(rows, words.strip()))
        dialog.open()

    def do_similar(self) -> None:
        """Pictures that look like this one."""
        self.similar_wanted.emit()

    def do_keys(self) -> None:
        """Show all keys."""
        self.keys_wanted.emit()

    # ------------------------------------------------------------ parts

    def _comment(self, rows: Sequence[LabelRow], words: str) -> None:
        if words:
            pictures = [row.item.picture_id for row in rows]
            self._outbox.put(remark(pictures, "comment", self._how(rows), words))
            self._model.mark(pictures, marks=f"“{words}”")

    def _remark(self, kind: str, mark: str) -> None:
        rows = self.chosen()
        if not rows or not self.may_label:
            return
        pictures = [row.item.picture_id for row in rows]
        self._outbox.put(remark(pictures, kind, self._how(rows)))
        self._model.mark(pictures, marks=mark)
        if kind != "flag":
            self.moves.step(1)

    def _mine(self) -> list[LabelRow]:
        """The chosen rows, where this person may change anything."""
        return self.chosen() if self.may_label else []

    def _vote(self, pictures: Mapping[int, str], class_name: str, how: Circumstances) -> None:
        """``pictures``: id and label so far."""
        votes, act = self.session.label(pictures, class_name, how)
        self.pace.add(len(votes), time.monotonic())
        self._put(votes, act)

    def offer_copies(self, pictures: Mapping[int, str], class_name: str) -> None:
        """Offer to label these too (none: offer nothing any more).

        One look was at one picture: whether its label is true of the near copies is the person's to say.
        """
        self._offered = (dict(pictures), class_name)
        self._page.offer_copies(len(pictures), class_name, self.keys.shown("label_copies"))

    def forget(self) -> None:
        """Another server: other pictures, other classes, and rights that are not known yet."""
        self._undo.forget()
        self.offer_copies({}, "")
        self.brushes, self.may_label = (), False

    def _put(self, votes: list[Vote], act: Act) -> None:
        for change in act:
            self._model.mark(
                [change.picture_id], label=change.after, standing=Standing.WAITS, alarm=""
            )
        self._outbox.put(votes)

    @property
    def session(self) -> LabelSession:
        """What the person who sits here did."""
        return self._undo.session(self.person)

    @property
    def person(self) -> str:
        """Who sits here; empty: the owner of the station's key."""
        return self._page.side.person.text().strip()

    def relabel(self, rows: Sequence[LabelRow], class_name: str) -> tuple[Change, ...]:
        """Show these with another label that the server is asked for in one command."""
        pictures = [row.item.picture_id for row in rows]
        self._model.mark(pictures, label=class_name, standing=Standing.WAITS, alarm="")
        return tuple(Change(row.item.picture_id, row.label, class_name) for row in rows)

    def _how(self, rows: Sequence[LabelRow]) -> Circumstances:
        return Circumstances(
            person=self.person,
            verdict_visible=not self._model.verdict_hidden,
            seconds=round(time.monotonic() - self._shown_since, 2) if len(rows) == 1 else None,
            seen={row.item.picture_id: row.item.label_id for row in rows},
        )

    def chosen(self) -> list[LabelRow]:
        """The rows that a key acts on."""
        return [self._model.row(index) for index in self._page.grid.chosen()]

    def _moved_to(self, _index: QModelIndex) -> None:
        self._shown_since = time.monotonic()

    def _clicked(self, index: QModelIndex, shift: bool) -> None:
        if brush := self._page.palette_bar.brush:
            self.label(self.chosen() if shift else [self._model.row(index)], brush)
            self._page.grid.go_to(index.row())

    def _clicked_large(self) -> None:
        if brush := self._page.palette_bar.brush:
            self.label(self.chosen(), brush)

    def _join(self) -> None:
        page, grid = self._page, self._page.grid
        for keys in (grid.key, page.large.key):
            keys.connect(self.press)
        grid.current_moved.connect(self._moved_to)
        grid.clicked_with.connect(self._clicked)
        page.large.clicked.connect(self._clicked_large)
        page.take_back_wanted.connect(self.do_take_back)
        page.copies_wanted.connect(self.do_label_copies)
