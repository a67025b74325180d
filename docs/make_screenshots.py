"""Fills the real window with drawn plots and saves pictures of it: ``python docs/make_screenshots.py``.

Window, models and rooms are those of the program; only the network is left out, so that the
pictures are the same each time. The plots are drawn by the server's simulator.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import cv2
import numpy as np
from PySide6.QtCore import QSettings
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from hydra_desktop.app import Desktop
from hydra_desktop.link.arrival import Arrival
from hydra_desktop.link.state import LinkState, Stage
from hydra_desktop.models.plots import Seen, Update
from hydra_desktop.settings import Memory, Options
from inference_server.protocol.messages import (
    ClassScore,
    Component,
    Heartbeat,
    PlotTypeInfo,
    QuarantineItem,
    Severity,
    Snapshot,
    Verdict,
)

NOW = datetime.now(UTC)
NAMES = {
    "CDC": ("CDC_occupancy", "CDC_itrig_errors"),
    "FDC": ("FDC_wires", "FDC_strips"),
    "BCAL": ("BCAL_occupancy", "BCAL_energy"),
    "FCAL": ("FCAL_occupancy", "FCAL_pi0"),
    "TOF": ("TOF_paddles", "TOF_adc"),
    "ST": ("ST_time",),
    "Beam": ("PS_pairs", "TAGH_rates", "TAGM_columns", "TPOL_phi"),
    "Timing": ("RF_phase", "RF_self"),
    "DIRC": ("DIRC_rings",),
    "Trigger": ("L1_livetime", "HLDET_trig"),
}
SEVERITY = {"Good": Severity.GOOD, "Bad": Severity.BAD, "NoData": Severity.NEUTRAL, "LED": Severity.NEUTRAL}
BLUES = ("#1f77b4", "#d62728", "#2ca02c")


def drawn(number: int, bad: bool) -> bytes:
    rng = np.random.default_rng(number)
    picture = np.full((600, 800, 3), 255, np.uint8)
    cv2.rectangle(picture, (80, 60), (760, 540), (0, 0, 0), 1)
    if number % 3 == 0:
        for y in range(24):
            for x in range(34):
                level = np.exp(-(((x - 17) / 9) ** 2 + ((y - 12) / 7) ** 2)) * 200 + rng.uniform(0, 50)
                if bad and 18 < x < 28 and 3 < y < 12:
                    level = 0
                colour = cv2.applyColorMap(np.array([[int(level)]], np.uint8), cv2.COLORMAP_VIRIDIS)[0, 0]
                cv2.rectangle(picture, (80 + x * 20, 60 + y * 20), (99 + x * 20, 79 + y * 20), colour.tolist(), -1)
    else:
        heights = 440 * np.exp(-((np.arange(68) - 34) / (6 + number)) ** 2) * rng.normal(1, 0.04, 68)
        for x, h in enumerate(heights.clip(2, 470)):
            cv2.rectangle(picture, (80 + x * 10, 540 - int(h)), (89 + x * 10, 540), (200, 160, 110), -1)
    cv2.putText(picture, "Occupancy", (330, 45), cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 0, 0), 2)
    return bytes(cv2.imencode(".png", picture)[1])


def verdict(number: int, name: str, label: str, sure: float, confirmed: bool, age: float) -> Verdict:
    others = [c for c in SEVERITY if c != label]
    rest = (1 - sure) / 2
    shares = {label: sure, others[0]: rest * 1.5, others[1]: rest * 0.4, others[2]: rest * 0.1}
    at = NOW - timedelta(seconds=age)
    return Verdict(
        plot_type_id=number, plot_type=name, chunked=True, run_period="2026-05", run=92317, chunk=8,
        picture_hash=f"{number:064x}", label=label, severity=SEVERITY.get(label, Severity.NEUTRAL),
        confidence=sure, confirmed=confirmed, anomaly=6.2 if label == "Bad" else 0.4, model_id=35,
        scores=() if label == "NoModel" else tuple(ClassScore(name=c, severity=SEVERITY[c], confidence=s, threshold={"Bad": 0.65, "Good": 0.5, "NoData": 0.92, "LED": 0.7}[c]) for c, s in shares.items()),
        picture_time=at - timedelta(seconds=1.4), judged_at=at, latency_ms=140.0, unbiased=number == 4,
    )


def main() -> int:
    app = QApplication([])
    out = Path(sys.argv[1])
    for theme in ("light", "dark"):
        memory = Memory(QSettings(tempfile.mktemp(), QSettings.Format.IniFormat))
        desk = Desktop(app, Options(theme=theme, server="tcp://dqm-1:5700", station="counting-room-3"), memory)
        desk.window.show()
        app.processEvents()
        kinds, seen = [], []
        number = 0
        for group, names in NAMES.items():
            for name in names:
                number += 1
                kinds.append(PlotTypeInfo(id=number, name=name, chunked=True, group=group, contact="Drift chamber expert",
                    guidance="Check the high voltage of sector 2, then call the drift chamber expert." if name == "CDC_occupancy" else "", model_id=35, model_name="heads of May", ignored=name == "RF_self"))
                label, sure, ok, age = "Good", 0.99 - number * 0.003, True, number * 2.2
                if theme == "dark":
                    if name == "CDC_occupancy": label, sure, age = "Bad", 0.974, 2
                    if name == "TAGH_rates": label, sure, ok = "Bad", 0.58, False
                    if name == "FDC_strips": label, sure, ok = "Good", 0.62, False
                    if name == "ST_time": age = 260
                    if name == "L1_livetime": label, sure, ok = "NoModel", 0, False
                picture = QImage.fromData(drawn(number, label == "Bad"))
                if not (theme == "dark" and name == "HLDET_trig"):
                    seen.append(Seen(verdict(number, name, label, sure, ok, age), picture))
        comps = tuple(Component(role=r, name=n, host="dqm-1", pid=4000 + i, state="degraded" if n == "predict-1" else "running", sentence="Judges pictures", queue=i, done=18213, ms_per_item=3.4, rss_mb=412, last_seen=NOW) for i, (r, n) in enumerate([("feeder", "feeder"), ("balancer", "balancer"), ("predict", "predict-0"), ("predict", "predict-1"), ("keeper", "keeper"), ("gateway", "gateway"), ("trainer", "trainer")]))
        desk.run.restore(Snapshot(session="a", sequence=118402, plot_types=tuple(kinds), verdicts=(), components=comps, quarantined=3))
        desk.status.restore(Snapshot(session="a", sequence=118402, components=comps, quarantined=3))
        desk.run.model.apply(Update(datetime.now(UTC), seen=tuple(seen)))
        desk.run.tick()
        desk.link_room.show_state(LinkState(stage=Stage.CONNECTED, changed_at=NOW, server="dqm-1", delay_ms=4))
        desk.link_room.show_feed(118402, 0)
        desk.link_room.tick()
        for _ in range(4): app.processEvents()
        desk.window.grab().save(str(out / f"run_{theme}.png"))
        desk.detail.open("CDC_occupancy"); 
        for _ in range(4): app.processEvents()
        desk.window.grab().save(str(out / f"detail_{theme}.png"))
        desk.detail.open("FDC_wires")
        for page in ("status", "settings", "help"):
            desk.window.show_page(page)
            for _ in range(4): app.processEvents()
            desk.window.grab().save(str(out / f"{page}_{theme}.png"))
        desk.window.show_page("run")
        desk.link_room.show_state(LinkState(stage=Stage.RECONNECTING, changed_at=NOW, heard_at=NOW - timedelta(seconds=46), server="dqm-1"))
        desk.window.preparing.show_progress("Training heads: 7 of 16", 7/16)
        for _ in range(4): app.processEvents()
        desk.window.grab().save(str(out / f"lost_{theme}.png"))
        desk.window.resize(1366, 768)
        desk.link_room.show_state(LinkState(stage=Stage.CONNECTED, changed_at=NOW, heard_at=NOW, server="dqm-1"))
        for _ in range(4): app.processEvents()
        desk.window.grab().save(str(out / f"small_{theme}.png"))
        desk.window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
