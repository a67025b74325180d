"""Which stations talk to this server. Pure; one thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from inference_server.protocol.activity import Station
from inference_server.protocol.alarms import StationReport

QUIET = timedelta(hours=1)  # a station that has asked nothing for so long is not counted


@dataclass(slots=True)
class Stations:
    """Known by the name of the key and the name that the station gave itself."""

    _known: dict[tuple[str, str], Station] = field(default_factory=dict)

    def greeted(self, who: str, name: str, version: str, now: datetime) -> None:
        """A station said hello."""
        before = self._known.get((who, name))
        self._known[who, name] = Station(
            name=name,
            key=who,
            version=version,
            heard_at=now,
            sound=before.sound if before else None,
            sentence=before.sentence if before else "",
        )

    def reported(self, who: str, report: StationReport) -> None:
        """A station said whether it can be heard."""
        if (station := self._known.get((who, report.station))) is not None:
            self._known[who, report.station] = msgspec.structs.replace(
                station, sound=report.sound_works, sentence=report.sentence
            )

    def heard(self, who: str, now: datetime) -> None:
        """Somebody with the key ``who`` asked something."""
        for place, station in self._known.items():
            if place[0] == who:
                self._known[place] = msgspec.structs.replace(station, heard_at=now)

    def connected(self, now: datetime) -> Sequence[Station]:
        """Those that were heard of late, the last one first."""
        lately = [each for each in self._known.values() if now - each.heard_at < QUIET]
        return sorted(lately, key=lambda each: each.heard_at, reverse=True)
