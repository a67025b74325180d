"""What the gateway need not ask a large database again: kept in memory, and asked anew after a restart."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Asked:
    """A model was asked about every picture labelled up to a vote, with one of these classes."""

    vote: int
    classes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Remembered:
    """Each entry is replaced whole, so threads may share it."""

    asked: dict[int, Asked] = field(default_factory=dict)  # by model

    def since(self, model_id: int, classes: frozenset[str]) -> int:
        """The vote up to which a model was asked; 0: not yet, or other classes teach now."""
        known = self.asked.get(model_id)
        return known.vote if known is not None and known.classes == classes else 0
