"""A person at the labeler: ``python labelling_driver.py ADDRESS KEY CONFIG LOG COUNT THEN``.

Labels COUNT pictures by key events alone, writing each press to LOG. "leave": waits until the server has
every vote. "die": half of them reach the server, the others are made when the link is lost, then it dies
without a word.
"""

import os
import signal
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from hydra_desktop.app import Desktop
from hydra_desktop.link.state import Stage
from hydra_desktop.settings import Memory, Options

PATIENCE_S = 60
KEYS = {"1": Qt.Key.Key_1, "2": Qt.Key.Key_2}


def until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        QTest.qWait(2)  # lets Qt work


def main(address, key, config, log, count, then):
    app = QApplication([])
    memory = Memory(QSettings(str(Path(config) / "desktop.ini"), QSettings.Format.IniFormat))
    desk = Desktop(
        app, Options(server=address, key=Path(key), station="here", theme="light"), memory
    )
    desk.window.show()
    desk.start()
    desk.window.show_page("label")
    grid, room = desk.label_page.grid, desk.label
    until(lambda: room.model.rowCount() and room.acts.brushes)
    with Path(log).open("a") as pressed:
        for number in range(int(count)):
            until(lambda: grid.currentIndex().isValid() and not room.pictures.current().label)
            brush = room.acts.brushes[number % 2]
            print(room.pictures.current().item.picture_id, brush.name, file=pressed, flush=True)
            QTest.keyClick(grid, KEYS[brush.key])
            if then == "die" and number + 1 == int(count) // 2:
                until(lambda: desk.link.state.stage is not Stage.CONNECTED)
    if then == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    until(lambda: room.outbox.waiting == 0)
    desk.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
