"""``hydra-server train`` and ``trainings``: models from labelled pictures, on the command line."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from typing import TYPE_CHECKING

import msgspec

from inference_server.cli.common import Commands, Failure, config_of, open_database, print_json
from inference_server.cli.notice import tell_server
from inference_server.config import Config
from inference_server.messages import CatalogueTouched, TrainingMoved

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from db.values import PlotType
    from inference_server.training.progress import Told, Wish
    from inference_server.training.recipe import Recipe


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    _add_train(commands, common)
    trainings = commands.add_parser(
        "trainings", parents=[common], help="list the trainings of the server, stop one"
    )
    wish = trainings.add_mutually_exclusive_group()
    wish.add_argument("--stop", type=int, metavar="ID", help="end it; no model comes of it")
    wish.add_argument("--keep", type=int, metavar="ID", help="end it with the best model so far")
    trainings.add_argument("--who", default="command line")
    trainings.set_defaults(handler=_trainings)


def _add_train(commands: Commands, common: argparse.ArgumentParser) -> None:
    train = commands.add_parser(
        "train",
        parents=[common],
        help="train models on the labelled pictures",
        epilog="Ctrl+C once: stop and keep the best so far; twice: stop at once.",
    )
    train.add_argument(
        "plot_types", nargs="*", metavar="PLOT_TYPE", help="default: every one that has labels"
    )
    train.add_argument(
        "--depth", choices=("quick", "thorough", "full"), default="quick",
        help="quick: a head, seconds; thorough: with changed copies, minutes; full: a whole network",
    )  # fmt: skip
    train.add_argument("--runs", default="", metavar="A-B,C", help="only pictures of these runs")
    train.add_argument(
        "--run-periods", default="", metavar="P,Q", help="only pictures of these run periods"
    )
    train.add_argument(
        "--merge", action="store_true", help="learn from chunked and whole-run plots together"
    )
    train.add_argument("--seed", type=int, default=1)
    rule = train.add_mutually_exclusive_group()
    rule.add_argument(
        "--precision", type=float, default=0.0, metavar="P", help="wanted of confirmed Bad verdicts"
    )
    rule.add_argument(
        "--false-calls", type=float, default=0.0, metavar="N",
        help="confirmed Bad verdicts per shift that are wrong, at most",
    )  # fmt: skip
    train.add_argument("--pictures-per-shift", type=float, default=0.0, metavar="N")
    train.add_argument("--copies", type=int, default=4, help="thorough: changed copies per picture")
    _add_full(train)
    train.add_argument("--no-activate", action="store_true", help="keep the present model live")
    train.add_argument("--queue", action="store_true", help="let the running server do it")
    train.add_argument("--why", default="", help="kept with the model")
    train.add_argument("--who", default="command line")
    train.set_defaults(handler=_train)


def _add_full(train: argparse.ArgumentParser) -> None:
    full = train.add_argument_group("full", "fine-tune a whole network")
    full.add_argument(
        "--network", metavar="NAME", help="default: the shared network's architecture"
    )
    full.add_argument("--size", type=int, default=0, metavar="N", help="pixels of its input")
    full.add_argument("--epochs", type=int, default=12, help="passes over the pictures at most")
    full.add_argument("--batch", type=int, default=16)
    full.add_argument("--learning-rate", type=float, default=0.0, metavar="R")
    full.add_argument(
        "--frozen", type=int, metavar="SIXTHS",
        help="of a trained network, from the picture on, that stay as they are; default 1",
    )  # fmt: skip
    full.add_argument("--patience", type=int, default=4, help="passes without progress")


def _recipe(args: argparse.Namespace) -> Recipe:
    from inference_server.training.recipe import BadRecipe, Recipe, from_settings

    names = [field.name for field in msgspec.structs.fields(Recipe)]
    given = {name: getattr(args, name, None) for name in names}
    try:
        return from_settings({name: value for name, value in given.items() if value is not None})
    except BadRecipe as error:
        raise Failure(str(error)) from error


def _train(args: argparse.Namespace) -> int:
    from db import catalogue

    recipe = _recipe(args)
    config = config_of(args)
    sessions = open_database(config)
    with sessions() as session:
        known = sorted(catalogue.load(session).plot_types, key=lambda plot: (plot.name, plot.id))
    names = {plot.name for plot in known}
    if unknown := [name for name in args.plot_types if name not in names]:
        raise Failure(
            f"No plot type is called {unknown[0]}. Known: {', '.join(sorted(names)) or 'none yet'}."
        )
    wanted = [plot for plot in known if not args.plot_types or plot.name in args.plot_types]
    if args.queue:
        return _queue(args, config, sessions, recipe, wanted)
    asking = _Asking()
    trained = [_one(args, config, sessions, plot, recipe, asking) for plot in wanted]
    return 0 if all(trained) or (any(trained) and not args.plot_types) else 1


def _queue(
    args: argparse.Namespace,
    config: Config,
    sessions: sessionmaker[Session],
    recipe: Recipe,
    wanted: list[PlotType],
) -> int:
    from db import trainings
    from db.session import transaction
    from inference_server.gateway import translate

    settings = msgspec.to_builtins(recipe) | {"activate": not args.no_activate, "why": args.why}
    with transaction(sessions) as session:
        ids = [
            trainings.queue(session, each.id, who=args.who, settings=settings) for each in wanted
        ]
        jobs = [trainings.one(session, job_id) for job_id in ids]
    for job in jobs:
        print(f"{job.plot_type}: training {job.id} waits.")
    if not tell_server(config, *(TrainingMoved(training=translate.training(job)) for job in jobs)):
        print("No server runs here; it takes them when it starts.", file=sys.stderr)
    return 0


class _Asking:
    """Ctrl+C once: keep the best so far; twice: stop at once."""

    def __init__(self) -> None:
        self._times = 0
        signal.signal(signal.SIGINT, self._heard)
        signal.signal(signal.SIGTERM, self._end)

    def _heard(self, *_: object) -> None:
        self._times += 1
        if self._times == 1:
            print("\nStops with the best so far; Ctrl+C again to stop at once.", file=sys.stderr)

    def _end(self, *_: object) -> None:
        self._times = 2

    def __call__(self) -> Wish:
        return "" if not self._times else "keep" if self._times == 1 else "stop"


def _one(
    args: argparse.Namespace,
    config: Config,
    sessions: sessionmaker[Session],
    plot: PlotType,
    recipe: Recipe,
    asking: _Asking,
) -> bool:
    """Train one plot type and say how it went."""
    from db import models
    from inference_server.cli.serve import cores
    from inference_server.training import jobs
    from inference_server.training.dataset import NotTrainable
    from inference_server.training.launch import TuneFailed
    from inference_server.training.outcome import Order
    from inference_server.training.progress import Stopped
    from inference_server.training.report import sentence

    order = Order(args.who, args.why, not args.no_activate)
    line = _Line(plot.name, args.quiet)
    try:
        model_id = jobs.train(
            config, sessions, plot.id, order, recipe, threads=cores(), tell=line, asked=asking
        )
    except Stopped as end:
        raise Failure(f"{plot.name}: {end}") from end
    except (NotTrainable, TuneFailed) as error:
        print(f"{plot.name}: not trained. {error}", file=sys.stderr)
        return False
    finally:
        line.end()
    tell_server(config, CatalogueTouched())
    with sessions() as session:
        (model,) = models.load(session, [model_id])
    if args.json:
        about = {"model_id": model_id, "plot_type": plot.name, **model.metrics}
        print_json(about)
    else:
        print(f"{plot.name}: model {model_id}. {sentence(model.metrics)}")
        for remark in model.metrics["remarks"]:
            print(f"  {remark}")
    return True


class _Line:
    """How far a training is: one line that is written anew on a terminal, a line now and then elsewhere."""

    def __init__(self, name: str, quiet: bool) -> None:
        self._name, self._quiet = name, quiet
        self._live = sys.stderr.isatty()
        self._next = time.monotonic() + (0.0 if self._live else 5.0)
        self._width = 0

    def __call__(self, told: Told) -> None:
        if self._quiet or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + (0.1 if self._live else 5.0)
        left = "" if told.seconds_left is None else f", {_span(told.seconds_left)} left"
        text = f"{self._name}: {told.fraction:.0%}{left}. {told.sentence}"
        if self._live:
            print(f"\r{text:<{self._width}}", end="", file=sys.stderr, flush=True)
            self._width = len(text)
        else:
            print(text, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Give the line back."""
        if self._width:
            print(f"\r{'':<{self._width}}\r", end="", file=sys.stderr, flush=True)


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _trainings(args: argparse.Namespace) -> int:
    from db import trainings
    from db.session import transaction
    from inference_server.gateway import translate

    config = config_of(args)
    sessions = open_database(config)
    if wanted := args.stop or args.keep:
        try:
            with transaction(sessions) as session:
                what = "stop" if args.stop else "keep"
                job = trainings.wish(session, wanted, what, args.who)
        except (KeyError, ValueError) as error:
            raise Failure(f"This cannot be done: {error.args[0]}.") from error
        tell_server(config, TrainingMoved(training=translate.training(job)))
    with sessions() as session:
        recent = trainings.recent(session)
    if args.json:
        print_json(recent)
        return 0
    for job in recent:
        print(f"{job.id}\t{job.plot_type}\t{job.state}\t{job.fraction:.0%}\t{job.sentence}")
    return 0
