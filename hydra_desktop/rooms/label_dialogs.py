"""The labeler's two dialogs: its keys and its classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from hydra_desktop.label_keys import ACTIONS, Clash
from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.rooms.label_room import LabelRoom
from inference_server.protocol.base import Severity
from inference_server.protocol.class_changes import MergeClasses, SetClass, SplitClass
from inference_server.protocol.labelling import ClassSplit, Palette
from inference_server.protocol.messages import Done, GetThumbnail, Reply, Request
from ui.classes_dialog import ClassesDialog
from ui.keys_dialog import KeysDialog
from ui.label_page import LabelPage
from ui.label_roles import Brush

_FIXED = (
    ("1 ... 9, 0", "Label, then go on (or the class's own key)"),
    ("Left, Right, Up, Down", "Move; with Shift: select"),
    ("Ctrl+A", "Select all"),
    ("Space held", "The picture large"),
)
_SHOWN = ("agree", "next", "take_back", "undo", "unsure", "skip", "flag", "comment", "single", "similar", "keys")  # fmt: skip


class LabelDialogs(QObject):
    """Made when they are first wanted; ``keep`` remembers a person's keys."""

    def __init__(self, page: LabelPage, room: LabelRoom, keep: Callable[[str, str], None]) -> None:
        super().__init__(page)
        self._page, self._room, self._keep = page, room, keep
        self.keys, self.classes = KeysDialog(page), ClassesDialog(page)
        self._palette: Palette | None = None
        self._join()
        self._show_keys()

    # ------------------------------------------------------------ keys

    def open_keys(self) -> None:
        """Show the keys."""
        self.keys.say("Click a key to change it.")
        self.keys.show()
        self.keys.raise_()

    def _show_keys(self) -> None:
        held = self._room.acts.keys
        first = {a.name: next(iter(held.keys_of(a)), "") for a in ACTIONS}
        self.keys.show_keys(_FIXED, [(a.name, a.words, first[a.name]) for a in ACTIONS])
        words = {a.name: a.words for a in ACTIONS}
        facts = [("1 ... 9, 0", "Label, then go on"), ("Space held", "Large")]
        facts += [(first[n].replace("Return", "Enter"), words[n]) for n in _SHOWN if first[n]]
        self._page.key_facts.show_facts(facts)

    def _choose(self, name: str, key: str) -> None:
        held = self._room.acts.keys
        if not key or key in held.keys_of(next(a for a in ACTIONS if a.name == name)):
            return
        try:
            held.choose(name, (key,), [brush.key for brush in self._room.acts.brushes])
        except Clash as error:
            self.keys.say(f"Not taken: {error}", loud=True)
        else:
            self._keep("label_keys", held.dump())
            self.keys.say(f"{key} is taken.")
        self._show_keys()

    def _reset(self) -> None:
        self._room.acts.keys.reset()
        self._keep("label_keys", "")
        self.keys.say("Every action has its own key again.")
        self._show_keys()

    def _export(self) -> None:
        dialog = QFileDialog(self.keys, "Export the keys")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.fileSelected.connect(self._write_keys)
        dialog.open()

    def _write_keys(self, file: str) -> None:
        try:
            Path(file).write_text(self._room.acts.keys.dump(), encoding="utf-8")
        except OSError as error:
            self.keys.say(f"Not written: {error.strerror}. Choose another place.", loud=True)
        else:
            self.keys.say(f"Written to {file}.")

    # ------------------------------------------------------------ classes

    def open_classes(self) -> None:
        """Show the classes."""
        self.classes.say("")
        self.classes.show()
        self.classes.raise_()

    def _take_palette(self, palette: Palette) -> None:
        self._palette = palette
        self.classes.show_classes(self._room.acts.brushes)

    def _store(self, filled: Brush, before: str) -> None:
        self._ask(
            SetClass(
                plot_type_id=self._room.kind, name=before or filled.name,
                severity=Severity(filled.severity), colour=filled.colour, key=filled.key,
                description=filled.description, teaches=filled.teaches,
                rename_to=filled.name if before and before != filled.name else "",
            )
        )  # fmt: skip

    def _merge(self, source: str, into: str) -> None:
        self._ask(MergeClasses(plot_type_id=self._room.kind, source=source, into=into))

    def _split(self, source: str, into: str) -> None:
        acts = self._room.acts
        chosen = [row for row in acts.chosen() if row.label == source]
        if not into or not chosen:
            words = (
                f"Choose pictures that are labelled {source} in the grid, and name the new class."
            )
            self.classes.say(words, loud=True)
            return
        act = acts.relabel(chosen, into)

        def split(reply: ClassSplit) -> None:
            moved = {move.picture_id for move in reply.moves}
            acts.session.record(
                tuple(
                    replace(change, vote=reply.votes.get(change.picture_id, ""))
                    for change in act
                    if change.picture_id in moved
                )
            )
            self._room.word.moved(reply.moves)
            self.classes.say(f"{reply.sentence} Ctrl+Z gives them their label back.")

        def refused(failure: Failure) -> None:
            acts.relabel(chosen, source)
            self.classes.say(failure.words, loud=True)

        request = SplitClass(
            plot_type_id=self._room.kind, source=source, into=into,
            picture_ids=tuple(row.item.picture_id for row in chosen), person=acts.person,
        )  # fmt: skip
        self._room.asking.ask(request, split, refused)

    def _ask(self, request: Request) -> None:
        def done(reply: Reply) -> None:
            if isinstance(reply, Done):
                self.classes.say(reply.sentence)

        def refused(failure: Failure) -> None:
            self.classes.say(failure.words, loud=True)

        self._room.asking.ask(request, done, refused)

    def _show_examples(self, name: str) -> None:
        classes = self._palette.classes if self._palette else ()
        hashes = next((each.example_hashes for each in classes if each.name == name), ())
        came = []

        def take(answer: Answer) -> None:
            if answer.image is not None:
                came.append(answer.image)
                self.classes.show_examples(came)

        for picture_hash in hashes:
            self._room.asking.ask_whole(GetThumbnail(picture_hash=picture_hash), take, _without)

    # ------------------------------------------------------------ joining

    def _join(self) -> None:
        self._room.acts.keys_wanted.connect(self.open_keys)
        self._page.palette_bar.edit_wanted.connect(self.open_classes)
        self._room.facts.palette_came.connect(self._take_palette)
        self.keys.chosen.connect(self._choose)
        self.keys.reset_wanted.connect(self._reset)
        self.keys.export_wanted.connect(self._export)
        self.classes.store_wanted.connect(self._store)
        self.classes.merge_wanted.connect(self._merge)
        self.classes.split_wanted.connect(self._split)
        self.classes.examples_wanted.connect(self._show_examples)


def _without(_failure: Failure) -> None:
    """An example whose picture is gone is not shown."""
