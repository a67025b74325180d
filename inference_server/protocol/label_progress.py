"""The classes that a plot type can have, and how far its labelling is."""

from __future__ import annotations

import msgspec

from inference_server.protocol.base import Message, Severity


class PaletteClass(msgspec.Struct, frozen=True, kw_only=True):
    """A class that a plot type can have."""

    name: str
    severity: Severity
    colour: str = ""
    key: str = ""
    description: str = ""
    teaches: bool = True
    labelled: int = 0  # current labels of this class
    example_hashes: tuple[str, ...] = ()  # pictures that carry this label


class LabellerScore(msgspec.Struct, frozen=True, kw_only=True):
    """How many current labels of a plot type are a person's."""

    who: str
    labels: int
    last_hour: int


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """How far two people agree beyond chance (Cohen's kappa, Cohen 1960)."""

    first: str
    second: str
    pictures: int  # that both labelled
    kappa: float | None  # None: not defined (too few, or one class only)


class GetPalette(Message, frozen=True, kw_only=True):
    """The classes of a plot type."""

    plot_type_id: int


class GetLabelProgress(Message, frozen=True, kw_only=True):
    """How far the labelling of a plot type is."""

    plot_type_id: int


class Palette(Message, frozen=True, kw_only=True):
    """The classes of a plot type in their order, and whether this client may label."""

    plot_type_id: int
    classes: tuple[PaletteClass, ...]
    may_label: bool
    may_edit: bool


class LabelProgress(Message, frozen=True, kw_only=True):
    """Labels by class, what is left (counted up to ``COUNTED``), who labelled, how far people agree."""

    plot_type_id: int
    by_class: dict[str, int]
    left: int
    scores: tuple[LabellerScore, ...] = ()  # empty where the site shows no leader board
    agreements: tuple[Agreement, ...] = ()
    fleiss: float | None = None  # Fleiss' kappa over all labellers (Fleiss 1971)
    fleiss_by_class: dict[str, float] = {}  # the same, of each class against all others
