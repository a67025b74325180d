"""``hydra-server keys``: who may connect."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from inference_server.cli.common import Commands, Failure, config_of, may_be_dry, print_json
from inference_server.protocol import keys


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("keys", help="make, list and revoke client keys")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    make = actions.add_parser("make", parents=[common], help="a key file for one station or person")
    make.add_argument("name", help="shown wherever this client does something")
    make.add_argument("--out", type=Path, metavar="FILE", help="default: NAME.hydra-key here")
    make.add_argument(
        "--server", default="", metavar="tcp://HOST:PORT", help="address written into the key file"
    )
    make.set_defaults(handler=_make)
    listing = actions.add_parser("list", parents=[common], help="the clients that may connect")
    listing.set_defaults(handler=_list)
    revoke = actions.add_parser(
        "revoke", parents=[common], help="a client may connect no more, at once"
    )
    revoke.add_argument("name", help="as keys list shows it")
    may_be_dry(revoke)
    revoke.set_defaults(handler=_revoke)


def _make(args: argparse.Namespace) -> int:
    config = config_of(args)
    out = args.out or Path(f"{args.name}.hydra-key")
    host = "127.0.0.1" if config.host == "*" else config.host
    try:
        keys.make_client(
            config.keys_dir, args.name, out, args.server or f"tcp://{host}:{config.port}"
        )
    except keys.KeyTrouble as error:
        raise Failure(str(error)) from error
    print(out)
    print(
        f"Give {out} to {args.name} only; it is a secret. On the station: hydra-desktop --key {out}",
        file=sys.stderr,
    )
    return 0


def _list(args: argparse.Namespace) -> int:
    clients = keys.list_clients(config_of(args).keys_dir)
    if args.json:
        print_json(clients)
        return 0
    for client in clients:
        print(f"{client.name}\t{client.created:%Y-%m-%d %H:%M} UTC\t{client.public_key}")
    return 0


def _revoke(args: argparse.Namespace) -> int:
    folder = config_of(args).keys_dir
    if args.dry_run:
        if args.name not in {client.name for client in keys.list_clients(folder)}:
            raise Failure(f"There is no client {args.name}. See: hydra-server keys list")
        print(f"{args.name} could connect no more.")
        return 0
    try:
        keys.revoke_client(folder, args.name)
    except keys.KeyTrouble as error:
        raise Failure(str(error)) from error
    print(f"{args.name} may connect no more.", file=sys.stderr)
    return 0
