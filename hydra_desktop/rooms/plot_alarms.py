"""The alarms of one plot, by its name: for the detail page, the cards of the lane, the menus of tiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from hydra_desktop.calling import calls
from hydra_desktop.rooms.acts_room import ActsRoom
from hydra_desktop.rooms.alarm_room import AlarmRoom
from inference_server.protocol.alarms import (
    AlarmCondition,
    AlarmLine,
    AlarmSeverity,
    AlarmState,
)


class PlotAlarms:
    """Finds what stands of a plot and has the acts asked for."""

    def __init__(self, room: AlarmRoom, acts: ActsRoom) -> None:
        self._room, self._acts = room, acts

    def standing(self, plot: str) -> list[AlarmState]:
        """Both lines of the plot, where they are not normal."""
        return [alarm for alarm in self._room.alarms if alarm.plot_type == plot]

    def offers(self, plot: str) -> Sequence[tuple[str, Callable[[], None]]]:
        """What a menu of this plot can do, and its words."""
        standing = self.standing(plot)
        offers: list[tuple[str, Callable[[], None]]] = []
        if any(calls(alarm) for alarm in standing):
            offers.append(("Acknowledge", partial(self.acknowledge, plot)))
        if not any(alarm.condition is AlarmCondition.SHELVED for alarm in standing):
            offers.append(("Shelve", partial(self.shelve, plot)))
        return offers

    def acknowledge(self, plot: str) -> None:
        """Ask who has seen what this plot calls for."""
        self._acts.acknowledge(self.standing(plot))

    def shelve(self, plot: str) -> None:
        """A plot that is well can be shelved too: before work on its detector begins."""
        known = self._room.guide.get(plot)
        if known is None:
            return
        verdicts = [alarm for alarm in self.standing(plot) if alarm.line is AlarmLine.VERDICT]
        well = AlarmState(
            plot_type=known.name,
            chunked=known.chunked,
            line=AlarmLine.VERDICT,
            serial=0,
            condition=AlarmCondition.NORMAL,
            severity=AlarmSeverity.NONE,
            active=True,
            plot_type_id=known.id,
        )
        self._acts.shelve(verdicts or [well])
