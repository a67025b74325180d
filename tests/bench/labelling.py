"""The labeler on a large database: ``python -m tests.bench.labelling URL``.

Fills the empty MariaDB at URL (one million pictures of ten plot types, a tenth of them labelled), times
the first and a deep page of every queue, has the database explain what was asked, and then labels at a
real desktop: the time from a key press to the next picture on the screen, and until a second desktop shows it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, QSettings
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from sqlalchemy import Engine, event, inspect, text

from db import label_queue
from db import session as database
from db.label_filter import Narrowing
from db.label_queue import COUNTED
from hydra_desktop.app import Desktop
from hydra_desktop.link.state import Stage
from hydra_desktop.settings import Memory, Options
from inference_server import config as settings
from inference_server.config import Config
from inference_server.predict.pixels import Limits, decode, thumbnail
from inference_server.protocol import keys
from inference_server.protocol.labelling import Queue
from inference_server.store import Item, PictureStore
from tests.bench import drawing, fill
from tests.ports import free_ports

PLOT_TYPES = 10
FRESH = 1  # the plot type without a single label: what is labelled at the desktop
PICTURES = 300  # different ones, given to the newest rows in turn
SHOWN = 3000  # rows that have one
PAGE = 200
PACE_MS = 60  # between two presses; a person at a thousand an hour takes 3600
LARGE = ("pictures", "inferences", "current_labels", "labels")


def prepare(url: str, rows: int) -> None:
    """Fill an empty database, and label a tenth of nine plot types in it."""
    engine = database.connect(url)
    empty = not inspect(engine).has_table("pictures")
    if empty:
        fill.fill(url, rows, plot_types=PLOT_TYPES)
        with engine.begin() as connection:
            for statement in (_VOTES, _CURRENT):
                connection.execute(text(statement))
            for table in ("labels", "current_labels"):
                connection.execute(text(f"ANALYZE TABLE {table}"))
    engine.dispose()


# Every tenth; of these one in fifty contradicts the model and one in two hundred is disputed.
_VOTES = (
    "INSERT INTO labels (client_id, picture_id, who, class_name, kind, comment, verdict_visible, at)"
    " SELECT CONCAT('bench', picture_id), picture_id, IF(picture_id % 3, 'ann', 'bob'),"
    " IF(picture_id % 500 = 0, 'NoData', label), 'label', '', 1, judged_at"
    " FROM inferences WHERE plot_type_id > 1 AND picture_id % 10 = 0"
)
_CURRENT = (
    "INSERT INTO current_labels (picture_id, label_id, class_name, who, at, disputed, plot_type_id,"
    " suspected, suspicion)"
    " SELECT l.picture_id, l.id, l.class_name, l.who, l.at, l.picture_id % 2000 = 10, i.plot_type_id,"
    " IF(l.class_name = i.label, NULL, i.label), IF(l.class_name = i.label, NULL, i.confidence)"
    " FROM labels l JOIN inferences i ON i.picture_id = l.picture_id"
)


def time_queues(url: str, times: int) -> None:
    """Print a table of pages, and the statements that read a large table from end to end."""
    engine = database.connect(url)
    sessions = database.sessions(engine)
    kinds = list(range(2, PLOT_TYPES + 1))
    print(
        "| queue | first page, median ms | 95 % ms | count ms | page 50 ms |\n" + "| --- " * 5 + "|"
    )
    for queue in Queue:
        statements: dict[str, Any] = {}
        note = _collector(statements)
        event.listen(engine, "before_cursor_execute", note)
        with sessions() as session:
            pages = []
            for number in range(times):
                kind = kinds[number % len(kinds)]
                taken, _ = timed(partial(_page, session, queue, kind))
                pages.append(taken)
            counts = [
                timed(partial(label_queue.count, session, queue, [kind], Narrowing()))[0]
                for kind in kinds
            ]
            deep = _deep(session, queue, kinds[0])
        event.remove(engine, "before_cursor_execute", note)
        middle, late = np.percentile(pages, (50, 95))
        print(
            f"| {queue.value} | {middle:.0f} | {late:.0f} | {np.max(counts):.0f} | {deep:.0f} |",
            flush=True,
        )
        explain(engine, statements)
    engine.dispose()


def _collector(statements: dict[str, Any]) -> Callable[..., None]:
    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.setdefault(statement, parameters)

    return note


def _page(session: Any, queue: Queue, kind: int, after: tuple[float, ...] = ()) -> Any:
    return label_queue.page(session, queue, [kind], Narrowing(), after=after, limit=PAGE)


def _deep(session: Any, queue: Queue, kind: int) -> float:
    after: tuple[float, ...] = ()
    taken = 0.0
    for _ in range(50):
        taken, found = timed(partial(_page, session, queue, kind, after))
        if not found:
            break
        after = found[-1].key
    return taken


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds, and what came of it."""
    began = time.perf_counter()
    found = work()
    return 1e3 * (time.perf_counter() - began), found


