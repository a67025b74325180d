"""``hydra-server retention``: what the rules would remove, and removing it while no server runs."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Mapping
from datetime import UTC, datetime

from inference_server import retention_rules, supervise
from inference_server.cli.common import (
    Commands,
    config_of,
    look_at_database,
    may_be_dry,
    open_database,
    print_json,
)


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "retention",
        parents=[common],
        help="remove pictures by the rules in force; a server that runs does so by itself",
    )
    may_be_dry(parser)
    parser.set_defaults(handler=_retention)


def _retention(args: argparse.Namespace) -> int:
    from db.session import transaction
    from inference_server.keeper.journal import Journal
    from inference_server.keeper.retention import Retention

    config = config_of(args)
    if args.dry_run:
        with transaction(look_at_database(config)) as session:
            rules = retention_rules.in_force(session, config.store)
            plan = retention_rules.plan(session, rules, datetime.now(UTC))
        told = {"pictures": plan.pictures, "bytes": plan.size, "stored": plan.stored}
        _tell(args, told, plan.sentence)
        return 0
    with supervise.only_one(config):  # the keeper of a running server must not be surprised
        sessions = open_database(config)
        retention = Retention(
            config, sessions, sessions, Journal(config.journal_dir), threading.Lock()
        )
        removed = retention.tidy(datetime.now(UTC))
    _tell(args, {"pictures": removed}, f"{removed} pictures removed.")
    return 0


def _tell(args: argparse.Namespace, told: Mapping[str, int | None], sentence: str) -> None:
    if args.json:
        print_json(told)
    else:
        print(sentence)
