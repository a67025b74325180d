"""Beam and run from where the site has them: a watched file, or EPICS channels."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import msgspec

from inference_server.config import ConditionSource
from inference_server.protocol.alarms import Conditions

log = logging.getLogger(__name__)


class ConditionTrouble(RuntimeError):
    """Conditions cannot be had; the message names cause and next step."""


class _Told(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    beam_current: float | None = None
    beam_unit: str = "nA"
    running: bool | None = None
    run: int | None = None


class Source(Protocol):
    """A place that is asked each second, on a thread of its own."""

    def read(self) -> Conditions | None:
        """What is new; None: as before. Raises ConditionTrouble."""


def source(wanted: ConditionSource) -> Source | None:
    """The source that the settings name; None: desktops tell. Raises ConditionTrouble."""
    if wanted.file is not None:
        return WatchedFile(wanted.file)
    channels = {
        "beam_current": wanted.beam_pv,
        "running": wanted.running_pv,
        "run": wanted.run_pv,
    }
    named = {name: channel for name, channel in channels.items() if channel}
    return EpicsChannels(named, wanted.beam_unit) if named else None


class WatchedFile:
    """Read when it changed. A file that is gone means: nothing is known any more."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None

    def read(self) -> Conditions | None:
        try:
            status = self._path.stat()
            identity = (status.st_mtime_ns, status.st_size)
            if identity == self._seen:
                return None
            text = self._path.read_text()
        except OSError as error:
            if self._seen == _GONE:
                return None
            self._seen = _GONE
            log.warning("%s cannot be read (%s): beam and run are unknown", self._path, error)
            return Conditions(source=str(self._path))
        self._seen = identity
        return parse(text, str(self._path), datetime.fromtimestamp(status.st_mtime, UTC))


_GONE = (-1, -1)


def parse(text: str, where: str, at: datetime) -> Conditions:
    """The conditions in TOML ``text``. Raises ConditionTrouble."""
    try:
        told = msgspec.convert(tomllib.loads(text), _Told, strict=False)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConditionTrouble(
            f"{where} is not understood: {error}. It may hold beam_current, beam_unit, running and run."
        ) from error
    return Conditions(**msgspec.structs.asdict(told), source=where, at=at)


class EpicsChannels:
    """Channel Access through caproto, which is imported only here."""

    def __init__(self, channels: Mapping[str, str], beam_unit: str) -> None:
        try:
            from caproto.threading.client import Context
        except ImportError as error:
            raise ConditionTrouble(
                "The settings name EPICS channels, and caproto is not installed."
                " Install the extra: pip install hydra-dqm[epics]."
            ) from error
        self._unit = beam_unit
        self._values: dict[str, float] = {}
        self._told: dict[str, float] | None = None
        self._subscriptions: list[Any] = []  # kept, or their callbacks are forgotten
        names = list(channels)
        for name, channel in zip(names, Context().get_pvs(*channels.values()), strict=True):
            subscription = channel.subscribe()
            subscription.add_callback(self._callback(name))
            self._subscriptions.append(subscription)

    def read(self) -> Conditions | None:
        values = dict(self._values)
        if values == self._told:
            return None
        self._told = values
        running, run = values.get("running"), values.get("run")
        return Conditions(
            beam_current=values.get("beam_current"),
            beam_unit=self._unit,
            running=None if running is None else running != 0,
            run=None if run is None else int(run),
            source="EPICS",
            at=datetime.now(UTC),
        )

    def _callback(self, name: str) -> Any:
        def heard(_subscription: Any, response: Any) -> None:
            self._values[name] = float(response.data[0])

        self._subscriptions.append(heard)
        return heard
