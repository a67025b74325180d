"""The states a tile can be in, each with its shape, its fill and its place in the order of need."""

from __future__ import annotations

from enum import IntEnum

from ui.tokens import Fill, Theme


class TileState(IntEnum):
    """Ordered by need: the higher, the sooner a person should look."""

    IGNORED = -1  # by the maintainer: shown only when hidden plots are
    EMPTY = 0  # no picture yet
    GOOD = 1
    MASKED = 2  # good, with a known problem area left out
    NEUTRAL = 3  # a class that is neither good nor bad: no data, a calibration
    UNCONFIRMED = 4
    STALE = 5
    INVALID = 6
    MINOR = 7
    MAJOR = 8


BADGES = {
    TileState.IGNORED: "ignored",
    TileState.EMPTY: "",
    TileState.GOOD: "good",
    TileState.MASKED: "masked",
    TileState.NEUTRAL: "neutral",
    TileState.UNCONFIRMED: "unconfirmed",
    TileState.STALE: "stale",
    TileState.INVALID: "invalid",
    TileState.MINOR: "minor",
    TileState.MAJOR: "major",
}

# What a screen reader says before the verdict: the badge in a word.
WORDS = {
    TileState.IGNORED: "ignored",
    TileState.EMPTY: "no plot yet",
    TileState.GOOD: "good",
    TileState.MASKED: "good but for what is masked",
    TileState.NEUTRAL: "neither good nor bad",
    TileState.UNCONFIRMED: "unconfirmed",
    TileState.STALE: "old",
    TileState.INVALID: "not judged",
    TileState.MINOR: "to look at",
    TileState.MAJOR: "bad",
}


def fill_of(state: TileState, theme: Theme) -> Fill | None:
    """The filled head of a tile, or None where it stays plain."""
    fills = {
        TileState.MINOR: theme.minor,
        TileState.MAJOR: theme.major,
        TileState.INVALID: theme.invalid,
        TileState.STALE: theme.stale,
    }
    return fills.get(state)


def line_of(state: TileState, theme: Theme) -> str:
    """The colour of a badge that has no fill."""
    return {TileState.GOOD: theme.muted, TileState.MASKED: theme.masked}.get(state, theme.text)


def frame_of(state: TileState, theme: Theme) -> tuple[str, int]:
    """Colour and width in px of a tile's frame."""
    if state is TileState.MAJOR:
        return theme.major_line, 2
    if (fill := fill_of(state, theme)) is not None:
        return fill.background, 2
    return theme.hair, 1
