"""``hydra-ctl``: what an administrator asks a running server, from any machine that holds a key."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import msgspec

from inference_server.protocol.activity import Activity, GetActivity, GetStations, Stations
from inference_server.protocol.administration import (
    Audit,
    GetAudit,
    GetUsers,
    PutUser,
    SetRight,
    TryAgain,
    Users,
)
from inference_server.protocol.client import ControlClient, LinkTimeout, Refusal
from inference_server.protocol.keys import KeyTrouble, read_key_file
from inference_server.protocol.label_rules import (
    GetLabelRules,
    LabelRule,
    LabelRules,
    SetLabelRules,
)
from inference_server.protocol.messages import (
    Done,
    GetQuarantine,
    Hello,
    Quarantine,
    Reply,
    Request,
)
from inference_server.protocol.people import Role
from inference_server.protocol.records import GetReport, Report

Lines = list[str]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse has no public name for it
PATIENCE_S = 20.0


def main(argv: Sequence[str] | None = None) -> int:
    """Ask one thing. Returns 0 done, 1 refused or unreachable, 2 usage."""
    args = _parser().parse_args(argv)
    try:
        key = read_key_file(args.key)
        with ControlClient(args.server or key.server, key) as client:
            client.ask(Hello(client="hydra-ctl", version="0"), PATIENCE_S)
            reply, blobs = client.ask(args.request(args), PATIENCE_S)
    except (KeyTrouble, Refusal, LinkTimeout) as error:
        print(f"hydra-ctl: {error}", file=sys.stderr)
        return 1
    if isinstance(reply, Report):
        args.out.write_bytes(blobs[0])
        print(args.out)
        return 0
    if args.json:
        print(msgspec.json.format(msgspec.json.encode(reply), indent=2).decode())
        return 0
    print("\n".join(told(reply)))
    return 0


def told(reply: Reply) -> Lines:
    """An answer, as lines with tabs between the columns."""
    match reply:
        case Users(users=users):
            return [
                "\t".join((each.name, each.full_name, each.email, _rights(each.rights)))
                for each in users
            ]
        case Audit(entries=entries):
            return [
                "\t".join(
                    (f"{each.at:%Y-%m-%d %H:%M:%S}", each.who, each.what, each.subject,
                     f"{each.before} -> {each.after}")
                )
                for each in entries
            ]  # fmt: skip
        case Quarantine(items=items):
            return [f"{each.kept_as}\t{each.reason}" for each in items]
        case Activity(last_minute=minute, today=today, forecast=forecast):
            return [f"{minute} pictures in the last minute, {today} today (UTC).", forecast]
        case Stations(stations=stations):
            return [
                f"{each.name}\t{each.version}\t{each.heard_at:%H:%M:%S} UTC" for each in stations
            ]
        case LabelRules(rule=rule, leader_board=shown):
            return [f"rule\t{rule.value}", f"leader board\t{'on' if shown else 'off'}"]
        case Done(sentence=sentence):
            return [sentence]
    return [str(reply)]


def _rights(rights: Sequence[object]) -> str:
    words = []
    for each in rights:
        kind = getattr(each, "plot_type_id", None)
        role = str(getattr(each, "role", ""))
        words.append(role if kind is None else f"{role} of plot type {kind}")
    return ", ".join(words)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hydra-ctl", description="Administer a running Hydra server over its own socket."
    )
    parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="a client key")
    parser.add_argument(
        "--server", default="", metavar="tcp://HOST:PORT", help="default: the key's"
    )
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _simple(commands, "users", "who there is, with roles", lambda _: GetUsers())
    _simple(commands, "activity", "throughput and growth", lambda _: GetActivity())
    _simple(commands, "stations", "who is connected", lambda _: GetStations())
    _simple(commands, "quarantine", "pictures that were set aside", lambda _: GetQuarantine())
    _add_user(commands)
    rules = _simple(commands, "label-rules", "show or change what counts as the label", _rules)
    rules.add_argument("--rule", choices=[rule.value for rule in LabelRule])
    rules.add_argument("--leader-board", choices=("on", "off"))
    for name, given in (("grant", True), ("revoke", False)):
        _add_right(commands, name, given=given)
    audit = _simple(commands, "audit", "who changed what", _audit)
    audit.add_argument("--subject", default="", help="of one plot type, user or model")
    audit.add_argument("--limit", type=int, default=50)
    again = _simple(
        commands, "try-again", "judge a picture again", lambda a: TryAgain(kept_as=a.kept_as)
    )
    again.add_argument("kept_as", help="as hydra-ctl quarantine shows it")
    report = _simple(commands, "report", "the daily report", _report)
    report.add_argument("out", type=Path, help="NAME.pdf or NAME.html")
    report.add_argument("--hours", type=float, default=24.0)
    report.add_argument("--send", action="store_true", help="by e-mail too, to all who want it")
    return parser


def _simple(
    commands: Commands, name: str, words: str, request: Callable[[argparse.Namespace], Request]
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=words)
    parser.set_defaults(request=request)
    return parser


def _add_user(commands: Commands) -> None:
    user = _simple(commands, "user", "make or change a user", _user)
    user.add_argument("name", help="the name of the person's key")
    user.add_argument("--full-name", default="")
    user.add_argument("--email", default="")
    user.add_argument("--report", action="store_true", help="wants the daily report")


def _add_right(commands: Commands, name: str, *, given: bool) -> None:
    words = "give a role" if given else "take a role away"

    def request(args: argparse.Namespace) -> Request:
        return SetRight(
            name=args.name, role=Role(args.role), plot_type_id=args.plot_type, given=given
        )

    right = _simple(commands, name, words, request)
    right.add_argument("name")
    right.add_argument("role", choices=[role.value for role in Role])
    right.add_argument("--plot-type", type=int, metavar="ID", help="for this one only")


def _user(args: argparse.Namespace) -> Request:
    return PutUser(
        name=args.name, full_name=args.full_name, email=args.email, wants_report=args.report
    )


def _rules(args: argparse.Namespace) -> Request:
    if args.rule is None and args.leader_board is None:
        return GetLabelRules()
    return SetLabelRules(
        rule=None if args.rule is None else LabelRule(args.rule),
        leader_board=None if args.leader_board is None else args.leader_board == "on",
    )


def _audit(args: argparse.Namespace) -> Request:
    return GetAudit(subject=args.subject, limit=args.limit)


def _report(args: argparse.Namespace) -> Request:
    now = datetime.now(UTC)
    form = args.out.suffix.lstrip(".").lower()
    since = now - timedelta(hours=args.hours)
    return GetReport(since=since, until=now, format=form, send=args.send)


if __name__ == "__main__":
    raise SystemExit(main())
