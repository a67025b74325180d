"""What a desktop may ask: the handlers of every subject in one table."""

from __future__ import annotations

import logging

from sqlalchemy.orm import Session, sessionmaker

from db.session import DatabaseAway
from inference_server.config import Config
from inference_server.gateway import (
    activity_requests,
    administration_requests,
    alarm_requests,
    class_requests,
    comparison_requests,
    curve_requests,
    detail_requests,
    explain_requests,
    file_requests,
    label_act_requests,
    label_requests,
    label_rule_requests,
    library_requests,
    mask_requests,
    matrix_requests,
    model_requests,
    notice_requests,
    people_requests,
    picture_requests,
    plot_type_requests,
    question_requests,
    record_requests,
    replay_requests,
    report_requests,
    shadow_requests,
    site_requests,
    timeline_requests,
    what_if_requests,
)
from inference_server.gateway.answers import Handlers, Means, NotAllowed, Result
from inference_server.protocol.messages import Refused, Request
from inference_server.store import PictureStore

log = logging.getLogger(__name__)

# One module for each subject.
SUBJECTS = (
    record_requests,
    timeline_requests,
    replay_requests,
    report_requests,
    site_requests,
    activity_requests,
    administration_requests,
    alarm_requests,
    label_requests,
    label_act_requests,
    label_rule_requests,
    class_requests,
    picture_requests,
    model_requests,
    people_requests,
    explain_requests,
    detail_requests,
    notice_requests,
    file_requests,
    library_requests,
    mask_requests,
    matrix_requests,
    what_if_requests,
    curve_requests,
    comparison_requests,
    plot_type_requests,
    shadow_requests,
    question_requests,
)


class Requests:
    """Answers what needs the database or the disk. Used by several threads at once."""

    def __init__(self, config: Config, sessions: sessionmaker[Session]) -> None:
        self._means = Means(
            config,
            sessions,
            PictureStore(config.pictures_dir),
            PictureStore(config.thumbnails_dir, durable=False),
        )
        self._handlers: Handlers = {}
        for subject in SUBJECTS:
            self._handlers |= subject.handlers(self._means)

    def answer(self, request: Request, who: str) -> Result:
        """The result of a request; what goes wrong becomes a Refused with a sentence."""
        handler = self._handlers.get(type(request))
        if handler is None:
            return _refused("invalid", "The server does not know this request.")
        try:
            return handler(request, who)
        except DatabaseAway as error:
            step = "Nothing was changed. Try again when the database is back."
            return _refused("database-away", str(error), step)
        except NotAllowed as error:
            step = "Ask the administrator of this Hydra for the role."
            return _refused("forbidden-role", f"{error}.", step)
        except (KeyError, ValueError) as error:
            sentence = f"This cannot be done: {error.args[0]}."
            step = "Refresh with F5; somebody may have changed it meanwhile."
            return _refused("invalid", sentence, step)

    def close(self) -> None:
        """Give the stores back."""
        self._means.pictures.close()
        self._means.thumbnails.close()


def _refused(code: str, sentence: str, next_step: str = "") -> Result:
    return Result(Refused(code=code, sentence=sentence, next_step=next_step))
