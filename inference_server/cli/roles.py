"""``hydra-server role``: one process of a server, as the supervisor starts it."""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import threading
from pathlib import Path

from inference_server import config as settings
from inference_server import logs
from inference_server.cli.common import Commands
from inference_server.cli.serve import stop_on_signals
from inference_server.config import Config

PR_SET_PDEATHSIG = 1
PREPARE_NICE = 10  # the window and the first verdicts come before the next model


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    role = commands.add_parser(
        "role", parents=[common], help="one process of a server (the supervisor's own call)"
    )
    role.add_argument(
        "role",
        choices=(
            "gateway",
            "keeper",
            "balancer",
            "predict",
            "trainer",
            "explain",
            "feeder",
            "prepare-demo",
            "simulator",
        ),
    )
    role.add_argument("--name", default="")
    role.add_argument("--threads", type=int, default=1)
    for name, kind in (
        ("--rate", float),
        ("--seed", int),
        ("--run", int),
        ("--truth", Path),
        ("--out", Path),
        ("--taught", Path),
    ):
        role.add_argument(name, type=kind)  # of the simulator
    for name, usual in (("--labels", 12), ("--share", 0), ("--shares", 1)):
        role.add_argument(name, type=int, default=usual)  # of prepare-demo
    role.add_argument("--effective", type=Path, required=True)
    role.set_defaults(handler=_role)


def _role(args: argparse.Namespace) -> int:
    die_with_parent()
    # Before any library reads them.
    own = str(max(1, args.threads))
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = own
    config = settings.restore(args.effective)
    logs.use(config.log_format)
    stop = stop_on_signals()
    match args.role:
        case "simulator":
            from inference_server.simulator import service as simulator

            simulator.run(
                args.out, args.seed, args.rate, None, args.run, args.truth, stop, args.taught
            )
        case "prepare-demo":
            from inference_server.demo import prepare

            os.nice(PREPARE_NICE)
            share = prepare.Share(args.share, args.shares)
            prepare.run(config, args.threads, args.labels, share, stop)
        case role:
            _run(role, args.name or role, config, args.threads, stop)
    return 0


def die_with_parent() -> None:
    """A killed supervisor must not leave roles behind that a new one would meet.

    Linux' prctl(2); SIGKILL, since everything that matters is on disk by then anyway.
    """
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == 1:
        os.kill(os.getpid(), signal.SIGKILL)  # the supervisor was gone before the call


def _run(role: str, name: str, config: Config, threads: int, stop: threading.Event) -> None:
    # Imported here: only predict and training may pay for torch.
    match role:
        case "gateway":
            from inference_server.gateway import service as gateway

            gateway.run(config, stop)
        case "keeper":
            from inference_server.keeper import service as keeper

            keeper.run(config, stop)
        case "balancer":
            from inference_server import balancer

            balancer.run(config, stop)
        case "predict":
            from inference_server.predict import service as predict

            predict.run(config, name, threads, stop)
        case "trainer":
            from inference_server.training import service as trainer

            trainer.run(config, threads, stop)
        case "explain":
            from inference_server.explain import service as explain

            explain.run(config, threads, stop)
        case "feeder":
            from inference_server.feeder import service as feeder

            feeder.run(config, name, stop)
