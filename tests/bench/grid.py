"""How fluent the run page stays with 500 plots that all change within 5 s.

``python -m tests.bench.grid`` prints the times that the window was busy without answering: what a
person feels as a stall. One beat is due every 10 ms; a beat that comes late was held up by the rest.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from hydra_desktop.app import Desktop
from hydra_desktop.link.arrival import Arrival
from hydra_desktop.settings import Memory, Options
from inference_server.protocol.messages import (
    ClassScore,
    Judged,
    PlotTypeInfo,
    Severity,
    Snapshot,
    Verdict,
)

BATCH_MS = 50  # the feed's reader hands on what came in so long
BEAT_MS = 10


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plots", type=int, default=500)
    parser.add_argument("--within", type=float, default=5.0, help="seconds for all to change")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--size", default="fit", help="fit, S, M, L or px")
    given = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(str(Path(folder, "desktop.ini")), QSettings.Format.IniFormat)
        desk = Desktop(app, Options(theme="dark", station="bench"), Memory(settings))
        desk.window.resize(1600, 1000)
        desk.window.show()
        desk.preferences.set_size(given.size)
        late, batches = _measure(app, desk, given.plots, given.within, given.seconds)
        desk.stop()
    _print(given.plots, given.within, late, batches)


def _measure(
    app: QApplication, desk: Desktop, plots: int, within: float, seconds: float
) -> tuple[list[float], list[float]]:
    """How late each beat came, and how long each batch took to be shown, in ms."""
    kinds = tuple(PlotTypeInfo(id=n, name=f"Plot_{n:03}", chunked=True) for n in range(plots))
    desk.run.restore(Snapshot(session="s", sequence=1, plot_types=kinds))
    images = [_picture(n) for n in range(40)]
    a_batch = max(1, round(plots * BATCH_MS / 1000 / within))
    late: list[float] = []
    batches: list[float] = []
    state = {"next": 0, "beat": time.perf_counter()}

    def batch() -> None:
        numbers = [(state["next"] + n) % plots for n in range(a_batch)]
        state["next"] += a_batch
        arrivals = [
            Arrival(Judged(verdict=_verdict(int(n))), images[int(n) % 40].copy()) for n in numbers
        ]
        began = time.perf_counter()  # the pictures come decoded, from the reader's thread
        desk.run.receive(arrivals)
        batches.append(1e3 * (time.perf_counter() - began))

    def beat() -> None:
        now = time.perf_counter()
        late.append(max(0.0, 1e3 * (now - state["beat"]) - BEAT_MS))
        state["beat"] = now

    timers = [QTimer(interval=BATCH_MS), QTimer(interval=BEAT_MS), QTimer(interval=1000)]
    for timer, work in zip(timers, (batch, beat, desk.tick), strict=True):
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(work)
        timer.start()
    QTimer.singleShot(round(seconds * 1000), app.quit)
    app.exec()
    for timer in timers:
        timer.stop()
    return late, batches


def _verdict(number: int) -> Verdict:
    at = datetime.now(UTC)
    sure = 0.9 + number % 9 / 100
    shares = (("Good", Severity.GOOD, sure), ("Bad", Severity.BAD, 1 - sure))
    return Verdict(
        plot_type_id=number, plot_type=f"Plot_{number:03}", chunked=True, run_period="bench", run=1,
        chunk=1, picture_hash=f"{number}-{at.timestamp()}", label="Good", severity=Severity.GOOD,
        confidence=sure, confirmed=True, model_id=1, picture_time=at, judged_at=at,
        scores=tuple(
            ClassScore(name=name, severity=how, confidence=share, threshold=0.5)
            for name, how, share in shares
        ),
    )  # fmt: skip


def _picture(number: int) -> QImage:
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    for column in range(40):
        height = (column * 7 + number * 13) % 260
        painter.fillRect(column * 10, 300 - height, 9, height, QColor.fromHsv(number * 9, 180, 200))
    painter.end()
    return image


def _print(plots: int, within: float, late: list[float], batches: list[float]) -> None:
    def line(name: str, values: list[float]) -> str:
        ordered = sorted(values)
        share = ordered[int(0.99 * (len(ordered) - 1))]
        middle = statistics.median(ordered)
        return f"{name}: median {middle:.1f} ms, 99 % below {share:.1f} ms, longest {ordered[-1]:.1f} ms"

    print(f"{plots} plots, all changed within {within:.0f} s, {os.cpu_count()} cores")
    print(line("Beats late by", late))
    print(line("A batch taken over in", batches))
    over = sum(each > 50 for each in late)
    print(f"Beats late by more than 50 ms: {over} of {len(late)}")


if __name__ == "__main__":
    main()
