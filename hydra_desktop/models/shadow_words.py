"""How a candidate in the shadow stands beside the active model, in words. Pure functions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from hydra_desktop.words import moment
from inference_server.protocol.shadow import ShadowDifference, ShadowStanding
from ui.class_bars import percent
from ui.picture_strip import PictureCard

MOST = 200  # differing pictures that the server hands out, the newest


def sentence(standing: ShadowStanding, bad: Collection[str], now: datetime) -> str:
    """The line of the candidate's page; ``bad``: the classes that call the shift."""
    if standing.since is None or not standing.judged:
        return "In the shadow. It has judged no live plot yet."
    beside = f" beside model {standing.active_id}" if standing.active_id is not None else ""
    since, judged = moment(standing.since, now), _live_plots(standing.judged)
    words = f"In the shadow since {since}: judged {judged}{beside}"
    words += f", agrees on {percent(standing.same / standing.judged)}"
    more, less = _calls_bad(standing, bad)
    if not (more or less):
        return f"{words}; neither calls Bad what the other does not."
    return f"{words}; {more:,} it calls Bad that the active one does not, {less:,} the other way."


def _calls_bad(standing: ShadowStanding, bad: Collection[str]) -> tuple[int, int]:
    """How many only the candidate calls Bad, and how many only the live model."""
    more = sum(each.count for each in standing.said if each.said in bad and each.live not in bad)
    less = sum(each.count for each in standing.said if each.live in bad and each.said not in bad)
    return more, less


def details(standing: ShadowStanding) -> str:
    """What the shift would have heard, and who was right where a person labelled."""
    if not standing.judged:
        return ""
    called, live = standing.shadow_calls, standing.calls
    lines = [f"Confirmed Bad: {called:,} by this model, {live:,} by the live one."]
    if standing.labelled:
        lines.append(
            f"Of {standing.labelled:,} that people labelled, this model has {standing.shadow_right:,}"
            f" right, the live one {standing.right:,}."
        )
    return "\n".join(lines)


def differing(standing: ShadowStanding) -> int:
    """Live plots of which they say different things."""
    return standing.judged - standing.same


def heading(standing: ShadowStanding) -> tuple[str, str]:
    """What stands above the pictures on which they differ."""
    count = differing(standing)
    order = "the newest first" if count <= MOST else f"the newest {MOST}"
    return f"In the shadow they differ on {_live_plots(count)}", order


def _live_plots(count: int) -> str:
    return "1 live plot" if count == 1 else f"{count:,} live plots"


def card(each: ShadowDifference) -> PictureCard:
    """One picture on which they differ."""
    where = f"{each.run}.{each.chunk}" if each.chunk else str(each.run)
    return PictureCard(
        each.picture_id,
        f"{each.said}, live {each.live} · {where}",
        f"Run {where}, {each.run_period}\nThis model said {each.said} and was {each.confidence:.3f}"
        f" sure, the live one said {each.live} and was {each.live_confidence:.3f} sure.",
    )
