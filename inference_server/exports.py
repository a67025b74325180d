"""What a site leaves with: its labels, with the pictures or without, and its verdicts."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeAlias

from sqlalchemy.orm import Session, sessionmaker

from db import catalogue, inferences, labels, models
from db.session import transaction
from db.values import ExportedLabel, Inference
from inference_server.config import Config
from inference_server.store import PictureStore

Row: TypeAlias = Mapping[str, object]
LABEL_COLUMNS = (
    "path", "plot_type", "run", "chunk", "label", "run_period", "file", "who", "time",
)  # fmt: skip
TABLE = "labels.csv"
_UNSAFE = re.compile(r"[^\w.+-]+")


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, and rows that are read while they are written: there may be millions."""

    columns: tuple[str, ...]
    rows: Iterable[Row]

    def write(self, file: IO[str]) -> int:
        """As CSV; how many rows there were."""
        writer = csv.DictWriter(file, self.columns, restval="")
        writer.writeheader()
        count = 0
        for row in self.rows:
            writer.writerow(row)
            count += 1
        return count


def label_table(
    config: Config, sessions: sessionmaker[Session], plot_type: str | None = None
) -> Table:
    """The current labels as a table that ``import_labels`` reads again, with paths into the store."""
    store = PictureStore(config.pictures_dir.resolve())
    return Table(
        LABEL_COLUMNS,
        (
            _label_row(each, str(store.path(each.picture_hash, each.extension)))
            for each in _labels(sessions, plot_type)
        ),
    )


def label_folder(
    config: Config,
    sessions: sessionmaker[Session],
    folder: Path,
    plot_type: str | None = None,
    progress: Callable[[str], None] = lambda _path: None,
) -> tuple[int, int]:
    """Pictures as ``folder/<plot type>/<class>/<file>`` with a table of them beside; (written, gone).

    A file that is there already is left alone, so an interrupted export is simply started again.
    """
    store = PictureStore(config.pictures_dir)
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Row] = []
    taken: dict[str, str] = {}
    gone = 0
    for each in _labels(sessions, plot_type):
        place = _place(each, taken)
        data = store.read(each.picture_hash, each.extension)
        if data is None:
            gone += 1
            continue
        _write_once(folder / place, data)
        written.append(_label_row(each, place))
        progress(place)
    with (folder / TABLE).open("w", newline="") as file:
        Table(LABEL_COLUMNS, written).write(file)
    return len(written), gone


def _labels(sessions: sessionmaker[Session], plot_type: str | None) -> Iterator[ExportedLabel]:
    with transaction(sessions) as session:
        yield from labels.export(session, plot_type)


def _label_row(each: ExportedLabel, path: str) -> Row:
    values = (
        path, each.plot_type, each.run, each.chunk if each.chunked else "", each.class_name,
        each.run_period, each.file_name, each.who, each.at.isoformat(),
    )  # fmt: skip
    return dict(zip(LABEL_COLUMNS, values, strict=True))


def _place(each: ExportedLabel, taken: dict[str, str]) -> str:
    """Where the picture goes; its hash is in the name only where two would meet."""
    number = f"{each.run:06d}_{each.chunk:04d}" if each.chunked else f"{each.run:06d}"
    start = f"{_safe(each.plot_type)}/{_safe(each.class_name)}/{_safe(each.plot_type)}_{number}"
    found = f"{start}.{each.extension}"
    same = f"{each.run_period}/{each.picture_hash}"
    if taken.setdefault(found, same) != same:
        found = f"{start}-{each.picture_hash[:12]}.{each.extension}"
    return found


def _safe(name: str) -> str:
    """A name that is one step of a path, whatever somebody called a class."""
    return _UNSAFE.sub("_", name).lstrip(".") or "_"


def _write_once(path: Path, data: bytes) -> None:
    if path.exists() and path.stat().st_size == len(data):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_bytes(data)
    part.replace(path)


def verdict_table(sessions: sessionmaker[Session], plot_type: str | None = None) -> Table:
    """The verdicts in the order of judging, with a column for the confidence of every class."""
    with transaction(sessions) as session:
        known = catalogue.load(session).plot_types
        wanted = [plot for plot in known if plot_type is None or plot.name == plot_type]
        named = {each.name for plot in wanted for each in plot.classes}
        # A class that was taken from a plot type is still in the verdicts of its old models.
        for plot in wanted:
            named |= {name for model in models.history(session, plot.id) for name in model.labels}
    confidences = tuple(f"confidence_{name}" for name in sorted(named))
    columns = (
        "plot_type", "run_period", "run", "chunk", "file", "class", "confidence", *confidences,
        "confirmed", "anomaly", "model", "time", "masked",
    )  # fmt: skip
    return Table(columns, map(_verdict_row, _verdicts(sessions, plot_type)))


def _verdicts(sessions: sessionmaker[Session], plot_type: str | None) -> Iterator[Inference]:
    with transaction(sessions) as session:
        yield from inferences.export(session, plot_type=plot_type)


def _verdict_row(each: Inference) -> Row:
    scores = {f"confidence_{name}": round(score, 6) for name, score in each.scores.items()}
    return {
        "plot_type": each.plot_type,
        "run_period": each.run_period,
        "run": each.run,
        "chunk": each.chunk if each.chunked else "",
        "file": each.file_name,
        "class": each.label,
        "confidence": round(each.confidence, 6),
        **scores,
        "confirmed": int(each.confirmed),
        "anomaly": "" if each.anomaly is None else round(each.anomaly, 4),
        "model": each.model,
        "time": each.judged_at.isoformat(),
        "masked": len(each.masked),
    }
