"""From a picture file's bytes to pixels: checked first, then decoded, fitted and thumbnailed."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

import cv2
import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from inference_server.config import Config

Pixels: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]

THUMBNAIL_WIDTH = 400
THUMBNAIL_QUALITY = 82
_ENDS = {"PNG": b"IEND\xaeB`\x82", "JPEG": b"\xff\xd9"}
_TAIL = 4096  # some writers pad a file; its end marker is looked for in the last bytes
_PLAIN = frozenset({"RGB", "L", "1"})  # modes that OpenCV turns into 8-bit colour without loss


class Unreadable(ValueError):
    """The bytes are no picture that can be judged; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a picture may be at most, so that a small file cannot fill the memory."""

    max_bytes: int = 32_000_000
    max_pixels: int = 64_000_000

    @classmethod
    def of(cls, config: Config) -> Limits:
        return cls(int(config.max_picture_mb * 1e6), int(config.max_megapixels * 1e6))


def decode(data: bytes, limits: Limits) -> Pixels:
    """The picture in ``data`` (PNG or JPEG) as RGB, shape (height, width, 3).

    Transparent parts become white, grey and palette pictures colour, 16 bits 8.
    Raises Unreadable: empty, damaged, cut short, another format, or over the limits.
    """
    if not data:
        raise Unreadable("The file is empty.")
    if len(data) > limits.max_bytes:
        raise Unreadable(
            f"The file has {len(data) / 1e6:.1f} MB, the limit is {limits.max_bytes / 1e6:.0f} MB"
            " (max_picture_mb)."
        )
    plain = _check_header(data, limits)
    flag = cv2.IMREAD_COLOR_RGB if plain else cv2.IMREAD_UNCHANGED
    try:
        raw = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
    except cv2.error as error:
        raise Unreadable(f"The picture is damaged: {error.err}.") from error
    if raw is None:
        raise Unreadable("The picture is damaged: it cannot be decoded.")
    return cast("Pixels", raw) if plain else _rgb(raw)


def _check_header(data: bytes, limits: Limits) -> bool:
    """Raise Unreadable for what must not be decoded; True when plain 8-bit grey or RGB."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # ours is stricter
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
                kind, (width, height), mode = str(picture.format), picture.size, picture.mode
                plain = mode in _PLAIN and "transparency" not in picture.info
    except Image.DecompressionBombError as error:
        raise Unreadable(f"The picture is far too large: {error}.") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise Unreadable("This is not a PNG or JPEG picture, or its header is damaged.") from error
    if width * height > limits.max_pixels:
        raise Unreadable(
            f"The picture has {width} x {height} pixels, the limit is"
            f" {limits.max_pixels / 1e6:.0f} megapixels (max_megapixels)."
        )
    if _ENDS["JPEG" if kind in {"JPEG", "MPO"} else "PNG"] not in data[-_TAIL:]:
        raise Unreadable("The picture is cut short: its end is missing.")
    return plain


def _rgb(raw: np.ndarray) -> Pixels:
    """What OpenCV decoded unchanged (grey, BGR or BGRA; 8 or 16 bits) as 8-bit RGB."""
    if raw.dtype == np.uint16:
        raw = (raw // 257).astype(np.uint8)
    elif raw.dtype != np.uint8:
        raise Unreadable(f"The picture has values of type {raw.dtype}; 8 or 16 bits are expected.")
    if raw.ndim == 2:
        return cast("Pixels", cv2.cvtColor(raw, cv2.COLOR_GRAY2RGB))
    if raw.shape[2] == 4:
        return _over_white(raw)
    if raw.shape[2] == 2:  # grey with alpha
        raw = np.concatenate([np.repeat(raw[:, :, :1], 3, axis=2), raw[:, :, 1:]], axis=2)
        return _over_white(raw)
    return cast("Pixels", cv2.cvtColor(raw, cv2.COLOR_BGR2RGB))


def _over_white(bgra: np.ndarray) -> Pixels:
    alpha = bgra[:, :, 3:].astype(np.uint16)
    if alpha.min() == 255:
        return cast("Pixels", cv2.cvtColor(bgra, cv2.COLOR_BGRA2RGB))
    colour = bgra[:, :, 2::-1].astype(np.uint16)
    return ((colour * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)


def fit(picture: Pixels, size: int) -> Pixels:
    """``picture`` scaled to (size, size, 3); the shape of a plot is not kept, as in training."""
    height, width = picture.shape[:2]
    method = cv2.INTER_AREA if min(height, width) >= size else cv2.INTER_LINEAR
    return cast("Pixels", cv2.resize(picture, (size, size), interpolation=method))


def thumbnail(picture: Pixels) -> bytes:
    """A JPEG of ``picture``, at most THUMBNAIL_WIDTH wide and high in proportion."""
    height, width = picture.shape[:2]
    scale = min(1.0, THUMBNAIL_WIDTH / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if scale < 1 else picture
    quality = [cv2.IMWRITE_JPEG_QUALITY, THUMBNAIL_QUALITY]
    encoded, data = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), quality)
    if not encoded:  # only when the encoder is missing from the build
        raise RuntimeError("OpenCV cannot write JPEG. Reinstall opencv-python-headless.")
    return bytes(data)