def explain(engine: Engine, statements: dict[str, Any]) -> None:
    """Name the steps that scan a large table without an index."""
    with engine.connect() as connection:
        for statement, parameters in list(statements.items()):
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).mappings().all()
            for step in plan:
                if str(step["table"]) in LARGE and (
                    step["type"] == "ALL" or "filesort" in (step["Extra"] or "")
                ):
                    print(
                        f"  {step['table']}: {step['type']} {step['key']} {step['rows']} rows, {step['Extra']}"
                    )


@contextmanager
def gateway(url: str, folder: Path) -> Iterator[tuple[Config, Path]]:
    """The role on the filled database, in a process of its own."""
    config = settings.load(
        None, {"data_dir": str(folder), "port": free_ports(3), "database_url": url}
    )
    keys.server_keys(config.keys_dir)
    key = folder / "here.key"
    keys.make_client(config.keys_dir, "here", key, "")
    effective = folder / "effective.json"
    effective.write_bytes(settings.dump(config))
    words = ["-m", "inference_server", "role", "gateway", "--effective", str(effective)]
    process = subprocess.Popen([sys.executable, *words])
    try:
        yield config, key
    finally:
        process.kill()
        process.wait()


def draw(url: str, folder: Path) -> None:
    """Give the newest rows of the plot type pictures that are there."""
    drawn, _ = drawing.drawn(PICTURES)
    hashes = [hashlib.sha256(each.png).hexdigest() for each in drawn]
    for part, extension, made in (
        ("pictures", "png", [each.png for each in drawn]),
        ("thumbnails", "jpg", [thumbnail(decode(each.png, Limits())) for each in drawn]),
    ):
        store = PictureStore(folder / part, durable=False)
        store.put_many(Item(*item) for item in zip(hashes, repeat(extension), made, strict=False))
        store.close()
    engine = database.connect(url)
    with engine.begin() as connection:
        newest = text(
            "SELECT id FROM pictures WHERE plot_type_id = :kind ORDER BY run DESC, chunk DESC LIMIT :many"
        )
        ids = connection.scalars(newest, {"kind": FRESH, "many": SHOWN}).all()
        change = text("UPDATE pictures SET picture_hash = :hash WHERE id = :id")
        connection.execute(
            change, [{"id": id_, "hash": hashes[n % PICTURES]} for n, id_ in enumerate(ids)]
        )
    engine.dispose()


class Painted(QObject):
    """Notes that a widget was painted."""

    def __init__(self, watched: QObject) -> None:
        super().__init__(watched)
        self.seen = False
        watched.installEventFilter(self)

    def eventFilter(self, _watched: QObject, happened: QEvent) -> bool:
        self.seen = self.seen or happened.type() == QEvent.Type.Paint
        return False


Taken = list[tuple[float, float]]  # milliseconds on the wall, and of them on the processor


