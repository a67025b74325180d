"""Changes that a plot may show without meaning anything else: what the network shall learn to ignore.

Never a flip or a rotation: a plot's sides have names. Small shifts, scale, brightness, contrast, and
other numbers around the plot, as another run has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from inference_server.predict.pixels import Pixels

RECIPE = 2  # counts changes here and of who is changed: a training says which one it used


@dataclass(frozen=True, slots=True)
class Strength:
    """How far a picture may be changed; zero everywhere changes nothing."""

    shift: float = 0.02  # of the width and height
    scale: float = 0.04
    brightness: float = 0.06  # of the full range
    contrast: float = 0.08
    glyphs: float = 0.7  # how often the numbers around the plot change


PLAIN = Strength(0, 0, 0, 0, 0)
_FRAME = 0.15  # of width or height: what is larger is an axis frame, a colour bar, a filled plot
_GLYPH = 5, 24  # height of a letter or digit, pixels
_INK = 40  # how far a letter is from its background


def augment(picture: Pixels, random: np.random.Generator, strength: Strength) -> Pixels:
    """A changed copy of ``picture`` (H, W, 3), of the same shape."""
    changed = picture.copy()
    if random.random() < strength.glyphs:
        _other_numbers(changed, random)
    changed = _moved(changed, random, strength)
    return _toned(changed, random, strength)


def _moved(picture: Pixels, random: np.random.Generator, strength: Strength) -> Pixels:
    """Shifted and scaled a little; what comes in from outside has the colour of the corner."""
    height, width = picture.shape[:2]
    across, down = 1 + strength.scale * random.uniform(-1, 1, 2)
    right = width * (strength.shift * random.uniform(-1, 1) + (1 - across) / 2)
    below = height * (strength.shift * random.uniform(-1, 1) + (1 - down) / 2)
    if (across, down, right, below) == (1, 1, 0, 0):
        return picture
    matrix = np.array([[across, 0, right], [0, down, below]], np.float32)
    edge = tuple(int(value) for value in np.median(picture[:3, :3].reshape(-1, 3), axis=0))
    moved = cv2.warpAffine(
        picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=edge
    )
    return cast("Pixels", moved)


def _toned(picture: Pixels, random: np.random.Generator, strength: Strength) -> Pixels:
    """Brighter or darker, with more or less contrast, all colours alike."""
    contrast = 1 + strength.contrast * random.uniform(-1, 1)
    brightness = 255 * strength.brightness * random.uniform(-1, 1)
    if contrast == 1 and brightness == 0:
        return picture
    values = np.clip((np.arange(256) - 127.5) * contrast + 127.5 + brightness, 0, 255)
    return cast("Pixels", cv2.LUT(picture, values.astype(np.uint8)))


def _other_numbers(picture: Pixels, random: np.random.Generator) -> None:
    """Swap letters and digits of like size around the plot, in place.

    Run numbers and axis limits then read differently, and a network cannot tell runs by them.
    """
    boxes = _glyphs(picture)
    if len(boxes) < 2:
        return
    order = random.permutation(len(boxes))
    for one, other in zip(order[::2], order[1::2], strict=False):
        (x1, y1, w1, h1), (x2, y2, w2, h2) = boxes[one], boxes[other]
        width, height = min(w1, w2), min(h1, h2)
        if abs(w1 - w2) > 2 or abs(h1 - h2) > 2:
            continue
        first = picture[y1 : y1 + height, x1 : x1 + width].copy()
        picture[y1 : y1 + height, x1 : x1 + width] = picture[y2 : y2 + height, x2 : x2 + width]
        picture[y2 : y2 + height, x2 : x2 + width] = first


def _glyphs(picture: Pixels) -> np.ndarray:
    """Boxes (N, 4) as x, y, width, height of what looks like letters outside of all frames.

    What is drawn inside an axis frame may be data, even if it is as small as a letter.
    """
    height, width = picture.shape[:2]
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    background = np.median(grey[:3])
    ink = (np.abs(grey.astype(np.int16) - background) > _INK).astype(np.uint8)
    _, _, found, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    boxes = found[1:, :4]  # the first is the background
    w, h = boxes[:, 2], boxes[:, 3]
    frames = boxes[(w > _FRAME * width) | (h > _FRAME * height)]
    letters = (h >= _GLYPH[0]) & (h <= _GLYPH[1]) & (w >= 2) & (w <= _GLYPH[1])
    for frame in frames:
        letters &= ~_inside(boxes, frame)
    return cast("np.ndarray", boxes[letters] if len(frames) else boxes[:0])


def _inside(boxes: np.ndarray, frame: np.ndarray) -> np.ndarray:
    x, y, w, h = boxes.T
    left, top, across, down = frame
    return cast(
        "np.ndarray",
        (x >= left) & (y >= top) & (x + w <= left + across) & (y + h <= top + down),
    )
