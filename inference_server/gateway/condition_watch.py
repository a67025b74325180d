"""Asks the source of beam and run each second, off the gateway's thread, one question at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from inference_server import conditions
from inference_server.conditions import ConditionTrouble, Source
from inference_server.config import ConditionSource
from inference_server.protocol.alarms import Conditions

log = logging.getLogger(__name__)

Later = Callable[[Callable[[], object], Callable[..., None]], None]


class ConditionWatch:
    """``later`` does a job on the pool and hands its result back to the gateway's thread."""

    def __init__(
        self, wanted: ConditionSource, later: Later, take: Callable[[Conditions], None]
    ) -> None:
        self.trouble = ""
        self._later, self._take = later, take
        self._asking = False
        self._source: Source | None = None
        try:
            self._source = conditions.source(wanted)
        except ConditionTrouble as error:
            log.error("%s", error)
            self.trouble = str(error)

    def ask(self) -> None:
        """A file may be on a disk that hangs: then the next question waits."""
        if self._source is not None and not self._asking:
            self._asking = True
            self._later(partial(_read, self._source), self._answered)

    def _answered(self, told: Conditions | ConditionTrouble | None) -> None:
        self._asking = False
        match told:
            case Conditions():
                self.trouble = ""
                self._take(told)
            case ConditionTrouble():
                self.trouble = str(told)


def _read(source: Source) -> Conditions | ConditionTrouble | None:
    try:
        return source.read()
    except ConditionTrouble as error:
        return error
