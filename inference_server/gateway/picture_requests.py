"""Pictures and thumbnails, asked for by their hash."""

from __future__ import annotations

import time

from sqlalchemy.orm import Session, sessionmaker

from db import masks, pictures
from db.session import DatabaseAway, transaction
from inference_server.gateway.answers import Handlers, Means, Result
from inference_server.gateway.translate import area
from inference_server.protocol.masks import Area
from inference_server.protocol.messages import GetPicture, GetThumbnail, Picture, Refused

MEDIA = {"png": "image/png", "jpg": "image/jpeg"}
AGAIN_S = 10.0  # so long a database that was away is not asked about masks


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    shelf = _Shelf(means)
    return {
        GetPicture: lambda request, _who: shelf.picture(request.picture_hash),
        GetThumbnail: lambda request, _who: shelf.thumbnail(request.picture_hash),
    }


class _Shelf:
    """Pictures come without the database; what was masked on them only while it is there."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._ask_from = 0.0

    def picture(self, picture_hash: str) -> Result:
        # Tried by extension instead of asked of the database: it may be away.
        for extension, media in MEDIA.items():
            if data := self._means.pictures.read(picture_hash, extension):
                return self._found(picture_hash, media, data)
        return Result(_gone(self._means.sessions, picture_hash))

    def thumbnail(self, picture_hash: str) -> Result:
        if data := self._means.thumbnails.read(picture_hash, "jpg"):
            return self._found(picture_hash, "image/jpeg", data)
        return self.picture(picture_hash)

    def _found(self, picture_hash: str, media: str, data: bytes) -> Result:
        masked = self._masked(picture_hash)
        reply = Picture(picture_hash=picture_hash, media_type=media, masked=masked)
        return Result(reply, (data,))

    def _masked(self, picture_hash: str) -> tuple[Area, ...]:
        if time.monotonic() < self._ask_from:
            return ()
        try:
            with transaction(self._means.sessions) as session:
                return tuple(area(each) for each in masks.left_out_of(session, picture_hash))
        except DatabaseAway:
            self._ask_from = time.monotonic() + AGAIN_S
            return ()


def _gone(sessions: sessionmaker[Session], picture_hash: str) -> Refused:
    """Why there is no picture: it was never seen, or it was dropped by the site's own rule."""
    try:
        with transaction(sessions) as session:
            known = pictures.by_hash(session, picture_hash)
    except DatabaseAway:
        known = None
    if known is None:
        return Refused(code="not-found", sentence="The server does not have this picture.")
    return Refused(
        code="not-found",
        sentence="This picture was not kept, or was removed when it got old.",
        next_step="The settings [store] say what is kept.",
    )
