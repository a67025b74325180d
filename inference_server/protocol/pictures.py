"""Pictures and their thumbnails, by content hash."""

from __future__ import annotations

from typing import TypeAlias

from inference_server.protocol.base import Message
from inference_server.protocol.masks import Area


class GetThumbnail(Message, frozen=True, kw_only=True):
    """The thumbnail of a verdict in the snapshot; the reply's blob is the picture."""

    picture_hash: str


class GetPicture(Message, frozen=True, kw_only=True):
    """A picture at full resolution; the reply's blob is the file as it was."""

    picture_hash: str


class Picture(Message, frozen=True, kw_only=True):
    """The blob is the picture, as it came."""

    picture_hash: str
    media_type: str
    masked: tuple[Area, ...] = ()  # known problem areas that it was judged without


PictureRequest: TypeAlias = GetThumbnail | GetPicture
