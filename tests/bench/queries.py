"""Times what desktops ask, at their side of the socket: ``python -m tests.bench.queries URL``.

Starts a gateway on the filled database (``tests.bench.fill``), asks each kind of question in 200 variations over an
encrypted socket, and prints a table: median, 95th percentile, longest. Then it has the database explain
every statement that was sent and names those that read a large table from end to end.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from sqlalchemy import Engine, create_engine, event, text

from inference_server.protocol import activity as a
from inference_server.protocol import labelling as lab
from inference_server.protocol import records as r
from inference_server.protocol import replay as p
from tests.bench.asking import Ask, gateway
from tests.bench.fill import CHUNKS, DAYS, END, FIRST_RUN, PLOT_TYPES

LARGE = ("pictures", "inferences", "episodes", "history", "labels", "alarm", "run")
Question = Callable[[random.Random, Ask], None]


def _filter(dice: random.Random, runs: int) -> r.LogFilter:
    """What people ask of the log, alone and together."""
    begin = END - timedelta(days=dice.random() * DAYS)
    first = FIRST_RUN + dice.randrange(runs)
    choices: list[dict[str, Any]] = [
        {},
        {"unconfirmed": False},
        {"bad": False},
        {"plot_type_ids": (dice.randint(1, PLOT_TYPES),)},
        {"plot_type_ids": tuple(dice.sample(range(1, PLOT_TYPES + 1), 9))},
        {"plot_type_ids": tuple(dice.sample(range(1, PLOT_TYPES + 1), 40)), "bad": False},
        {"first_run": first, "last_run": first + dice.choice((0, 1, 20, 500))},
        {"since": begin, "until": begin + timedelta(days=dice.choice((0.2, 1, 30, 300)))},
        {"labels": ("Bad",), "plot_type_ids": (dice.randint(1, PLOT_TYPES),)},
        {"labels": ("HotChannel",)},
        {"labels": ("Bad",), "bad": False},
        {"run_periods": ("RunPeriod-bench",)},
        {"text": f"plot_{dice.randrange(PLOT_TYPES):02d}"},
        {"text": str(first)},
        {"text": "det3"},
        {"text": "nothing has this"},
    ]
    return r.LogFilter(**dice.choice(choices))


def _log(runs: int) -> Question:
    def ask(dice: random.Random, send: Ask) -> None:
        wanted = _filter(dice, runs)
        after = None if dice.random() < 0.5 else END - timedelta(days=dice.random() * DAYS)
        send(r.GetLogPage(wanted=wanted, after_at=after, after_id=1 if after else None))

    return ask


def _timeline(dice: random.Random, send: Ask) -> None:
    days = dice.choice((DAYS, 365, 100, 62, 30, 7, 2, 1, 1 / 24, 1 / 288))
    until = END - timedelta(days=dice.random() * (DAYS - days))
    send(
        r.GetTimeline(
            plot_type_id=dice.randint(1, PLOT_TYPES),
            since=until - timedelta(days=days),
            until=until,
        )
    )


def _by_run(runs: int) -> Question:
    def ask(dice: random.Random, send: Ask) -> None:
        count = min(runs, dice.choice((runs, 5000, 1001, 1000, 300, 60, 10, 2, 0.3)))
        first = dice.random() * (runs - count)
        send(
            r.GetTimeline(
                plot_type_id=dice.randint(1, PLOT_TYPES),
                by_run=True,
                first_place=first,
                last_place=first + count,
            )
        )

    return ask


def _streak(ids: Sequence[int]) -> Question:
    def ask(dice: random.Random, send: Ask) -> None:
        send(r.GetStreak(streak_id=dice.choice(ids), from_the_beginning=dice.random() < 0.5))

    return ask


def _replay(runs: int) -> Question:
    def ask(dice: random.Random, send: Ask) -> None:
        run = FIRST_RUN + dice.randrange(runs)
        send(p.GetReplay(run=run, run_period="RunPeriod-bench"))

    return ask


def _calls(runs: int) -> Question:
    def ask(dice: random.Random, send: Ask) -> None:
        run = FIRST_RUN + dice.randrange(runs)
        send(p.GetReplayCalls(run=run, run_period="RunPeriod-bench"))

    return ask


def _queue(dice: random.Random, send: Ask) -> None:
    send(
        lab.GetLabelQueue(
            plot_type_ids=tuple(dice.sample(range(1, PLOT_TYPES + 1), dice.choice((1, 1, 3)))),
            queue=dice.choice(list(lab.Queue)),
        )
    )


def _status(_dice: random.Random, send: Ask) -> None:
    send(a.GetActivity())


def measure(url: str, times: int, seed: int) -> None:
    """Print the table and what the database says of the statements."""
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.scalar(text("SELECT COUNT(*) FROM inferences")) or 0
        ids = connection.scalars(text("SELECT id FROM episodes LIMIT 20000")).all()
    runs = max(1, rows // (PLOT_TYPES * CHUNKS))
    questions: dict[str, Question] = {
        "log page": _log(runs),
        "one streak, and where it began": _streak(ids),
        "history, any zoom": _timeline,
        "history run by run, any zoom": _by_run(runs),
        "replay, 500 verdicts of a run": _replay(runs),
        "what would have called in a run": _calls(runs),
        "labeler queue": _queue,
        "status": _status,
    }
    statements: dict[str, Any] = {}
    event.listen(Engine, "before_cursor_execute", _collector(statements))
    dice = random.Random(seed)
    print(f"| {rows:,} verdicts | median ms | 95 % ms | longest ms |\n| --- | --- | --- | --- |")
    with gateway(url) as send:
        for name, question in questions.items():
            taken = []
            for _ in range(times):
                began = time.perf_counter()
                question(dice, send)
                taken.append(1e3 * (time.perf_counter() - began))
            middle, late, longest = np.percentile(taken, (50, 95, 100))
            print(f"| {name} | {middle:.0f} | {late:.0f} | {longest:.0f} |", flush=True)
    scans = _scans(engine, dict(statements))
    print(f"{len(statements)} different statements, {len(scans)} read a large table as a whole.")
    for statement, why in scans:
        print(f"  {why}\n  {statement}")
    engine.dispose()


def _collector(statements: dict[str, Any]) -> Callable[..., None]:
    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            statements.setdefault(statement, parameters)

    return note


def _scans(engine: Engine, statements: dict[str, Any]) -> list[tuple[str, str]]:
    """Statements whose plan has a full scan (of table or index) without a limit that ends it early."""
    found = []
    with engine.connect() as connection:
        for statement, parameters in statements.items():
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).mappings().all()
            for step in plan:
                table = str(step["table"])
                whole = step["type"] == "ALL" or (
                    step["type"] == "index" and int(step["rows"] or 0) > 100_000
                )
                if whole and table.split("_", maxsplit=1)[0] in LARGE:
                    found.append(
                        (
                            statement,
                            f"{table}: {step['type']}, {step['rows']} rows, {step['Extra']}",
                        )
                    )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    measure(args.url, args.times, args.seed)


if __name__ == "__main__":
    main()
