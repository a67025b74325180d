"""Fills a MariaDB with years of made-up verdicts, in bulk: ``python -m tests.bench.fill URL --rows 10000000``.

81 plot types over two years, runs of twelve chunks, streaks of Bad, single Unconfirmed ones, with their
pictures, runs, episodes and the hours, days and runs of the history, as the keeper would have left them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from db import catalogue, models, session
from db.values import NewModel

PLOT_TYPES, DETECTORS, CHUNKS, FIRST_RUN, DAYS = 81, 9, 12, 60_000, 730
CHUNK_S = 280.0
CLASSES = (("Good", "good"), ("Bad", "bad"), ("NoData", "neutral"), ("HotChannel", "warning"))
TEMPLATES = 1000  # of confidences, for each kind of verdict
THRESHOLDS = json.dumps({"Good": 0.5, "Bad": 0.65, "NoData": 0.9, "HotChannel": 0.7})
GOOD, BAD, DOUBT = 0, 1, 2
END = datetime(2026, 11, 1, tzinfo=UTC)
Bits = NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """When every picture of a plot type was taken: the same for all of them."""

    run: Bits
    chunk: Bits
    at: Bits  # microseconds since 1970


def plan(rows: int, plot_types: int = PLOT_TYPES) -> Plan:
    """``rows`` pictures in all, spread over two years."""
    runs = max(1, rows // (plot_types * CHUNKS))
    start = np.int64((END - timedelta(days=DAYS)).timestamp() * 1e6)
    every = np.int64(DAYS * 86_400e6 / runs)
    length = np.int64(min(CHUNK_S * 1e6, every / (CHUNKS + 1)))
    run = np.repeat(np.arange(runs), CHUNKS)
    chunk = np.tile(np.arange(1, CHUNKS + 1), runs)
    return Plan(run + FIRST_RUN, chunk, start + run * every + chunk * length)


def verdicts(random: np.random.Generator, count: int) -> Bits:
    """Kinds of verdicts in order: mostly Good, streaks of Bad, single doubts."""
    kinds = np.where(random.random(count) < 0.006, DOUBT, GOOD)
    for start in np.flatnonzero(random.random(count) < 0.003):
        kinds[start : start + 1 + random.geometric(0.12)] = BAD
    return kinds


def templates(random: np.random.Generator) -> tuple[NDArray[np.float64], list[str]]:
    """Confidences (kinds x templates, classes), and the same as JSON."""
    sure = {GOOD: (0.9, 0.09), BAD: (0.85, 0.1), DOUBT: (0.3, 0.15)}
    table = np.empty((3 * TEMPLATES, len(CLASSES)))
    for kind, (least, spread) in sure.items():
        top = least + spread * random.random(TEMPLATES)
        rest = random.dirichlet(np.ones(len(CLASSES) - 1), TEMPLATES) * (1 - top)[:, None]
        own = 1 if kind == BAD else 0
        block = np.insert(rest, own, top, axis=1)
        table[kind * TEMPLATES : (kind + 1) * TEMPLATES] = block
    table = table.round(4)
    names = [name for name, _ in CLASSES]
    return table, [json.dumps(dict(zip(names, row.tolist(), strict=True))) for row in table]


def fill(url: str, rows: int, seed: int = 1, plot_types: int = PLOT_TYPES) -> None:
    """Into the empty database at ``url``."""
    session.migrate(url)
    engine = session.connect(f"{url}{'&' if '?' in url else '?'}local_infile=1")
    kinds = _catalogue(engine, plot_types)
    when = plan(rows, plot_types)
    random = np.random.default_rng(seed)
    scores, texts = templates(random)
    began = time.monotonic()
    with engine.connect() as connection, tempfile.TemporaryDirectory() as folder:
        for setting in ("unique_checks = 0", "foreign_key_checks = 0", "sql_log_bin = 0"):
            connection.execute(text(f"SET SESSION {setting}"))
        _runs(connection, when)
        indexes = _without_indexes(connection)
        number = 1
        for place, (plot_type, model) in enumerate(kinds, 1):
            writer = _Writer(connection, Path(folder), when, scores, texts)
            number = writer.plot_type(plot_type, model, number, random)
            connection.commit()
            _say(f"plot type {place} of {len(kinds)}, {time.monotonic() - began:.0f} s")
        _indexes(connection, indexes)
        for table in ("pictures", "inferences", "episodes", "history", "run_history", "runs"):
            connection.execute(text(f"ANALYZE TABLE {table}"))
        connection.commit()
    engine.dispose()
    _say(f"{number - 1} verdicts in {time.monotonic() - began:.0f} s")


@dataclass
class _Writer:
    connection: Connection
    folder: Path
    when: Plan
    scores: NDArray[np.float64]
    texts: list[str]

    def plot_type(
        self, plot_type: int, model: int, number: int, random: np.random.Generator
    ) -> int:
        """All of one plot type; the next free id."""
        kinds = verdicts(random, len(self.when.at))
        picks = kinds * TEMPLATES + random.integers(0, TEMPLATES, len(kinds))
        ids = np.arange(number, number + len(kinds))
        self._load("pictures", _PICTURES, self._pictures(plot_type, ids))
        self._load("inferences", _INFERENCES, self._inferences(plot_type, model, ids, kinds, picks))
        self._load("episodes", _EPISODES, self._episodes(plot_type, ids, kinds))
        for span, unit in (("hour", 3_600_000_000), ("day", 86_400_000_000)):
            self._load(
                "history", _HISTORY, self._history(plot_type, model, span, unit, kinds, picks)
            )
        self._load("run_history", _RUN_HISTORY, self._runs(plot_type, model, kinds, picks))
        return number + len(kinds)

    def _pictures(self, plot_type: int, ids: Bits) -> Iterator[str]:
        times = _times(self.when.at)
        for number, run, chunk, at in zip(
            ids.tolist(), self.when.run.tolist(), self.when.chunk.tolist(), times, strict=True
        ):
            yield (
                f"{number}\t{plot_type}\t1\t{run}\t{chunk}\t{_hash(number)}\tplot_{chunk:04d}.png\tpng"
                f"\t800\t600\t40000\t1\tbench\t\\N\t{at}\t{at}\t1\t\\N\n"
            )

    def _inferences(
        self, plot_type: int, model: int, ids: Bits, kinds: Bits, picks: Bits
    ) -> Iterator[str]:
        second, sure = np.sort(self.scores, axis=1)[:, -2:].T
        words = ("Good\tgood", "Bad\tbad", "Good\tgood")
        flags = ("1\t0", "1\t1", "0\t1")  # confirmed, noteworthy
        rows = zip(
            ids.tolist(), self.when.run.tolist(), self.when.chunk.tolist(), _times(self.when.at),
            kinds.tolist(), picks.tolist(), strict=True,
        )  # fmt: skip
        for number, run, chunk, at, kind, pick in rows:
            yield (
                f"{number}\t{number}\t{plot_type}\t{run}\t{chunk}\t{model}\t{words[kind]}\t{sure[pick]:.4f}"
                f"\t{sure[pick] - second[pick]:.4f}"
                f"\t{flags[kind]}\t0\t{self.texts[pick]}\t{THRESHOLDS}\t0.4\t{{}}\t{at}\t5\t12\t40\tdqm-1\n"
            )

    def _episodes(self, plot_type: int, ids: Bits, kinds: Bits) -> Iterator[str]:
        key = kinds + 3 * self.when.run  # a streak ends with its run
        edges = np.flatnonzero(np.diff(key)) + 1
        firsts, lasts = np.concatenate(([0], edges)), np.concatenate((edges, [len(key)])) - 1
        times = _times(self.when.at)
        for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
            kind = int(kinds[first])
            if kind == GOOD:
                continue
            word = "Bad\tbad\t1" if kind == BAD else "Good\tgood\t0"
            yield (
                f"\\N\t{plot_type}\t{word}\t{self.when.run[first]}\t{ids[first]}\t{ids[last]}"
                f"\t{self.when.chunk[first]}\t{self.when.chunk[last]}\t{times[first]}\t{times[last]}"
                f"\t{last - first + 1}\t0\n"
            )

    def _history(
        self, plot_type: int, model: int, span: str, unit: int, kinds: Bits, picks: Bits
    ) -> Iterator[str]:
        bins = self.when.at // unit
        firsts = np.concatenate(([0], np.flatnonzero(np.diff(bins)) + 1))
        starts = _times(bins[firsts] * unit)
        sums = self._sums(model, firsts, kinds, picks)
        for start, words in zip(starts, sums, strict=True):
            yield f"\\N\t{plot_type}\t{span}\t{start}\t{words}"

    def _runs(self, plot_type: int, model: int, kinds: Bits, picks: Bits) -> Iterator[str]:
        """The ids of runs count from 1 on, in order of time."""
        firsts = np.concatenate(([0], np.flatnonzero(np.diff(self.when.run)) + 1))
        for run, words in enumerate(self._sums(model, firsts, kinds, picks), 1):
            yield f"\\N\t{plot_type}\t{run}\t{words}"

    def _sums(self, model: int, firsts: Bits, kinds: Bits, picks: Bits) -> Iterator[str]:
        """The verdicts from each of ``firsts`` to the next, summed up."""
        counts = np.diff(np.append(firsts, len(kinds)))
        values = self.scores[picks]
        low, high = np.minimum.reduceat(values, firsts), np.maximum.reduceat(values, firsts)
        total = np.add.reduceat(values, firsts)
        bad, noteworthy = (
            np.add.reduceat((kinds == BAD).astype(int), firsts),
            np.add.reduceat((kinds != GOOD).astype(int), firsts),
        )
        runs, last_runs = self.when.run[firsts], self.when.run[firsts + counts - 1]
        for at, count in enumerate(counts.tolist()):
            classes = ", ".join(
                f'"{name}": [{count}, {low[at, n]}, {high[at, n]}, {total[at, n]:.4f}]'
                for n, (name, _) in enumerate(CLASSES)
            )
            labels = f'{{"Good": {count - bad[at]}, "Bad": {bad[at]}}}'
            yield (
                f"{runs[at]}\t{last_runs[at]}\t{count}"
                f"\t{noteworthy[at]}\t{{{classes}}}\t{labels}\t{THRESHOLDS}\t{model}\n"
            )

    def _load(self, table: str, columns: str, rows: Iterator[str]) -> None:
        path = self.folder / table
        with path.open("w") as file:
            file.writelines(rows)
        self.connection.execute(
            text(
                f"LOAD DATA LOCAL INFILE '{path}' INTO TABLE {table} CHARACTER SET utf8mb4"
                f" FIELDS TERMINATED BY '\\t' LINES TERMINATED BY '\\n' ({columns})"
            )
        )
        path.unlink()


_PICTURES = (
    "id, plot_type_id, run_period_id, run, chunk, picture_hash, file_name, extension, width, height,"
    " size_bytes, stored, source, collected, picture_time, received_at, training_weight, pin"
)
_INFERENCES = (
    "id, picture_id, plot_type_id, run, chunk, model_id, label, severity, confidence,"
    " margin, confirmed,"
    " noteworthy, unbiased, scores, thresholds, anomaly, run_conditions, judged_at, decode_ms,"
    " forward_ms, latency_ms, host"
)
_EPISODES = (
    "id, plot_type_id, label, severity, confirmed, run, first_inference_id, last_inference_id,"
    " first_chunk, last_chunk, first_at, last_at, length, open"
)
_SUMS = "first_run, last_run, pictures, noteworthy, classes, labels, thresholds, model_id"
_HISTORY = f"id, plot_type_id, span, start, {_SUMS}"
_RUN_HISTORY = f"id, plot_type_id, run_id, {_SUMS}"


def _hash(number: int) -> str:
    """Like a digest: no order in it."""
    return f"{(number * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF:016x}" * 4


def _times(microseconds: Bits) -> list[str]:
    moments = microseconds.astype("datetime64[us]")
    return [str(text_) for text_ in np.datetime_as_string(moments, unit="us")]


def _catalogue(engine: object, plot_types: int) -> list[tuple[int, int]]:
    """Plot types with their active models."""
    made = []
    with Session(engine) as work:  # type: ignore[call-overload]
        for name, severity in CLASSES:
            catalogue.ensure_class(work, name, severity)
        for number in range(plot_types):
            detector = f"DET{number % DETECTORS + 1}"
            plot_type = catalogue.register(
                work, f"{detector}_plot_{number:02d}", True, group=detector,
                classes=[name for name, _ in CLASSES],
            )  # fmt: skip
            model = models.add(
                work,
                NewModel(
                    plot_type_id=plot_type, name=f"head {number}", folder=f"{number}/1", who="bench",
                    backbone="bench", labels=tuple(name for name, _ in CLASSES), seed=1,
                    thresholds=json.loads(THRESHOLDS),
                ),
            )  # fmt: skip
            models.activate(work, plot_type, model, who="bench", reason="bench")
            made.append((plot_type, model))
        work.commit()
    return made


def _runs(connection: Connection, when: Plan) -> None:
    connection.execute(text("INSERT INTO run_periods (id, name) VALUES (1, 'RunPeriod-bench')"))
    firsts = np.arange(0, len(when.run), CHUNKS)
    rows = [
        {"number": number, "first": first, "last": last}
        for number, first, last in zip(
            when.run[firsts].tolist(), _times(when.at[firsts]),
            _times(when.at[np.minimum(firsts + CHUNKS - 1, len(when.at) - 1)]), strict=True,
        )
    ]  # fmt: skip
    insert = text(
        "INSERT INTO runs (run_period_id, number, first_seen, last_seen, last_chunk)"
        f" VALUES (1, :number, :first, :last, {CHUNKS})"
    )
    for start in range(0, len(rows), 1000):
        connection.execute(insert, rows[start : start + 1000])
    connection.commit()


def _without_indexes(connection: Connection) -> list[tuple[str, str]]:
    """Drop the indexes of the two large tables: built at the end they take a fraction of the time."""
    made = []
    query = text(
        "SELECT table_name, index_name, non_unique,"
        " GROUP_CONCAT(CONCAT('`', column_name, '`') ORDER BY seq_in_index)"
        " FROM information_schema.statistics WHERE table_schema = DATABASE()"
        " AND table_name IN ('pictures', 'inferences') AND index_name <> 'PRIMARY'"
        " GROUP BY table_name, index_name, non_unique"
    )
    for table, name, plain, columns in connection.execute(query).all():
        connection.execute(text(f"ALTER TABLE {table} DROP INDEX {name}"))
        made.append((table, f"ADD {'' if plain else 'UNIQUE '}INDEX {name} ({columns})"))
    return made


def _indexes(connection: Connection, indexes: list[tuple[str, str]]) -> None:
    for table in {table for table, _ in indexes}:
        parts = ", ".join(part for where, part in indexes if where == table)
        began = time.monotonic()
        connection.execute(text(f"ALTER TABLE {table} {parts}"))
        _say(f"indexes of {table} in {time.monotonic() - began:.0f} s")


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="mysql+pymysql://user@host/database; it must be empty")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    fill(args.url, args.rows, args.seed)


if __name__ == "__main__":
    main()
