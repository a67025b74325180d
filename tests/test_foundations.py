"""What everything else stands on: the interpreter, Qt, and the weight of the desktop."""

import subprocess
import sys

from PySide6.QtCore import QObject, Signal


def test_that_many_signals_do_no_harm():
    """PySide6 6.12.0 on Python 3.11 aborts the process after about 570 emissions."""

    class Bell(QObject):
        rung = Signal()

    heard = []
    bell = Bell()
    bell.rung.connect(lambda: heard.append(1))
    before = sys.getrefcount(True)
    for _ in range(10_000):
        bell.rung.emit()
    assert len(heard) == 10_000
    assert abs(sys.getrefcount(True) - before) < 50


def test_that_the_protocol_loads_without_the_heavy_parts():
    code = (
        "import inference_server.protocol.messages, sys;"
        "sys.exit(any(name in sys.modules for name in ('torch', 'sqlalchemy', 'PySide6', 'numpy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
