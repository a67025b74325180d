"""What a model gets to see where a mask is: the same place of a Good picture, or the background."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np

from db import masks
from db.values import Area, Catalogue, Mask
from inference_server.predict import pixels
from inference_server.predict.pixels import Limits, Pixels, Unreadable
from inference_server.store import PictureStore


@dataclass(frozen=True, slots=True)
class Patch:
    """Areas that are left out; ``filling``: the picture seen there instead, None: the background."""

    areas: tuple[Area, ...]
    filling: Pixels | None = None


Laid = tuple[tuple[Mask, Patch], ...]  # the masks of one plot type, ready to be laid over a picture


class Patches:
    """The masks of all plot types. Plot types without one cost a look into a dict."""

    def __init__(self, pictures: PictureStore, limits: Limits) -> None:
        self._pictures, self._limits = pictures, limits
        self._laid: Mapping[tuple[str, bool], Laid] = {}

    def follow(self, catalogue: Catalogue) -> None:
        """Take over the masks of ``catalogue``; replaced as a whole, between two pictures."""
        held = {mask.id: patch for laid in self._laid.values() for mask, patch in laid}
        kinds = {each.id: (each.name, each.chunked) for each in catalogue.plot_types}
        fresh: dict[tuple[str, bool], list[tuple[Mask, Patch]]] = defaultdict(list)
        for mask in catalogue.masks:
            patch = held.get(mask.id) or Patch(mask.areas, self.filling(mask))
            fresh[kinds[mask.plot_type_id]].append((mask, patch))
        self._laid = {kind: tuple(laid) for kind, laid in fresh.items()}

    def of(self, plot_type: str, chunked: bool, run_period: str, at: datetime) -> tuple[Patch, ...]:
        """What is to be laid over a picture that is judged at the time ``at``."""
        if (laid := self._laid.get((plot_type, chunked))) is None:
            return ()
        holding = masks.in_force([mask for mask, _ in laid], run_period, at)
        ids = {mask.id for mask in holding}
        return tuple(patch for mask, patch in laid if mask.id in ids)

    def filling(self, mask: Mask) -> Pixels | None:
        """The Good picture that was chosen when the mask was set; None: there is none any more."""
        if not mask.reference_hash:
            return None
        data = self._pictures.read(mask.reference_hash, mask.reference_extension)
        try:
            return pixels.decode(data, self._limits) if data is not None else None
        except Unreadable:
            return None


def areas_of(patches: Iterable[Patch]) -> tuple[Area, ...]:
    """All areas that are left out."""
    return tuple(area for patch in patches for area in patch.areas)


def lay(picture: Pixels, patches: Sequence[Patch]) -> Pixels:
    """``picture`` (H, W, 3) as a model shall see it; ``picture`` itself stays as it is."""
    if not patches:
        return picture
    made = picture.copy()
    for patch in patches:
        filling = background(picture) if patch.filling is None else patch.filling
        for area in patch.areas:
            place = _place(area, picture.shape[0], picture.shape[1])
            made[place] = _cut(filling, area, made[place])
    return made


def background(picture: Pixels) -> Pixels:
    """The most frequent colour of the picture's edge, as a picture of one pixel (1, 1, 3)."""
    edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    packed = edge.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    _, where, counts = np.unique(packed, return_index=True, return_counts=True)
    found: Pixels = edge[where[np.argmax(counts)]][None, None]
    return found


def _cut(filling: Pixels, area: Area, into: Pixels) -> Pixels:
    """The same place of ``filling``, which may have another size, with the shape of ``into``."""
    rows, columns = _place(area, filling.shape[0], filling.shape[1])
    part = filling[rows, columns]
    if part.shape == into.shape:
        return part
    height, width = into.shape[:2]
    return np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _place(area: Area, height: int, width: int) -> tuple[slice, slice]:
    return (
        slice(math.floor(area.top * height), math.ceil(area.bottom * height)),
        slice(math.floor(area.left * width), math.ceil(area.right * width)),
    )
