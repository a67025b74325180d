"""``hydra-server train``: heads from labelled pictures, on the command line."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import msgspec

from inference_server.cli.common import Commands, Failure, config_of, open_database
from inference_server.config import Config

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    train = commands.add_parser(
        "train", parents=[common], help="train a head on the labelled pictures"
    )
    train.add_argument(
        "plot_types", nargs="*", metavar="PLOT_TYPE", help="default: every one that has labels"
    )
    train.add_argument("--runs", default="", metavar="A-B,C", help="only pictures of these runs")
    train.add_argument(
        "--run-periods", default="", metavar="P,Q", help="only pictures of these run periods"
    )
    train.add_argument("--seed", type=int, default=1)
    train.add_argument("--no-activate", action="store_true", help="keep the present model live")
    train.add_argument("--who", default="command line")
    train.set_defaults(handler=_train)


def _train(args: argparse.Namespace) -> int:
    from db import catalogue

    config = config_of(args)
    sessions = open_database(config)
    with sessions() as session:
        known = sorted((plot.name, plot.id) for plot in catalogue.load(session).plot_types)
    names = {name for name, _ in known}
    if unknown := [name for name in args.plot_types if name not in names]:
        raise Failure(
            f"No plot type is called {unknown[0]}. Known: {', '.join(sorted(names)) or 'none yet'}."
        )
    wanted = [each for each in known if not args.plot_types or each[0] in args.plot_types]
    trained = [_one(args, config, sessions, *each) for each in wanted]
    return 0 if all(trained) or (any(trained) and not args.plot_types) else 1


def _one(
    args: argparse.Namespace,
    config: Config,
    sessions: sessionmaker[Session],
    name: str,
    plot_type_id: int,
) -> bool:
    """Train one plot type and say how it went."""
    from db import models
    from inference_server.cli.serve import cores
    from inference_server.training import jobs

    try:
        model_id = jobs.train(
            config, sessions, plot_type_id, who=args.who, runs=args.runs,
            run_periods=args.run_periods, seed=args.seed, threads=cores(),
            activate=not args.no_activate, progress=lambda what, _: _tell(args, name, what),
        )  # fmt: skip
    except jobs.NotTrainable as error:
        print(f"{name}: not trained. {error}", file=sys.stderr)
        return False
    with sessions() as session:
        (model,) = models.load(session, [model_id])
    if args.json:
        print(
            msgspec.json.encode({"model_id": model_id, "plot_type": name, **model.metrics}).decode()
        )
    else:
        print(f"{name}: model {model_id}. {jobs.sentence(model.metrics)}")
    return True


def _tell(args: argparse.Namespace, name: str, what: str) -> None:
    if args.verbose:
        print(f"{name}: {what}", file=sys.stderr)
