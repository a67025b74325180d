"""Whether somebody is at this station: who comes back wants to know what happened meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import QEvent, QObject, Signal

from hydra_desktop.rooms.alarm_room import AlarmRoom
from hydra_desktop.words import clock, duration

AWAY_AFTER = timedelta(minutes=5)  # without key or mouse nobody is there
_ACTS = (
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
)


class Presence(QObject):
    """Notices keys and the mouse anywhere in the program."""

    returned = Signal()  # somebody is there again, after a while

    def __init__(self, room: AlarmRoom) -> None:
        super().__init__(room)
        self._room = room
        self.last_act = room.now()
        self.left_at = self.last_act  # the last act before the newest absence
        self.back_at = self.last_act

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in _ACTS:
            self.act(self._room.now())
        return False

    def act(self, now: datetime) -> None:
        """Somebody is there."""
        gone = now - self.last_act >= AWAY_AFTER
        if gone:
            self.left_at, self.back_at = self.last_act, now
        self.last_act = now
        if gone:
            self.returned.emit()


def absence(presence: Presence, events: int) -> str:
    """From when to when nobody was there, and how much happened."""
    left, back = presence.left_at, presence.back_at
    if left == back:
        return "You were not away: nobody left this station for more than 5 min."
    gone = duration((back - left).total_seconds())
    count = f"{events} event{'s' * (events > 1)}" if events else "nothing happened"
    return f"From {clock(left)} to {clock(back)}, for {gone}: {count}."
