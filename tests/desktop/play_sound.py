"""Plays one sound as the desktop does, in a process of its own: ``python play_sound.py major``."""

from __future__ import annotations

import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from hydra_desktop.sound import Sound, own_files

app = QApplication(sys.argv[:1])
sound = Sound()
sound.changed.connect(lambda works, words: print(works, words, flush=True))
sound.start(own_files({}), 1.0)
name = sys.argv[1]
effect = sound._effects.get(name)
if effect is None:
    sys.exit(3)


def begin() -> None:
    if effect.isLoaded():
        loading.stop()
        effect.playingChanged.connect(ended)
        sound.play(name)


def ended() -> None:
    if not effect.isPlaying():
        QTimer.singleShot(200, app.quit)


loading = QTimer(interval=20)
loading.timeout.connect(begin)
loading.start()
code = app.exec()
sound.close()
sys.exit(code)
