"""What a desktop may ask, one handler for each: slow ones run on a pool and never touch a socket."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session, sessionmaker

from db import models, pictures, trainings
from db.session import DatabaseAway, transaction
from inference_server.config import Config
from inference_server.gateway import translate
from inference_server.protocol.messages import (
    ActivateModel,
    Done,
    GetPicture,
    GetThumbnail,
    GetTrainings,
    Picture,
    Refused,
    Reply,
    Request,
    SetThreshold,
    StartTraining,
    Trainings,
)
from inference_server.store import PictureStore

log = logging.getLogger(__name__)

MEDIA = {"png": "image/png", "jpg": "image/jpeg"}


@dataclass(frozen=True, slots=True)
class Result:
    """An answer, and what it makes the gateway do besides."""

    reply: Reply
    blobs: tuple[bytes, ...] = ()
    catalogue_changed: bool = False
    job_id: int | None = None  # a training to tell the trainer of


class Requests:
    """Answers what needs the database or the disk. Used by several threads at once."""

    def __init__(self, config: Config, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._pictures = PictureStore(config.pictures_dir)
        self._thumbnails = PictureStore(config.thumbnails_dir, durable=False)

    def answer(self, request: Request, who: str) -> Result:
        """The result of a request; what goes wrong becomes a Refused with a sentence."""
        try:
            return self._handler(request)(who)
        except DatabaseAway as error:
            return Result(
                Refused(
                    code="database-away",
                    sentence=str(error),
                    next_step="Nothing was changed. Try again when the database is back.",
                )
            )
        except (KeyError, ValueError) as error:
            return Result(
                Refused(
                    code="invalid",
                    sentence=f"This cannot be done: {error.args[0]}.",
                    next_step="Refresh with F5; somebody may have changed it meanwhile.",
                )
            )

    def close(self) -> None:
        """Give the stores back."""
        self._pictures.close()
        self._thumbnails.close()

    def _handler(self, request: Request) -> Callable[[str], Result]:
        match request:
            case GetPicture(picture_hash=wanted):
                return lambda _who: self._picture(wanted)
            case GetThumbnail(picture_hash=wanted):
                return lambda _who: self._thumbnail(wanted)
            case StartTraining():
                return lambda who: self._train(request, who)
            case GetTrainings():
                return lambda _who: self._trainings()
            case ActivateModel():
                return lambda who: self._activate(request, who)
            case SetThreshold():
                return lambda who: self._threshold(request, who)
            case _:
                return lambda _who: Result(
                    Refused(code="invalid", sentence="The server does not know this request.")
                )

    def _picture(self, picture_hash: str) -> Result:
        # Tried by extension instead of asked of the database: it may be away.
        for extension, media in MEDIA.items():
            if data := self._pictures.read(picture_hash, extension):
                return Result(Picture(picture_hash=picture_hash, media_type=media), (data,))
        return Result(_gone(self._sessions, picture_hash))

    def _thumbnail(self, picture_hash: str) -> Result:
        if data := self._thumbnails.read(picture_hash, "jpg"):
            return Result(Picture(picture_hash=picture_hash, media_type="image/jpeg"), (data,))
        return self._picture(picture_hash)

    def _train(self, request: StartTraining, who: str) -> Result:
        settings = {"runs": request.runs, "seed": request.seed, "activate": request.activate}
        with transaction(self._sessions) as session:
            job = trainings.queue(session, request.plot_type_id, who=who, settings=settings)
        return Result(Done(sentence="The training waits for its turn.", id=job), job_id=job)

    def _trainings(self) -> Result:
        with transaction(self._sessions) as session:
            recent = trainings.recent(session)
        return Result(Trainings(trainings=tuple(translate.training(job) for job in recent)))

    def _activate(self, request: ActivateModel, who: str) -> Result:
        with transaction(self._sessions) as session:
            models.activate(
                session, request.plot_type_id, request.model_id, who=who, reason=request.reason
            )
        return Result(Done(sentence="The model is live."), catalogue_changed=True)

    def _threshold(self, request: SetThreshold, who: str) -> Result:
        with transaction(self._sessions) as session:
            models.set_threshold(
                session, request.model_id, request.class_name, request.threshold,
                who=who, reason=request.reason,
            )  # fmt: skip
        sentence = f"{request.class_name} is Confirmed from {request.threshold:.2f} on."
        return Result(Done(sentence=sentence), catalogue_changed=True)


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
