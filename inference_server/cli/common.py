"""What several commands need: settings from flags, a database that is up to date, progress on a terminal."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import msgspec

from inference_server import config as settings
from inference_server.config import Config, Source

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse has no public name for it


N = TypeVar("N", int, float)


class Failure(RuntimeError):
    """A command cannot do what it was asked; the message is for the person who typed it."""


def at_least(low: float, kind: Callable[[str], N]) -> Callable[[str], N]:
    """A type for argparse: a number that is not below ``low``."""

    def read(text: str) -> N:
        value = kind(text)
        if not value >= low:
            raise argparse.ArgumentTypeError(f"{text} is too small, the least is {low:g}")
        return value

    read.__name__ = kind.__name__  # argparse says "invalid int value"
    return read


def may_be_dry(parser: argparse.ArgumentParser) -> None:
    """Give a command that changes things its ``--dry-run``."""
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be done, and change nothing"
    )


def sources_of(args: argparse.Namespace) -> list[Source]:
    """Where the settings for this command come from, weakest first. Raises ConfigError."""
    flags = {"data_dir": str(args.data_dir)} if args.data_dir else {}
    return settings.sources(args.config, flags, os.environ)


def config_of(args: argparse.Namespace) -> Config:
    """The settings for this command: flags over environment over files. Raises ConfigError."""
    return settings.joined(sources_of(args))


def open_database(config: Config) -> sessionmaker[Session]:
    """Sessions on the migrated database. Raises DatabaseAway."""
    from db import session

    session.migrate(config.database)
    return session.sessions(session.connect(config.database))


def look_at_database(config: Config) -> sessionmaker[Session]:
    """Sessions for a dry run: nothing is migrated. Raises DatabaseAway, Failure: it is of another version."""
    from db import session

    if session.pending(config.database):
        raise Failure(
            "The database is not of this version yet. See: hydra-server migrate --dry-run"
        )
    return session.sessions(session.connect(config.database))


def print_json(value: object) -> None:
    """What ``--json`` gives: one line on stdout."""
    print(msgspec.json.encode(value).decode())


class Progress:
    """One line on stderr that grows in place on a terminal, and a line every few seconds elsewhere."""

    def __init__(self, what: str, quiet: bool = False) -> None:
        self._what = what
        self._quiet = quiet
        self._next = 0.0
        self._live = sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        """Say how far it is; the last call (done == total) always shows."""
        if self._quiet or (time.monotonic() < self._next and done < total):
            return
        self._next = time.monotonic() + (0.1 if self._live else 5.0)
        start = "\r" if self._live else ""
        end = "\n" if done >= total or not self._live else ""
        print(f"{start}{self._what}: {done} of {total}", end=end, file=sys.stderr, flush=True)
