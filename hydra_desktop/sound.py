"""Plays alarm sounds, and knows whether this station can be heard at all. Never raises."""

from __future__ import annotations

import logging
import wave
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, QUrl, Signal, Slot

import resources

log = logging.getLogger(__name__)

LONGEST_MS = 10_000
CHECK_MS = 3_600_000
NO_DEVICE = "This station has no working sound: no audio device."
NO_MULTIMEDIA = "This station has no working sound: Qt's multimedia part is not installed."


class Sound(QObject):
    """One effect for each sound, made when a device is there: without one Qt can crash at the exit.

    ``changed`` tells whether it works, and why not. Nothing of Qt's multimedia is loaded before
    ``start``.
    """

    changed = Signal(bool, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._effects: dict[str, QObject] = {}
        self._files: dict[str, Path] = {}
        self._devices: QObject | None = None
        self._state: tuple[bool, str] | None = None
        self._volume = 1.0
        self._limit = QTimer(self, singleShot=True, interval=LONGEST_MS)
        self._limit.timeout.connect(self.hush)
        self._hourly = QTimer(self, interval=CHECK_MS)
        self._hourly.timeout.connect(self.check)

    def start(self, files: Mapping[str, Path], volume: float) -> None:
        """Load the sounds (name -> WAV file) and look for a device, now and every hour."""
        self._files, self._volume = dict(files), volume
        self._hourly.start()
        self.check()

    def close(self) -> None:
        """Give the device back."""
        self._hourly.stop()
        self._forget()
        if self._devices is not None:
            self._devices.deleteLater()
            self._devices = None

    @property
    def works(self) -> bool:
        """Whether a sound can be heard here."""
        return self._state is not None and self._state[0]

    def set_volume(self, volume: float) -> None:
        """0..1, for all sounds."""
        self._volume = volume

    def set_file(self, name: str, file: Path) -> None:
        """Use ``file`` (WAV) for the sound ``name``."""
        self._files[name] = file
        if (old := self._effects.pop(name, None)) is not None:
            old.deleteLater()
        if self.works:
            self._load(name)

    def play(self, name: str, loudness: float = 1.0) -> bool:
        """Play ``name`` once, at most ten seconds of it; False: nobody can hear it."""
        effect = self._effects.get(name)
        if effect is None:
            return False
        self.hush()
        effect.setVolume(self._volume * loudness)  # type: ignore[attr-defined]
        effect.play()  # type: ignore[attr-defined]
        self._limit.start()
        return True

    @Slot()
    def hush(self) -> None:
        """Stop what is being played."""
        self._limit.stop()
        for effect in self._effects.values():
            effect.stop()  # type: ignore[attr-defined]

    @Slot()
    def check(self) -> None:
        """Look for a device again."""
        reason = self._trouble()
        if reason:
            self._forget()
        else:
            for name in self._files.keys() - self._effects.keys():
                self._load(name)
        if self._state != (not reason, reason):
            self._state = (not reason, reason)
            self.changed.emit(not reason, reason)

    def _trouble(self) -> str:
        try:
            from PySide6.QtMultimedia import QMediaDevices
        except ImportError as error:
            log.warning("no sound: %s", error)
            return NO_MULTIMEDIA
        if self._devices is None:
            self._devices = QMediaDevices(self)
            self._devices.audioOutputsChanged.connect(self.check)
        return NO_DEVICE if QMediaDevices.defaultAudioOutput().isNull() else ""

    def _load(self, name: str) -> None:
        from PySide6.QtMultimedia import QSoundEffect

        effect = QSoundEffect(self)
        effect.setSource(QUrl.fromLocalFile(str(self._files[name])))
        self._effects[name] = effect

    def _forget(self) -> None:
        self.hush()
        for effect in self._effects.values():
            effect.deleteLater()
        self._effects = {}


def own_files(chosen: Mapping[str, str]) -> dict[str, Path]:
    """The sounds by name: those that a person chose and that can be played, else ours."""
    ours = {
        name: resources.path(f"sounds/{name}.wav") for name in ("major", "minor", "invalid", "link")
    }
    theirs = {name: Path(file) for name, file in chosen.items() if file and playable(Path(file))}
    return ours | theirs


def playable(file: Path) -> bool:
    """Whether ``file`` is there and a WAV file with something in it; else an alarm would be silent."""
    try:
        with wave.open(str(file)) as sound:
            return bool(sound.getnframes())
    except (OSError, EOFError, wave.Error):
        return False
