"""One picture made ready for a batch, on a thread of the decode pool."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from inference_server.predict import patches, pixels
from inference_server.predict.patches import Patch
from inference_server.predict.pixels import Limits, Pixels, Unreadable


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a batch needs of a picture, or why it cannot be judged."""

    fitted: Mapping[int, Pixels] = field(default_factory=dict)  # by size in pixels
    thumbnail: bytes = b""
    width: int = 0
    height: int = 0
    took_ms: float = 0.0
    error: str = ""


def prepare(
    data: bytes, sizes: Iterable[int], limits: Limits, laid: Sequence[Patch] = ()
) -> Prepared:
    """Decode, fit to each of ``sizes``, make the thumbnail. Never raises for a bad picture.

    ``laid``: masked areas, which only the models do not see.
    """
    begin = time.perf_counter()
    try:
        picture = pixels.decode(data, limits)
    except Unreadable as error:
        return Prepared(error=str(error))
    height, width = picture.shape[:2]
    seen = patches.lay(picture, laid)
    return Prepared(
        fitted={size: pixels.fit(seen, size) for size in set(sizes)},
        thumbnail=pixels.thumbnail(picture),
        width=width,
        height=height,
        took_ms=(time.perf_counter() - begin) * 1e3,
    )
