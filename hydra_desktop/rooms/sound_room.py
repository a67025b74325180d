"""Lets alarms be heard: what is played when, the mute, the volume, and a station that is silent."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, SignalInstance, Slot

from hydra_desktop.calling import SOUNDS, Calling
from hydra_desktop.rooms.alarm_room import AlarmRoom
from hydra_desktop.rooms.run_room import Asker
from hydra_desktop.settings import Memory
from hydra_desktop.sound import own_files, playable
from hydra_desktop.words import duration
from inference_server.protocol.alarms import StationReport
from ui.calling_bar import SilenceBanner, SoundButton
from ui.sound_card import QUIETEST, SoundCard

NAMES = ("major", "minor", "invalid", "link")


class Player(Protocol):
    """What plays sounds: the real one, or a silent one where there is no device."""

    changed: SignalInstance

    @property
    def works(self) -> bool: ...
    def start(self, files: Mapping[str, Path], volume: float) -> None: ...
    def play(self, name: str, loudness: float = 1.0) -> bool: ...
    def hush(self) -> None: ...
    def set_volume(self, volume: float) -> None: ...
    def set_file(self, name: str, file: Path) -> None: ...
    def close(self) -> None: ...


class SoundRoom(QObject):
    """A mute ends with the program: it is remembered nowhere."""

    def __init__(
        self,
        room: AlarmRoom,
        player: Player,
        asker: Asker,
        memory: Memory,
        views: tuple[SoundButton, SilenceBanner, SoundCard],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(room)
        self._room, self._player, self._asker, self._memory = room, player, asker, memory
        self._button, self._banner, self._card = views
        self._clock = clock
        self.calling = Calling()
        self._own_trouble = ""
        self._others: tuple[str, ...] = ()
        self.station = ""
        self._join()
        self._show_settings()

    def start(self) -> None:
        """Load the sounds and look for a device."""
        self._player.start(own_files(self._chosen()), self._volume() / 100)

    def stop(self) -> None:
        """Give the device back."""
        self._player.close()

    @Slot()
    def tick(self) -> None:
        """Once a second, and at each change: the sound of this moment."""
        if (ring := self.calling.ring(self._room.alarms, self._clock())) is not None:
            self._player.play(SOUNDS[ring.severity], ring.loudness)
        self._show_state()

    @Slot(int)
    def mute(self, minutes: int) -> None:
        """Silence for a time."""
        self.calling.mute(minutes, self._room.alarms, self._clock())
        self._player.hush()
        self._show_state()

    @Slot()
    def unmute(self) -> None:
        """Be heard again."""
        self.calling.unmute()
        self.tick()

    @Slot()
    def report(self) -> None:
        """Tell the server whether this station can be heard: it may be another server by now."""
        self._asker.ask(
            StationReport(
                station=self.station,
                sound_works=self._player.works,
                sentence=self._own_trouble,
            )
        )

    # ------------------------------------------------------------ parts

    def _changed(self) -> None:
        if not self._room.waiting:
            self._player.hush()
        self.tick()

    def _works(self, works: bool, reason: str) -> None:
        self._own_trouble = "" if works else reason
        self.report()
        self._show_state()

    def _stations(self, silent: tuple[str, ...]) -> None:
        self._others = tuple(name for name in silent if name != self.station)
        self._show_state()

    def _show_state(self) -> None:
        left, trouble = self.calling.muted_s(self._clock()), self._trouble()
        if self._own_trouble:
            words, heard = "No sound", False
        elif left > 0:
            words, heard = f"Muted {int(left) // 60}:{int(left) % 60:02}", False
        else:
            silent = f", {len(self._others)} silent" if self._others else ""
            words, heard = f"Sound on{silent}", True
        self._button.show_state(words, heard=heard, trouble=trouble)
        self._banner.show_words(trouble)
        self._card.show_state(self._own_trouble or self._muted_words(left))

    def _trouble(self) -> str:
        parts = [self._own_trouble] if self._own_trouble else []
        if self._others:
            parts.append(f"No working sound at {', '.join(self._others)}.")
        return " ".join(parts)

    def _muted_words(self, left: float) -> str:
        return f"Muted for {duration(left)} more." if left > 0 else "This station can be heard."

    def _volume(self) -> int:
        kept = self._memory.text("sound/volume", "100")
        return max(QUIETEST, min(100, int(kept))) if kept.isdigit() else 100

    def _chosen(self) -> dict[str, str]:
        return {name: self._memory.text(f"sound/{name}") for name in NAMES}

    def _set_volume(self, percent: int) -> None:
        self._memory.remember("sound/volume", str(percent))
        self._player.set_volume(percent / 100)

    def _set_file(self, name: str, file: str) -> None:
        if file and not playable(Path(file)):
            self._card.show_note(
                f"{Path(file).name} is no WAV file that can be played. The sound stays as it was."
            )
            return
        self._card.show_note("")
        self._memory.remember(f"sound/{name}", file)
        self._player.set_file(name, own_files({name: file})[name])
        self._card.show_file(name, file)

    def _test(self, name: str) -> None:
        played = self._player.play(name)
        self._card.show_note("" if played else self._own_trouble or "This sound cannot be played.")

    def _show_settings(self) -> None:
        self._card.show_volume(self._volume())
        for name, file in self._chosen().items():
            self._card.show_file(name, file, lost=bool(file) and not playable(Path(file)))
        self._show_state()

    def _join(self) -> None:
        self._room.changed.connect(self._changed)
        self._room.stations_changed.connect(self._stations)
        self._player.changed.connect(self._works)
        self._button.mute_wanted.connect(self.mute)
        self._button.unmute_wanted.connect(self.unmute)
        self._button.explain.triggered.connect(self._banner.bring_back)
        self._card.volume_changed.connect(self._set_volume)
        self._card.test_wanted.connect(self._test)
        self._card.file_chosen.connect(self._set_file)
