"""Links that open one picture in a Hydra desktop: ``hydra://server/plot?...``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from inference_server.protocol.messages import Verdict

SCHEME = "hydra"


class LinkError(ValueError):
    """Not a link of ours; the message says what one looks like."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a link leads to."""

    plot_type: str
    chunked: bool
    picture_hash: str
    at: datetime


def link_to(server: str, verdict: Verdict) -> str:
    """A link to the picture of ``verdict``; ``server`` is for people: a desktop uses its own key."""
    host = server.removeprefix("tcp://") or "server"
    query = {
        "chunked": int(verdict.chunked),
        "run": verdict.run,
        "chunk": verdict.chunk,
        "at": verdict.judged_at.isoformat(),
        "picture": verdict.picture_hash,
    }
    return f"{SCHEME}://{host}/{quote(verdict.plot_type, safe='')}?{urlencode(query)}"


def read_link(text: str) -> Target:
    """What ``text`` leads to. Raises LinkError."""
    parts = urlsplit(text.strip())
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    plot_type = unquote(parts.path.removeprefix("/"))
    try:
        at = datetime.fromisoformat(query["at"])
        picture_hash, chunked = query["picture"], query.get("chunked", "1") == "1"
    except (KeyError, ValueError) as error:
        raise LinkError(_LOOKS.format(text=text)) from error
    if parts.scheme != SCHEME or not plot_type or at.tzinfo is None:
        raise LinkError(_LOOKS.format(text=text))
    return Target(plot_type, chunked, picture_hash, at)


_LOOKS = (
    "{text} is not a link to a plot. One looks like hydra://server/PLOT?at=...&picture=...;"
    " copy it whole from the detail page."
)
