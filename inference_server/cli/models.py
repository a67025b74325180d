"""``hydra-server models``: list, activate, carry in and out."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from inference_server.cli.common import (
    Commands,
    Failure,
    config_of,
    look_at_database,
    may_be_dry,
    open_database,
    print_json,
)
from inference_server.cli.notice import tell_server
from inference_server.messages import CatalogueTouched

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from sqlalchemy.orm import Session, sessionmaker

    from db.values import Model, PlotType
    from inference_server.config import Config

    Writer: TypeAlias = Callable[[Config, sessionmaker[Session], int, Path], None]


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("models", help="list models, activate one, export and import")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    listing = actions.add_parser("list", parents=[common], help="the models of all plot types")
    listing.add_argument("plot_type", nargs="?", metavar="PLOT_TYPE")
    listing.set_defaults(handler=_list)
    activate = actions.add_parser("activate", parents=[common], help="make a model live")
    activate.add_argument("model_id", type=int, metavar="ID")
    activate.add_argument("--reason", required=True, help="kept in the ledger")
    activate.add_argument("--who", default="command line")
    may_be_dry(activate)
    activate.set_defaults(handler=_activate)
    for name, text, handler in (
        ("export", "a model as one file, for another Hydra", _export),
        ("onnx", "a model as ONNX, for other programs", _onnx),
    ):
        out = actions.add_parser(name, parents=[common], help=text)
        out.add_argument("model_id", type=int, metavar="ID")
        out.add_argument("file", type=Path, metavar="FILE")
        out.set_defaults(handler=handler)
    bring = actions.add_parser(
        "import", parents=[common], help="take in a model file; not yet live"
    )
    bring.add_argument("file", type=Path, metavar="FILE")
    bring.add_argument("--who", default="command line")
    bring.set_defaults(handler=_import)


def _list(args: argparse.Namespace) -> int:
    from db import catalogue, models

    with open_database(config_of(args))() as session:
        known = [
            plot
            for plot in catalogue.load(session).plot_types
            if args.plot_type in {None, plot.name}
        ]
        found = [(plot, model) for plot in known for model in models.history(session, plot.id)]
    if args.json:
        print_json([_about(plot, model) for plot, model in found])
        return 0
    for plot, model in found:
        star = "*" if plot.model_id == model.id else ""
        accuracy = model.metrics.get("accuracy")
        right = "" if accuracy is None else f"{accuracy:.1%}"
        depth = model.settings.get("depth", model.kind)
        columns = (model.id, star, plot.name, depth, right, f"{model.created_at:%Y-%m-%d %H:%M}")
        print(*columns, model.who, sep="\t")
    return 0


def _about(plot: PlotType, model: Model) -> dict[str, object]:
    about: dict[str, object] = msgspec.to_builtins(model)
    return about | {
        "plot_type": plot.name,
        "chunked": plot.chunked,
        "live": plot.model_id == model.id,
    }


def _activate(args: argparse.Namespace) -> int:
    from db import models
    from db.session import transaction

    config = config_of(args)
    sessions = look_at_database(config) if args.dry_run else open_database(config)
    with transaction(sessions) as session:
        found = models.load(session, [args.model_id])
        if not found:
            raise Failure(f"There is no model {args.model_id}. See: hydra-server models list")
        plot_type_id = found[0].plot_type_id
        if args.dry_run:
            live = models.active_at(session, plot_type_id, datetime.now(UTC))
            print(
                f"{found[0].name} (model {args.model_id}) would be live in place of model {live}."
            )
            return 0
        models.activate(session, plot_type_id, args.model_id, who=args.who, reason=args.reason)
    heard = tell_server(config, CatalogueTouched())
    when = "It is live." if heard else "It is live when the server starts."
    print(when, file=sys.stderr)
    return 0


def _export(args: argparse.Namespace) -> int:
    from inference_server import model_files

    return _out(args, model_files.write)


def _onnx(args: argparse.Namespace) -> int:
    from inference_server import onnx_files

    try:
        return _out(args, onnx_files.write)
    except onnx_files.NotEqual as error:
        raise Failure(str(error)) from error


def _out(args: argparse.Namespace, write: Writer) -> int:
    from inference_server.predict.heads import HeadError

    config = config_of(args)
    try:
        write(config, open_database(config), args.model_id, args.file)
    except KeyError as error:
        raise Failure(
            f"There is no model {args.model_id}. See: hydra-server models list"
        ) from error
    except HeadError as error:
        raise Failure(f"Model {args.model_id} cannot be written. {error}") from error
    print(args.file)
    return 0


def _import(args: argparse.Namespace) -> int:
    from inference_server import model_files

    config = config_of(args)
    try:
        model_id = model_files.read(config, open_database(config), args.file, who=args.who)
    except model_files.ModelFileError as error:
        raise Failure(str(error)) from error
    tell_server(config, CatalogueTouched())
    print(f"Model {model_id}. Make it live: hydra-server models activate {model_id} --reason ...")
    return 0
