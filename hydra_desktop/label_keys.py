"""The labeler's keys: what each does, which the person chose, which two would clash."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a key does; ``keys`` are those it has when nobody chose others."""

    name: str
    words: str
    keys: tuple[str, ...]


ACTIONS: tuple[Action, ...] = (
    Action("next", "Next picture", ("D",)),
    Action("previous", "Previous picture", ("A",)),
    Action("next_unlabelled", "Next without a label", ("Ctrl+Right",)),
    Action("previous_unlabelled", "Previous without a label", ("Ctrl+Left",)),
    Action("agree", "The AI is right", ("Return", "Enter")),
    Action("take_back", "Take back the last label", ("Backspace",)),
    Action("undo", "Undo", ("Ctrl+Z",)),
    Action("redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y")),
    Action("erase", "Take your label off these", ("Del",)),
    Action("unsure", "Not sure", ("U",)),
    Action("skip", "Skip", ("S",)),
    Action("flag", "Flag", ("F",)),
    Action("comment", "Comment", ("C",)),
    Action("label_copies", "Label the near copies too", ("T",)),
    Action("similar", "Show similar pictures", ("V",)),
    Action("single", "One picture fills the page", ("Z",)),
    Action("blind", "Hide or show what the AI said", ("B",)),
    Action("pin_training", "Pin to training", ("Ctrl+T",)),
    Action("pin_validation", "Pin to validation", ("Ctrl+Shift+T",)),
    Action("unpin", "No pin", ("Ctrl+Alt+T",)),
    Action("leave_out", "Leave out of training, or not", ("I",)),
    Action("weight", "Training weight", ("W",)),
    Action("keys", "Show the keys", ("?",)),
)
# Those of Qt's own list view, and of the window: never to be taken.
RESERVED = (
    "Left", "Right", "Up", "Down", "Home", "End", "PgUp", "PgDown", "Space", "Ctrl+A", "Ctrl+Q", "Esc", "F5",
    "F11", "Ctrl+F", "Ctrl+K",
)  # fmt: skip


class Clash(ValueError):
    """Two things would have the same key; the message names both."""


class KeyMap:
    """Actions by key. A person's choice beats what a new version ships."""

    def __init__(self, chosen: Mapping[str, Sequence[str]] | None = None) -> None:
        self._chosen = {name: tuple(keys) for name, keys in (chosen or {}).items()}

    def keys_of(self, action: Action) -> tuple[str, ...]:
        """The keys in force."""
        return self._chosen.get(action.name, action.keys)

    def shown(self, name: str) -> str:
        """The first key of an action, to be named on a button; empty: it has none."""
        return next((key for a in ACTIONS if a.name == name for key in self.keys_of(a)), "")

    def choose(self, name: str, keys: Sequence[str], class_keys: Sequence[str] = ()) -> None:
        """Give an action other keys. Raises Clash."""
        for key in keys:
            if _normal(key) in map(_normal, RESERVED):
                raise Clash(f"{key} belongs to the window or the list.")
            if _normal(key) in map(_normal, class_keys):
                raise Clash(f"{key} labels a class.")
            for other in ACTIONS:
                if other.name != name and _normal(key) in map(_normal, self.keys_of(other)):
                    raise Clash(f"{key} is the key for: {other.words}.")
        self._chosen[name] = tuple(keys)

    def all(self) -> frozenset[str]:
        """Every key in force, in capitals."""
        return frozenset(key.upper() for action in ACTIONS for key in self.keys_of(action))

    def reset(self) -> None:
        """Give every action its own keys again."""
        self._chosen.clear()

    def action(self, key: str) -> str:
        """The action of a key; empty: none."""
        wanted = _normal(key)
        return next((a.name for a in ACTIONS if wanted in map(_normal, self.keys_of(a))), "")

    def dump(self) -> str:
        """What was chosen, as JSON; ``load`` reads it."""
        return json.dumps(self._chosen, indent=2, sort_keys=True)

    @classmethod
    def load(cls, text: str) -> KeyMap:
        """From ``dump``; anything else is as if nothing was chosen."""
        try:
            found = json.loads(text or "{}")
            return cls({str(k): tuple(map(str, v)) for k, v in found.items()})
        except (ValueError, AttributeError, TypeError):
            return cls()


def key_text(event: QKeyEvent) -> str:
    """A key press as people write it: "Ctrl+Shift+Z", "?", "1"."""
    if event.text() == "?":
        return "?"  # whatever the keyboard's layout needs for it
    if event.key() in (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_unknown):
        return ""
    pressed = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    combination = QKeyCombination(pressed, Qt.Key(event.key()))
    return QKeySequence(combination).toString(QKeySequence.SequenceFormat.PortableText)


def _normal(key: str) -> str:
    text = QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)
    return text or key
