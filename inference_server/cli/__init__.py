"""The command line of the server: data on stdout, messages on stderr; exit 0 ok, 1 failed, 2 usage."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from db.session import DatabaseAway
from inference_server.cli import data, demo, keys, models, report, retention, roles, serve, train
from inference_server.cli.common import Failure
from inference_server.config import ConfigError
from inference_server.labelled_files import BadTable
from inference_server.predict.weights import BackboneError, NetworkError
from inference_server.protocol.keys import KeyTrouble
from inference_server.supervise import AlreadyRunning
from inference_server.version import version

TALKATIVE = ("alembic", "onnx_ir", "onnxscript", "torch")  # of use with --verbose only
# What a person can help: said in one sentence. Anything else is a bug and shows where it broke.
EXPECTED = (
    ConfigError, Failure, DatabaseAway, AlreadyRunning, BadTable, BackboneError, NetworkError, KeyTrouble,
)  # fmt: skip
GROUPS = (serve, demo, data, train, models, keys, report, retention, roles)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status."""
    parser = _parser()
    args = parser.parse_args(argv)
    logging.basicConfig(
        level=logging.DEBUG if args.verbose else logging.WARNING if args.quiet else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.DEBUG if args.verbose else logging.WARNING)
    try:
        status: int = args.handler(args)
    except EXPECTED as error:
        print(f"hydra-server: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader of our output has gone (`export ... | head`); Python must not flush to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        logging.getLogger(__name__).debug("the whole story", exc_info=error)
        where = f"{error.filename}: " if error.filename else ""
        print(f"hydra-server: {where}{error.strerror or error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hydra-server",
        description="Judge monitoring plots: watch directories, train models, serve desktops.",
    )
    parser.add_argument("--version", action="version", version=f"hydra-server {version()}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--config", type=Path, metavar="FILE", help="settings (TOML); see docs/configuration.md"
    )
    common.add_argument(
        "--data-dir", type=Path, metavar="DIR", help="where pictures, models and keys are kept"
    )
    common.add_argument("--json", action="store_true", help="machine-readable output")
    common.add_argument("-q", "--quiet", action="store_true", help="only warnings and errors")
    common.add_argument("-v", "--verbose", action="store_true", help="tell every step")
    for group in GROUPS:
        group.add(commands, common)
    return parser
