"""From the path of a picture below its inbox to plot type, run period, run and chunk.

The built-in patterns, tried in this order (PNG and JPEG, in upper or lower case):

1. ``[<period>/]Run<run>/<plot>[-<pad>]_<chunk>.png``, RSAI's way; ``Run`` may be missing;
2. ``[<period>/]<plot>[-<pad>]_<run>_<chunk>.png``, where no directory names the run;
3. ``[<period>/]<plot>[-<pad>]_Run<run>.png``, the whole-run form of the second.

Without ``_<chunk>`` it is a whole-run plot: chunk 0, not chunked. A pad that is a number is no part
of the plot type's name (``CDC-1`` and ``CDC-2`` are both ``CDC``); a pad that has a name is
(``FDC-wires`` stays ``FDC-wires``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

_EXTENSION = r"\.(?i:png|jpe?g)"
_PERIOD = r"(?:(?:.*/)?(?P<period>[^/]+)/)?"
_PLOT = r"(?P<plot>[^/]+?)(?:-(?P<pad>[0-9]+))?"
_RUN = r"(?P<run>[0-9]{1,9})"
_CHUNK = r"(?P<chunk>[0-9]{1,9})"
_WORD_RUN = r"(?i:run)[-_]?"
BUILT_IN = (
    rf"{_PERIOD}(?:{_WORD_RUN})?{_RUN}/{_PLOT}(?:_{_CHUNK})?{_EXTENSION}",
    rf"{_PERIOD}{_PLOT}_(?:{_WORD_RUN})?{_RUN}_{_CHUNK}{_EXTENSION}",
    rf"{_PERIOD}{_PLOT}_{_WORD_RUN}{_RUN}{_EXTENSION}",
)

_PICTURE = re.compile(_EXTENSION + r"\Z")
_OTHER_PICTURE = re.compile(r"\.(?:gif|bmp|tiff?|webp|svg|pdf|e?ps)\Z", re.IGNORECASE)
_TEMPORARY = re.compile(
    r"~\Z|\.(?:te?mp|part|partial|filepart|crdownload|sw[op]|lock)\Z", re.IGNORECASE
)
_LOOKS_LIKE_PERIOD = re.compile(r"run[-_]?period|(?:19|20)\d\d[-_]\d\d", re.IGNORECASE)
LONGEST_NAME = 190  # characters; what an indexed database column takes everywhere
LARGEST = 2**31 - 1  # runs and chunks are 32-bit integers in the database


class UnknownName(ValueError):
    """The file's name does not say which plot it is; the message says what is missing."""


class BadPattern(ValueError):
    """A configured pattern cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Name:
    """What the path of a picture says."""

    plot_type: str
    chunked: bool
    run_period: str
    run: int
    chunk: int  # 0 where not chunked


class Names:
    """Reads names by the built-in patterns or, where some are given, by those alone.

    A pattern is a regular expression for the whole path below the inbox (``/`` between directories)
    with the named groups ``plot`` and ``run``, and if wanted ``chunk``, ``pad`` and ``period``.
    Raises BadPattern.
    """

    def __init__(
        self, patterns: Sequence[str] = (), *, run_period: str = "", inbox_name: str = ""
    ) -> None:
        self._patterns = tuple(_compiled(text) for text in patterns or BUILT_IN)
        self._configured = bool(patterns)
        self._run_period = run_period
        self._fallback = inbox_name if _LOOKS_LIKE_PERIOD.search(inbox_name) else ""

    def read(self, relative: str) -> Name:
        """What ``relative``, the path below the inbox, says. Raises UnknownName."""
        for pattern in self._patterns:
            if found := pattern.fullmatch(relative):
                return self._name(found.groupdict())
        raise UnknownName(self._complaint(relative))

    def _name(self, parts: dict[str, str | None]) -> Name:
        plot, chunk, run = parts["plot"] or "", parts.get("chunk"), parts["run"] or ""
        _check(plot, run, chunk or "0")
        return Name(
            plot_type=plot,
            chunked=chunk is not None,
            run_period=(self._run_period or parts.get("period") or self._fallback)[:LONGEST_NAME],
            run=int(run),
            chunk=int(chunk or 0),
        )

    def _complaint(self, relative: str) -> str:
        if self._configured:
            return (
                f"the name {relative!r} fits none of the inbox's patterns. Check inboxes.patterns."
            )
        if not is_picture(relative):
            return f"{relative!r} is neither PNG nor JPEG. Have the producer write one of them."
        return (
            f"the name {relative!r} does not say which run it is."
            " Use RunNNNNNN/<plot>_<chunk>.png or <plot>_<run>_<chunk>.png."
        )


def is_picture(name: str) -> bool:
    """Whether the name ends like a PNG's or a JPEG's."""
    return _PICTURE.search(name) is not None


def is_ours(relative: str, configured: bool = False) -> bool:
    """Whether a file is for the feeder at all.

    Hidden and temporary files are the producer's own business, and so is everything that is no
    picture; pictures of other kinds are ours, to be set aside where somebody sees them. With
    ``configured`` patterns those decide about everything that is not hidden or temporary.
    """
    path = PurePosixPath(relative)
    if any(part.startswith((".", "#")) for part in path.parts) or _TEMPORARY.search(path.name):
        return False
    return configured or is_picture(path.name) or _OTHER_PICTURE.search(path.name) is not None


def _compiled(text: str) -> re.Pattern[str]:
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise BadPattern(f"the pattern {text!r} is no regular expression: {error}.") from error
    missing = {"plot", "run"} - set(pattern.groupindex)
    if missing:
        raise BadPattern(
            f"the pattern {text!r} has no group named {' and '.join(sorted(missing))}."
        )
    return pattern


def _check(plot: str, run: str, chunk: str) -> None:
    if not plot.strip() or any(ord(character) < 32 for character in plot):
        raise UnknownName(f"{plot!r} is no name of a plot. Rename the file.")
    if len(plot) > LONGEST_NAME:
        raise UnknownName(f"the plot's name has more than {LONGEST_NAME} characters. Shorten it.")
    if not _is_number(run) or not _is_number(chunk):
        raise UnknownName(f"run {run!r} or chunk {chunk!r} is no number up to {LARGEST}.")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and int(text[:12]) <= LARGEST and len(text) <= 12
