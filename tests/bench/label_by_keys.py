"""Labels a folder's pictures at the labeler's page by key events, and judges the heads that come of it.

    QT_QPA_PLATFORM=offscreen python -m tests.bench.label_by_keys FOLDER --order random --plot-type X

FOLDER and the held-out pictures are those of ``learning_curve``. A person who knows the labels sits at
a real desktop and presses the keys of the classes; a real gateway keeps the votes in a database; the
server's own training makes the heads. In random order the person labels the pictures drawn at random;
uncertain-first begins with a few of those, trains, and goes on with the uncertain queue, shown afresh
after each training, which looks again at the pictures that wait.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSettings
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from hydra_desktop.app import Desktop
from hydra_desktop.settings import Memory, Options
from inference_server.config import Backbone, Config
from inference_server.predict.heads import Head
from tests.bench.hall import Hall
from tests.bench.learning_curve import (
    ORDERS,
    Expert,
    Pictures,
    by_plot_type,
    held_out,
    judge,
    remembered,
)
from ui.label_roles import LabelRole

PATIENCE_S = 120
AWAY = "Everything"  # another queue: coming back from it shows what came in meanwhile


class Person:
    """Sits at the labeler, knows what every picture shows, and acts by events alone."""

    def __init__(self, desk: Desktop, hall: Hall, expert: Expert) -> None:
        self._desk, self._hall, self._expert = desk, hall, expert
        self._asked = self._shown = False
        desk.label_page.side.asked.connect(self._see_asked)
        desk.label.model.modelReset.connect(self._see_shown)
        self.pressed: list[tuple[int, str]] = []

    def choose(self, queue: str, count: int) -> None:
        """Show a queue afresh; returns when it has ``count`` pictures (or the first page of them)."""
        for wanted, least in ((AWAY, 0), (queue, min(count, 100))):
            QTest.qWait(QApplication.keyboardInputInterval())  # else it is one word with the last
            self._asked = self._shown = False
            QTest.keyClicks(self._desk.label_page.side.queues, wanted)
            until(lambda least=least: self._shown and self._left() >= least)

    def label(self, count: int) -> None:
        """Label ``count`` pictures, each with the key of its class."""
        grid = self._desk.label_page.grid
        for _ in range(count):
            until(lambda: grid.currentIndex().isValid() and not self._told(LabelRole.LABEL))
            row = self._hall.rows[self._told(LabelRole.PICTURE_ID)]
            name = self._expert.label(row)
            self.pressed.append((row, name))
            QTest.keyClicks(grid, self._key(name))
        until(lambda: self._desk.label.outbox.waiting == 0)

    def _told(self, role: LabelRole) -> object:
        return self._desk.label_page.grid.currentIndex().data(role)

    def _key(self, name: str) -> str:
        return next(brush.key for brush in self._desk.label.acts.brushes if brush.name == name)

    def _left(self) -> int:
        return sum(not row.label for row in self._desk.label.model.rows)

    def _see_asked(self) -> None:
        self._asked = True

    def _see_shown(self) -> None:
        self._shown = self._asked  # before, it was the queue that was shown last


def until(condition: Callable[[], object]) -> None:
    """Let Qt work until ``condition``. Raises AssertionError when it does not come."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        QTest.qWait(2)


@contextmanager
def sitting(app: QApplication, hall: Hall, expert: Expert, folder: Path) -> Iterator[Person]:
    """A person at the labeler's page of a desktop that has just been started."""
    memory = Memory(QSettings(str(folder / "desktop.ini"), QSettings.Format.IniFormat))
    address = f"tcp://127.0.0.1:{hall.config.port}"
    desk = Desktop(
        app, Options(server=address, key=hall.key, station="expert", theme="light"), memory
    )
    desk.window.show()
    assert QTest.qWaitForWindowActive(desk.window)  # else its shortcuts are deaf
    desk.start()
    desk.window.show_page("label")
    try:
        until(lambda: desk.label.acts.brushes)
        yield Person(desk, hall, expert)
    finally:
        desk.stop()
        desk.window.close()


def in_random_order(
    hall: Hall, person: Person, queue: np.ndarray, budgets: Sequence[int]
) -> Iterator[Head]:
    """Label the pictures drawn at random, as they come; a head at each budget."""
    made = 0
    for budget in budgets:
        hall.take_in(queue[made:budget].tolist(), None, unbiased=True)
        person.choose("Drawn", budget - made)
        person.label(budget - made)
        made = budget
        yield hall.train()


def uncertain_first(
    hall: Hall, person: Person, queue: np.ndarray, budgets: Sequence[int], first: int
) -> Iterator[Head]:
    """Label a few drawn at random, then what the head that comes of them is least sure of."""
    (head,) = in_random_order(hall, person, queue, [first])
    hall.take_in(queue[first:].tolist(), head, unbiased=False)
    made = first
    for budget in budgets:
        person.choose("Most", budget - made)
        person.label(budget - made)
        made = budget
        yield hall.train()


def run(
    app: QApplication, folder: Path, seen: Pictures, expert: Expert, files: Sequence,
    args: argparse.Namespace,
) -> list[tuple[int, float]]:  # fmt: skip
    """Labels made and held-out accuracy, after every vote was found in the database once, in order."""
    held = held_out(seen, args.held_out_periods, args.held_out, args.seed)
    queue = np.random.default_rng(args.seed).permutation(np.flatnonzero(~held))
    budgets = [min(each * expert.classes, len(queue)) for each in args.a_class]
    hall = Hall(folder, seen, files, args.backbone)
    hall.open()
    try:
        with sitting(app, hall, expert, folder) as person:
            if args.order == "random":
                made = in_random_order(hall, person, queue, budgets)
            else:
                first = args.first * expert.classes
                made = uncertain_first(hall, person, queue, budgets, first)
            figures = [judge(seen, expert, np.flatnonzero(held), head) for head in made]
            assert hall.votes() == person.pressed, "a vote is missing, doubled or out of order"
    finally:
        hall.close()
    return list(zip(budgets, figures, strict=True))


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="label_by_keys", description=__doc__.split("\n")[0])
    parser.add_argument("path", type=Path, metavar="FOLDER")
    parser.add_argument("--plot-type", default="", help="default: the first")
    parser.add_argument("--order", choices=ORDERS, default="random")
    parser.add_argument("--a-class", type=int, nargs="+", default=[5, 10, 20, 50])
    parser.add_argument("--held-out-periods", nargs="+", default=[], metavar="PERIOD")
    parser.add_argument("--held-out", type=float, default=0.3, help="share of the runs")
    parser.add_argument("--first", type=int, default=2, help="a class before the first training")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, default=224, help="of the backbone, in pixels")
    parser.add_argument("--keep", type=Path, default=Path("build/learning_curve"))
    args = parser.parse_args(words)
    args.backbone = Backbone(size=args.size, device="cpu")
    found = by_plot_type(args.path)
    files = found[args.plot_type or min(found)]
    seen, expert = remembered(files, Config(data_dir=args.keep, backbone=args.backbone), args.keep)
    folder = Path(tempfile.mkdtemp(prefix="hydra-"))
    try:
        app = QApplication.instance() or QApplication([])
        assert isinstance(app, QApplication)
        for labels, accuracy in run(app, folder, seen, expert, files, args):
            print(f"| {seen.plot_type} | {args.order} | {labels} | {accuracy:.3f} |", flush=True)
    finally:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
