"""Pictures and labels in and out: ``simulate``, ``import-labels``, ``export``, ``feeder``."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import zmq

from inference_server.cli.common import (
    Commands,
    Failure,
    Progress,
    at_least,
    config_of,
    may_be_dry,
    open_database,
    print_json,
)
from inference_server.cli.serve import stop_on_signals
from inference_server.protocol.keys import KeyTrouble

if TYPE_CHECKING:
    from inference_server.exports import Table
    from inference_server.transfer import Imported


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
    simulate.add_argument(
        "--rate", type=at_least(0, float), default=2.0,
        help="pictures a second (default 2), 0 = as fast as they can be drawn",
    )  # fmt: skip
    simulate.add_argument("--count", type=at_least(0, int), help="stop after so many pictures")
    simulate.add_argument(
        "--seed", type=at_least(0, int), default=1, help="the same one draws the same pictures"
    )
    simulate.add_argument("--run", type=at_least(1, int), default=90001, help="first run number")
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
    feeder.add_argument("--name", default="remote-feeder", help="shown on the status page")
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
    may_be_dry(labels)
    labels.set_defaults(handler=_import)


def _add_export(commands: Commands, common: argparse.ArgumentParser) -> None:
    export = commands.add_parser("export", help="labels or verdicts as CSV")
    what = export.add_subparsers(required=True, metavar="WHAT")
    for name, handler, about in (
        ("labels", _export_labels, "what people said, a row for each picture"),
        ("verdicts", _export_verdicts, "what the models said, with the confidence of every class"),
    ):
        parser = what.add_parser(name, parents=[common], help=about)
        parser.add_argument("--csv", type=Path, metavar="FILE", help="default: stdout")
        parser.add_argument("--plot-type", default=None, help="only this one")
        parser.set_defaults(handler=handler)
        if name == "labels":
            parser.add_argument(
                "--folder", type=Path, metavar="DIR",
                help="the pictures too, as DIR/<plot type>/<class>/*.png, with labels.csv beside",
            )  # fmt: skip


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
    if args.dry_run:
        return _would_import(args)
    sessions = open_database(config)
    result = transfer.import_labels(
        config, sessions, args.path, who=args.who, plot_type=args.plot_type,
        run_period=args.run_period, progress=Progress("pictures read", args.quiet),
    )  # fmt: skip
    _tell_imported(result, as_json=args.json)
    if not result.imported and not result.known:
        raise Failure(
            "Nothing was imported. Expected DIR/<plot type>/<class>/*.png or a CSV with path,plot_type,run,chunk,label."
        )
    return 0


def _tell_imported(result: Imported, *, as_json: bool) -> None:
    for reason in result.rejected:
        print(f"left out: {reason}", file=sys.stderr)
    if as_json:
        print_json(result)
        return
    corrected = f" ({result.corrected} under a new label)" if result.corrected else ""
    print(
        f"{result.imported} labelled pictures imported, {result.known} were known{corrected},"
        f" {len(result.rejected)} left out."
    )


def _would_import(args: argparse.Namespace) -> int:
    """What is found there, by plot type and class; pictures are not opened."""
    from inference_server import labelled_files
    from inference_server.labelled_files import BadRow

    found: Counter[tuple[str, str]] = Counter()
    for each in labelled_files.read(args.path, args.plot_type, args.run_period):
        if isinstance(each, BadRow):
            print(f"would be left out: {each}", file=sys.stderr)
        else:
            found[each.plot_type, each.label] += 1
    rows = [(*key, count) for key, count in sorted(found.items())]
    if args.json:
        print_json(
            [dict(zip(("plot_type", "class", "pictures"), row, strict=True)) for row in rows]
        )
    else:
        for row in rows:
            print(*row, sep="\t")
    print(f"{found.total()} labelled pictures would be read.", file=sys.stderr)
    return 0


def _export_labels(args: argparse.Namespace) -> int:
    from inference_server import exports

    config = config_of(args)
    sessions = open_database(config)
    if args.folder is None:
        return _write(args.csv, exports.label_table(config, sessions, args.plot_type))
    if args.csv is not None:
        raise Failure(f"--folder writes its own {exports.TABLE}. Leave --csv or --folder out.")
    written, gone = exports.label_folder(config, sessions, args.folder, args.plot_type)
    print(f"{written} labelled pictures written to {args.folder}.", file=sys.stderr)
    if gone:
        print(f"{gone} are left out: their files are no longer in the store.", file=sys.stderr)
    return 0


def _export_verdicts(args: argparse.Namespace) -> int:
    from inference_server import exports

    return _write(args.csv, exports.verdict_table(open_database(config_of(args)), args.plot_type))


def _write(path: Path | None, table: Table) -> int:
    if path is None:
        count = table.write(sys.stdout)
    else:
        with path.open("w", newline="") as file:
            count = table.write(file)
    print(f"{count} rows written.", file=sys.stderr)
    return 0
