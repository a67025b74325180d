"""Labelled pictures on disk, as other programs leave them: a folder per class, or a table."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from inference_server.feeder.names import LARGEST, LONGEST_NAME, is_picture

# <plot>_<run>_<chunk>, <plot>_Run<run>; what is missing stays empty.
_NAME = re.compile(
    r"(?P<plot>.+?)[_-](?:run[-_]?)?(?P<run>\d{1,9})(?:_(?P<chunk>\d{1,9}))?", re.IGNORECASE
)
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "path": ("path", "file", "filename", "file_name"),
    "plot_type": ("plot_type", "plot", "plottype"),
    "run": ("run", "run_number"),
    "chunk": ("chunk",),
    "label": ("label", "class"),
    "run_period": ("run_period", "period"),
}
_DELIMITERS = ",;\t"


class BadRow(ValueError):
    """One picture cannot be taken; the message says which and why."""


class BadTable(ValueError):
    """Nothing can be taken; the message names the cause and the next step."""


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """A picture file and what is known of it."""

    path: Path
    plot_type: str
    chunked: bool
    run_period: str
    run: int
    chunk: int
    label: str


def read(path: Path, plot_type: str = "", run_period: str = "") -> Iterator[LabelledFile | BadRow]:
    """Everything in ``path``, a directory or a CSV; bad rows come as the reason why.

    ``plot_type`` and ``run_period`` stand in where neither path nor table tells. Raises BadTable.
    """
    if path.is_dir():
        return _from_folder(path, plot_type, run_period)
    if path.is_file():
        return _from_table(path, plot_type, run_period)
    raise BadTable(f"{path} does not exist. Give a directory of pictures or a CSV file.")


def _from_folder(root: Path, plot_type: str, run_period: str) -> Iterator[LabelledFile | BadRow]:
    """``<class>/<file>`` or ``<plot type>/<class>/<file>`` below ``root``."""
    for file in sorted(root.rglob("*")):
        parts = file.relative_to(root).parts
        if not file.is_file() or not is_picture(file.name) or any(p.startswith(".") for p in parts):
            continue
        if len(parts) < 2:
            yield BadRow(f"{file.name}: not in the folder of a class.")
            continue
        above = parts[-3] if len(parts) > 2 else ""
        try:
            yield _file(file, file.name, parts[-2], plot_type or above, "", "", run_period)
        except BadRow as reason:
            yield reason


def _from_table(table: Path, plot_type: str, run_period: str) -> Iterator[LabelledFile | BadRow]:
    """One row per picture; paths are relative to the table's directory."""
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            file.seek(0)
            delimiter = max(_DELIMITERS, key=head.count)
            reader = csv.DictReader(file, delimiter=delimiter)
            found = _columns(table, reader.fieldnames or ())
            for number, row in enumerate(reader, start=2):
                yield _from_row(table, number, {key: (row.get(name) or "").strip() for key, name in found.items()},
                                plot_type, run_period)  # fmt: skip
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadTable(f"{table} cannot be read as a table: {error}.") from error


def _columns(table: Path, header: Iterable[str]) -> dict[str, str]:
    """Which column holds what. Raises BadTable."""
    plain = {name.strip().lower().replace(" ", "_"): name for name in header}
    found = {
        key: plain[alias]
        for key, aliases in _COLUMNS.items()
        for alias in reversed(aliases)
        if alias in plain
    }
    if missing := [key for key in ("path", "label") if key not in found]:
        raise BadTable(
            f"{table} has no column {' and '.join(missing)}. Its first line must name"
            " path,plot_type,run,chunk,label and may name run_period."
        )
    return found


def _from_row(
    table: Path, number: int, row: Mapping[str, str], plot_type: str, run_period: str
) -> LabelledFile | BadRow:
    path = table.parent / row["path"]
    try:
        if not row["path"] or not path.is_file():
            raise BadRow(f"{row['path'] or 'no path'}: there is no such file.")
        if not is_picture(path.name):
            raise BadRow(f"{path.name}: neither PNG nor JPEG.")
        return _file(
            path, path.name, row["label"], row.get("plot_type") or plot_type,
            row.get("run", ""), row.get("chunk", ""), row.get("run_period") or run_period,
        )  # fmt: skip
    except BadRow as reason:
        return BadRow(f"row {number}: {reason}")


def _file(
    path: Path, name: str, label: str, plot_type: str, run: str, chunk: str, run_period: str
) -> LabelledFile:
    """What the table says, else what the name says. Raises BadRow."""
    stem = name.rsplit(".", 1)[0]
    match = _NAME.fullmatch(stem)
    said = match.groupdict() if match else {}
    plot_type = plot_type or said.get("plot") or ""
    if not plot_type:
        raise BadRow(f"{name}: the name does not say which plot it is. Use --plot-type.")
    told = bool(run or said)  # else: taken for a chunk, the usual case in live running
    if not run:
        run, chunk = said.get("run") or "0", chunk or said.get("chunk") or ""
    for text in (plot_type, label, run_period):
        if len(text) > LONGEST_NAME or any(ord(character) < 32 for character in text):
            raise BadRow(f"{name}: {text[:30]!r} is no usable name.")
    if not label:
        raise BadRow(f"{name}: no label.")
    chunked = bool(chunk) or not told
    return LabelledFile(
        path, plot_type, chunked, run_period, _number(name, run), _number(name, chunk or "0"), label
    )


def _number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 12 or int(text) > LARGEST:
        raise BadRow(f"{name}: {text!r} is no number of a run or chunk.")
    return int(text)
