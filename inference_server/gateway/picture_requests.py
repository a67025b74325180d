"""Pictures and thumbnails, asked for by their hash."""

from __future__ import annotations

from sqlalchemy.orm import Session, sessionmaker

from db import pictures
from db.session import DatabaseAway, transaction
from inference_server.gateway.answers import Handlers, Means, Result
from inference_server.protocol.messages import GetPicture, GetThumbnail, Picture, Refused

MEDIA = {"png": "image/png", "jpg": "image/jpeg"}


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {
        GetPicture: lambda request, _who: _picture(means, request.picture_hash),
        GetThumbnail: lambda request, _who: _thumbnail(means, request.picture_hash),
    }


def _picture(means: Means, picture_hash: str) -> Result:
    # Tried by extension instead of asked of the database: it may be away.
    for extension, media in MEDIA.items():
        if data := means.pictures.read(picture_hash, extension):
            return Result(Picture(picture_hash=picture_hash, media_type=media), (data,))
    return Result(_gone(means.sessions, picture_hash))


def _thumbnail(means: Means, picture_hash: str) -> Result:
    if data := means.thumbnails.read(picture_hash, "jpg"):
        return Result(Picture(picture_hash=picture_hash, media_type="image/jpeg"), (data,))
    return _picture(means, picture_hash)


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
