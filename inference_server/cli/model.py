"""``hydra-server train``: heads from labelled pictures, on the command line."""

from __future__ import annotations

import argparse

from inference_server.cli.common import Commands, Failure, config_of, open_database


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
    from inference_server.training import jobs

    config = config_of(args)
    sessions = open_database(config)
    with sessions() as session:
        known = {plot.name: plot.id for plot in catalogue.load(session).plot_types}
    if unknown := [name for name in args.plot_types if name not in known]:
        raise Failure(
            f"No plot type is called {unknown[0]}. Known: {', '.join(sorted(known)) or 'none yet'}."
        )
    failed = 0
    for name in args.plot_types or sorted(known):
        try:
            print(f"{name}: {_one(args, jobs, config, sessions, known[name])}")
        except jobs.NotTrainable as error:
            failed += 1
            print(f"{name}: not trained. {error}")
    return 1 if failed and args.plot_types else 0
