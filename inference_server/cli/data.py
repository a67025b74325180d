"""Pictures and labels in and out: ``simulate``, ``import-labels``, ``export``, ``feeder``."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import zmq

from inference_server.cli.common import Commands, Failure, Progress, config_of, open_database
from inference_server.cli.serve import stop_on_signals
from inference_server.protocol.keys import KeyTrouble


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    _add_simulate(commands, common)
    _add_feeder(commands, common)
    _add_import(commands, common)
    _add_export(commands, common)


def _add_simulate(commands: Commands, common: argparse.ArgumentParser) -> None:
    simulate = commands.add_parser(
        "simulate", parents=[common], help="draw a simulated detector's plots"
    )
    simulate.add_argument(
        "out", type=Path, help="directory to write RunNNNNNN/<Plot>_<chunk>.png into"
    )
    simulate.add_argument("--rate", type=float, default=2.0, help="pictures a second (default 2)")
    simulate.add_argument("--count", type=int, help="stop after so many pictures")
    simulate.add_argument("--seed", type=int, default=1)
    simulate.add_argument("--run", type=int, default=90001, help="first run number")
    simulate.add_argument(
        "--truth", type=Path, metavar="CSV", help="write what was drawn into this table"
    )
    simulate.set_defaults(handler=_simulate)


def _add_feeder(commands: Commands, common: argparse.ArgumentParser) -> None:
    feeder = commands.add_parser(
        "feeder", parents=[common], help="watch directories here, push to a server elsewhere"
    )
    feeder.add_argument(
        "--connect", required=True, metavar="tcp://HOST:PORT", help="the server's port + 2"
    )
    feeder.add_argument(
        "--key", type=Path, required=True, metavar="FILE", help="made by: hydra-server keys make"
    )
    feeder.add_argument("--name", default="remote-feeder")
    feeder.set_defaults(handler=_feeder)


def _add_import(commands: Commands, common: argparse.ArgumentParser) -> None:
    labels = commands.add_parser(
        "import-labels", parents=[common], help="labelled pictures: a folder per class, or a CSV"
    )
    labels.add_argument(
        "path", type=Path, help="DIR/<plot type>/<class>/*.png, DIR/<class>/*.png, or a table"
    )
    labels.add_argument("--plot-type", default="", help="for names that do not tell")
    labels.add_argument("--run-period", default="", help="for tables without a run_period column")
    labels.add_argument("--who", default="import", help="whose labels these are")
    labels.set_defaults(handler=_import)


def _add_export(commands: Commands, common: argparse.ArgumentParser) -> None:
    export = commands.add_parser("export", help="labels or verdicts as CSV")
    what = export.add_subparsers(required=True, metavar="WHAT")
    for name, handler in (("labels", _export_labels), ("verdicts", _export_verdicts)):
        parser = what.add_parser(name, parents=[common])
        parser.add_argument("--csv", type=Path, metavar="FILE", help="default: stdout")
        parser.add_argument("--plot-type", default=None)
        parser.set_defaults(handler=handler)


def _simulate(args: argparse.Namespace) -> int:
    from inference_server.simulator import service

    service.run(args.out, args.seed, args.rate, args.count, args.run, args.truth, stop_on_signals())
    return 0


def _feeder(args: argparse.Namespace) -> int:
    from inference_server.feeder import service

    try:
        service.run_remote(config_of(args), args.connect, args.key, args.name, stop_on_signals())
    except (KeyTrouble, ValueError, zmq.ZMQError) as error:
        raise Failure(f"This feeder cannot run: {error}") from error
    return 0


def _import(args: argparse.Namespace) -> int:
    from inference_server import transfer

    config = config_of(args)
    sessions = open_database(config)
    result = transfer.import_labels(
        config, sessions, args.path, who=args.who, plot_type=args.plot_type,
        run_period=args.run_period, progress=Progress("pictures read", args.quiet),
    )  # fmt: skip
    for reason in result.rejected:
        print(f"left out: {reason}", file=sys.stderr)
    print(
        f"{result.imported} labelled pictures imported, {result.known} were known, {len(result.rejected)} left out."
    )
    if not result.imported and not result.known:
        raise Failure(
            "Nothing was imported. Expected DIR/<plot type>/<class>/*.png or a CSV with path,plot_type,run,chunk,label."
        )
    return 0


def _export_labels(args: argparse.Namespace) -> int:
    from inference_server import transfer

    return _write(args.csv, transfer.label_rows(open_database(config_of(args)), args.plot_type))


def _export_verdicts(args: argparse.Namespace) -> int:
    from inference_server import transfer

    return _write(args.csv, transfer.verdict_rows(open_database(config_of(args)), args.plot_type))


def _write(path: Path | None, rows: Iterable[Mapping[str, object]]) -> int:
    """CSV with the columns of all rows, in order of appearance."""
    listed = list(rows)
    columns = list(dict.fromkeys(column for row in listed for column in row))
    file = sys.stdout if path is None else path.open("w", newline="")
    try:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(listed)
    finally:
        if path is not None:
            file.close()
    print(f"{len(listed)} rows written.", file=sys.stderr)
    return 0
