"""``hydra-server run``: the real thing; and ``config``, ``migrate``, ``check`` around it."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading

import msgspec

from inference_server import config as settings
from inference_server import supervise
from inference_server.cli import check
from inference_server.cli.common import (
    Commands,
    config_of,
    may_be_dry,
    open_database,
    print_json,
    sources_of,
)
from inference_server.config import Config

log = logging.getLogger(__name__)


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    run = commands.add_parser(
        "run", parents=[common], help="watch the inboxes, judge, serve desktops"
    )
    run.add_argument(
        "--check", action="store_true", help="start nothing; say what would stand in the way"
    )
    run.set_defaults(handler=_run)
    migrate = commands.add_parser(
        "migrate", parents=[common], help="bring the database to this version"
    )
    may_be_dry(migrate)
    migrate.set_defaults(handler=_migrate)
    show = commands.add_parser("config", parents=[common], help="show the settings in force")
    show.add_argument("--origin", action="store_true", help="tell where each setting comes from")
    show.set_defaults(handler=_config)


def _run(args: argparse.Namespace) -> int:
    config = config_of(args)
    if args.check:
        return check.report(config, as_json=args.json)
    with supervise.only_one(config):
        prepare(config)
        for inbox in config.inboxes:
            log.info("watching %s", inbox.path)
        if not config.inboxes:
            log.warning("no inbox is configured: only remote feeders can bring pictures")
        supervisor = supervise.Supervisor(config)
        stop = stop_on_signals()
        try:
            supervisor.start(supervise.roles(config, cores()))
            log.info(
                "desktops connect to tcp://%s:%d; logs are in %s",
                config.host,
                config.port,
                config.log_dir,
            )
            supervisor.watch(stop)
        finally:
            log.info("stopping")
            supervisor.stop()
    return 0


def prepare(config: Config) -> None:
    """Keys made, database at this version. Raises DatabaseAway: a first start needs its database."""
    from db.session import DatabaseAway
    from inference_server.protocol import keys

    keys.server_keys(config.keys_dir)
    try:
        open_database(config)
    except DatabaseAway as error:
        # Once the catalogue has a copy on disk, verdicts can be given and journalled without it.
        if not (config.data_dir / "catalogue.json").exists():
            raise
        log.warning("%s Starting from the copy on disk; verdicts are journalled.", error)


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and Ctrl+C set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))


def _migrate(args: argparse.Namespace) -> int:
    config = config_of(args)
    if args.dry_run:
        from db import session

        steps = session.pending(config.database)
        if args.json:
            print_json(steps)
            return 0
        print("\n".join(steps) if steps else "The database is at this version.")
        return 0
    open_database(config)
    print("The database is at this version.", file=sys.stderr)
    return 0


def _config(args: argparse.Namespace) -> int:
    sources = sources_of(args)
    shown = msgspec.to_builtins(settings.joined(sources), enc_hook=str)
    for holder, key in ((shown, "database_url"), (shown["mail"], "password")):
        if holder[key]:
            holder[key] = "(set)"  # both are secrets
    if args.origin:
        origins = settings.origins(sources)
        shown = {
            key: {"value": value, "origin": origins.get(key, "default")}
            for key, value in shown.items()
        }
    print(msgspec.json.format(msgspec.json.encode(shown), indent=2).decode())
    return 0
