"""An 800 by 600 raster with crisp lines and smooth text, as plots saved by ROOT look."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inference_server.simulator.palettes import BLACK, WHITE

WIDTH = 800
HEIGHT = 600
Colour = tuple[int, int, int]


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


@lru_cache(maxsize=1024)
def _ink(text: str, size: int, upright: bool) -> np.ndarray:
    """Coverage (h, w) float32 in 0..1; the baseline is at the same height for every text of a size."""
    font = _font(size)
    left, _, right, _ = font.getbbox(text)
    picture = Image.new("L", (max(1, int(right - left) + 2), int(size * 1.3)))
    ImageDraw.Draw(picture).text((1 - left, 0), text, fill=255, font=font)
    ink = np.asarray(picture, dtype=np.float32) / 255
    return np.ascontiguousarray(np.rot90(ink)) if upright else ink


class Canvas:
    """RGB pixels (600, 800, 3), white at first. Coordinates are pixels from the top left."""

    def __init__(self) -> None:
        self.pixels = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)

    def text(
        self, x: float, y: float, text: str, size: int, align: float = 0.0,
        *, upright: bool = False, colour: Colour = BLACK,
    ) -> int:  # fmt: skip
        """Write with the middle of the letters at ``y`` (upright: ``x``); align 0 starts, 0.5 centres,
        1 ends at the other coordinate. Returns the width."""
        ink = _ink(text, size, upright)
        high, wide = int(ink.shape[0]), int(ink.shape[1])
        if upright:
            left, top = round(x - wide * 0.6), round(y - high * (1 - align))
        else:
            left, top = round(x - wide * align), round(y - high * 0.5)
        self._stamp(left, top, ink, colour)
        return high if upright else wide

    def _stamp(self, left: int, top: int, ink: np.ndarray, colour: Colour) -> None:
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(WIDTH, left + ink.shape[1]), min(HEIGHT, top + ink.shape[0])
        if x1 <= x0 or y1 <= y0:
            return
        cover = ink[y0 - top : y1 - top, x0 - left : x1 - left, None]
        area = self.pixels[y0:y1, x0:x1]
        area[...] = area * (1 - cover) + np.asarray(colour, np.float32) * cover + 0.5

    def line(self, x0: float, y0: float, x1: float, y1: float, colour: Colour = BLACK) -> None:
        cv2.line(self.pixels, (round(x0), round(y0)), (round(x1), round(y1)), colour, 1)

    def box(
        self, x0: float, y0: float, x1: float, y1: float,
        fill: Colour | None = WHITE, edge: Colour | None = BLACK,
    ) -> None:  # fmt: skip
        corners = (round(x0), round(y0)), (round(x1), round(y1))
        if fill is not None:
            cv2.rectangle(self.pixels, *corners, fill, cv2.FILLED)
        if edge is not None:
            cv2.rectangle(self.pixels, *corners, edge, 1)

    def dot(self, x: float, y: float, radius: int, colour: Colour = BLACK) -> None:
        cv2.circle(self.pixels, (round(x), round(y)), radius, colour, cv2.FILLED, cv2.LINE_AA)

    def curve(self, x: np.ndarray, y: np.ndarray, colour: Colour, width: int = 1) -> None:
        points = np.stack([x, y], axis=1).round().astype(np.int32)
        smooth = cv2.LINE_AA if width > 1 else cv2.LINE_8
        cv2.polylines(self.pixels, [points], False, colour, width, smooth)

    def area(self, x: np.ndarray, y: np.ndarray, colour: Colour) -> None:
        points = np.stack([x, y], axis=1).round().astype(np.int32)
        cv2.fillPoly(self.pixels, [points], colour)


def encode(pixels: np.ndarray) -> bytes:
    """PNG of RGB pixels. Raises RuntimeError: cannot be encoded.

    Without row filters, which plain areas do not need: 2.5 ms instead of 6.5, a fifth larger.
    """
    flags = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE]
    done, data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), flags)
    if not done:
        raise RuntimeError("The drawn plot could not be encoded as PNG. Reinstall OpenCV.")
    return bytes(data.tobytes())
