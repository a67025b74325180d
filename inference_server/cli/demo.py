"""``hydra-server demo``: the whole of Hydra on a simulated detector, with nothing to prepare."""

from __future__ import annotations

import argparse
import logging
import os
import socket
import sys
from pathlib import Path

import msgspec
from platformdirs import user_data_path

from inference_server import supervise
from inference_server.cli.common import Commands, Failure, at_least, config_of
from inference_server.cli.serve import cores, prepare, stop_on_signals
from inference_server.config import Config, Inbox
from inference_server.protocol.messages import Preparation

log = logging.getLogger(__name__)


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    demo = commands.add_parser(
        "demo", parents=[common], help="a simulated detector, the server, the desktop"
    )
    demo.add_argument("--headless", action="store_true", help="no desktop at all")
    demo.add_argument(
        "--seconds",
        type=at_least(0, float),
        help="stop after so long (counted from the first picture)",
    )
    demo.add_argument(
        "--report", type=Path, metavar="FILE.json", help="prove that no picture was lost"
    )
    demo.add_argument(
        "--rate", type=at_least(0, float), default=4.0,
        help="pictures a second (default 4), 0 = as fast as they can be drawn",
    )  # fmt: skip
    demo.add_argument(
        "--seed", type=at_least(0, int), default=1, help="the same one draws the same faults"
    )
    demo.add_argument(
        "--labels", type=at_least(2, int), default=12,
        help="pictures of each class to teach the heads with at the first start (default 12)",
    )  # fmt: skip
    demo.add_argument(
        "--screenshot",
        type=Path,
        default=Path("demo-screenshot.png"),
        help="kept current where there is no display",
    )
    demo.set_defaults(handler=_demo)


def _demo(args: argparse.Namespace) -> int:
    from inference_server.demo.show import NotPrepared, Show, Wishes

    config = _config(args)
    display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    wishes = Wishes(
        desktop=not args.headless, display=display, seconds=args.seconds, rate=args.rate,
        seed=args.seed, labels=args.labels, screenshot=args.screenshot.resolve(),
    )  # fmt: skip
    if wishes.desktop and not display:
        print(
            "There is no display here: the desktop runs offscreen, a line is printed for each verdict,\n"
            f"and a current screenshot is kept in {wishes.screenshot}",
            file=sys.stderr,
        )
    stop = stop_on_signals()
    with supervise.only_one(config):
        prepare(config)
        for inbox in config.inboxes:
            inbox.path.mkdir(parents=True, exist_ok=True)
        log.info("the demo keeps its data in %s", config.data_dir)
        show = Show(config, wishes, _say_nothing if args.quiet else _tell)
        try:
            report = show.run(stop, cores())
        except NotPrepared as error:
            raise Failure(str(error)) from error
    shown = msgspec.json.format(msgspec.json.encode(report), indent=2)
    if args.report:
        args.report.write_bytes(shown + b"\n")
    print(shown.decode())
    if report.lost or report.duplicated:
        raise Failure(f"{report.lost} pictures were lost and {report.duplicated} are there twice.")
    return 0


def _tell(preparation: Preparation) -> None:
    """A progress bar on stderr; the desktop has its own."""
    done = "#" * round(20 * preparation.fraction)
    print(f"[{done:<20}] {preparation.sentence}", file=sys.stderr, flush=True)


def _say_nothing(_preparation: Preparation) -> None:
    """For --quiet."""


def _config(args: argparse.Namespace) -> Config:
    """The given settings, with an inbox, a data directory and ports of the demo's own."""
    given = config_of(args)
    data_dir = args.data_dir or user_data_path("hydra-demo", appauthor=False)
    return msgspec.structs.replace(
        given,
        data_dir=data_dir.resolve(),
        experiment="Demo (simulated)",
        host="127.0.0.1",
        port=_free_port(given.port),
        inboxes=(Inbox(path=data_dir.resolve() / "inbox", run_period="RunPeriod-Demo"),),
    )


def _free_port(first: int) -> int:
    """``first``, or the next from where three ports in a row are free."""
    for port in range(first, first + 300, 3):
        if all(_is_free(port + n) for n in range(3)):
            return port
    raise Failure(f"No three free ports were found from {first} on. Set port in a settings file.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