@contextmanager
def sitting(app: QApplication, config: Config, key: Path, person: str) -> Iterator[Desktop]:
    """A desktop that shows the queue to a person."""
    with tempfile.TemporaryDirectory() as folder:
        memory = Memory(QSettings(str(Path(folder, "d.ini")), QSettings.Format.IniFormat))
        address = f"tcp://127.0.0.1:{config.port}"
        desk = Desktop(app, Options(server=address, key=key, station=person, theme="dark"), memory)
        desk.window.resize(1920, 1080)
        desk.window.show()
        desk.start()
        desk.window.show_page("label")
        desk.label_page.side.person.setText(person)
        try:
            until(lambda: desk.label.model.rowCount() and desk.label.acts.brushes)
            yield desk
        finally:
            desk.stop()


def press_keys(app: QApplication, desk: Desktop, presses: int) -> Taken:
    """From each key press to the next picture painted, large and in the grid."""
    room, page = desk.label, desk.label_page
    large, grid = Painted(page.preview.viewport()), Painted(page.grid.viewport())
    taken = []
    for number in range(presses):
        until(lambda: _ready(desk))
        QTest.qWait(PACE_MS)
        before = page.grid.currentIndex().row()
        large.seen = grid.seen = False
        began, worked = time.perf_counter(), time.thread_time()
        QTest.keyClicks(page.grid, room.acts.brushes[number % 2].key)
        while not (
            large.seen and grid.seen and page.grid.currentIndex().row() > before and _ready(desk)
        ):
            app.processEvents()
        taken.append((1e3 * (time.perf_counter() - began), 1e3 * (time.thread_time() - worked)))
    until(lambda: room.outbox.waiting == 0)
    return taken


def tell(ann: Desktop, bob: Desktop, labels: int) -> list[float]:
    """Milliseconds from ann's key press until bob's desktop shows the label, both in one process."""
    until(lambda: bob.label.model.rowCount() >= labels and bob.link.state.stage is Stage.CONNECTED)
    taken = []
    for number in range(labels):
        until(lambda: _ready(ann))
        QTest.qWait(PACE_MS)
        picture = ann.label.pictures.current().item.picture_id  # type: ignore[union-attr]
        wanted = ann.label.acts.brushes[number % 2]
        began = time.perf_counter()
        QTest.keyClicks(ann.label_page.grid, wanted.key)
        place = bob.label.model.place(picture)
        until(lambda at=place, name=wanted.name: bob.label.model.rows[at].label == name)
        taken.append(1e3 * (time.perf_counter() - began))
    return taken


def _ready(desk: Desktop) -> bool:
    row = desk.label.pictures.current()
    return row is not None and desk.label.model.has_image(row.item.picture_hash)


def until(condition: Callable[[], object]) -> None:
    """Let Qt work until ``condition``. Raises TimeoutError."""
    deadline = time.monotonic() + 120
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not come to that")
        QTest.qWait(1)


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="mysql+pymysql://user@host/database; filled when it is empty")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=60, help="0: no queues")
    parser.add_argument("--presses", type=int, default=400)
    parser.add_argument("--labels", type=int, default=50, help="that a second desktop waits for")
    given = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    prepare(given.url, given.rows)
    if given.times:
        time_queues(given.url, given.times)
    with tempfile.TemporaryDirectory() as folder:
        draw(given.url, Path(folder))
        app = QApplication([])
        with (
            gateway(given.url, Path(folder)) as (config, key),
            sitting(app, config, key, "ann") as ann,
        ):
            taken = press_keys(app, ann, given.presses)
            with sitting(app, config, key, "bob") as bob:
                told = tell(ann, bob, given.labels)
    (middle, busy), (late, later), (longest, _) = np.percentile(taken, (50, 95, 100), axis=0)
    print(
        f"Key press to next picture painted, {given.rows // PLOT_TYPES} pictures in the queue"
        f" (counted to {COUNTED}): median {middle:.1f} ms, 95 % {late:.1f} ms, longest {longest:.1f} ms."
        f" Of this on the processor: median {busy:.1f} ms, 95 % {later:.1f} ms; load {os.getloadavg()[0]:.0f}."
    )
    middle, late, longest = np.percentile(told, (50, 95, 100))
    print(
        f"Key press to the label shown at another desktop: median {middle:.0f} ms, 95 % {late:.0f} ms,"
        f" longest {longest:.0f} ms."
    )


if __name__ == "__main__":
    main()
