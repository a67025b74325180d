"""Making and changing plot types, with a look at the files that belong to them."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from inference_server.protocol.base import Message, Severity


class ClassChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A class that a plot type shall have; ``severity`` counts where the site has no such class yet."""

    name: str
    severity: Severity = Severity.NEUTRAL


class FoundFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of an inbox and what its name says."""

    path: str
    plot_type: str
    chunked: bool
    run: int
    chunk: int


class SavePlotType(Message, frozen=True, kw_only=True):
    """Change a plot type, or make one (``plot_type_id`` None)."""

    plot_type_id: int | None
    name: str
    chunked: bool
    group: str = ""
    contact: str = ""
    guidance: str = ""
    description: str = ""
    collect_fraction: float = 0.02
    stale_after_s: float = 180.0
    ignored: bool = False
    classes: tuple[ClassChoice, ...] = ()


class FindFiles(Message, frozen=True, kw_only=True):
    """Which files of the inboxes belong to a plot type of this name."""

    name: str
    chunked: bool


class FoundFiles(Message, frozen=True, kw_only=True):
    """Files that match, the newest first, and what else there is."""

    files: tuple[FoundFile, ...]
    matching: int
    others: dict[str, int] = {}  # names of other plots that were found, and how many files
    searched: int = 0


PlotFormsRequest: TypeAlias = SavePlotType | FindFiles
PlotFormsReply: TypeAlias = FoundFiles

__all__ = ["PlotFormsReply", "PlotFormsRequest"]
