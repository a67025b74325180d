"""What a model saw of a stored picture: the masks of the time when it was judged lie over it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session, sessionmaker

from db import masks
from db.session import transaction
from db.values import Area
from inference_server.predict.patches import Patch, Patches
from inference_server.predict.pixels import Limits
from inference_server.store import PictureStore


def laid_over(
    sessions: sessionmaker[Session], pictures: PictureStore, limits: Limits, masked: Sequence[Area]
) -> list[Patch]:
    """What was laid over a picture with these masked areas. Raises DatabaseAway."""
    if not masked:
        return []
    patches, found = Patches(pictures, limits), []
    with transaction(sessions) as session:
        for number in sorted({area.mask_id for area in masked}):
            areas = tuple(area for area in masked if area.mask_id == number)
            found.append(Patch(areas, patches.filling(masks.one(session, number))))
    return found
