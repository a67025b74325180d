"""The plot types and classes of a site."""

from __future__ import annotations

import msgspec

from inference_server.protocol.base import Message, Severity
from inference_server.protocol.masks import Mask


class ClassInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One class of the vocabulary of the site."""

    name: str
    severity: Severity
    colour: str  # "#RRGGBB"; empty: the theme's own colour of that name
    description: str = ""


class PlotTypeInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of plot: what the grid shows a tile for."""

    id: int
    name: str
    chunked: bool
    group: str = ""
    contact: str = ""
    guidance: str = ""
    description: str = ""
    classes: tuple[str, ...] = ()
    model_id: int | None = None
    model_name: str = ""
    ignored: bool = False
    collect_fraction: float = 0.0
    stale_after_s: float = 180.0
    masks: tuple[Mask, ...] = ()  # that nobody has ended; whether in force: ask each of them


class PlotTypesChanged(Message, frozen=True, kw_only=True):
    """The catalogue changed (new plot type, model, threshold): here are the new rows."""

    plot_types: tuple[PlotTypeInfo, ...]
