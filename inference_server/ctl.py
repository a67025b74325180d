"""``hydra-ctl``: what an administrator asks a running server, from any machine that holds a key."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import msgspec

from inference_server.ctl_words import told, would
from inference_server.protocol.activity import GetActivity, GetStations
from inference_server.protocol.administration import (
    GetAudit,
    GetUsers,
    PutUser,
    SetRight,
    TryAgain,
)
from inference_server.protocol.client import ControlClient, LinkTimeout, Refusal
from inference_server.protocol.keys import KeyTrouble, read_key_file
from inference_server.protocol.label_rules import GetLabelRules, LabelRule, SetLabelRules
from inference_server.protocol.messages import GetQuarantine, Hello, Request
from inference_server.protocol.notices import GetNotice, SetNotice
from inference_server.protocol.people import GetMyRights, MyRights, Role
from inference_server.protocol.records import GetReport, Report
from inference_server.protocol.site import (
    GetRetention,
    GetSiteSettings,
    SetSiteSetting,
    Value,
)
from inference_server.version import version

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse has no public name for it
PATIENCE_S = 20.0


def main(argv: Sequence[str] | None = None) -> int:
    """Ask one thing. Returns 0 done, 1 refused or unreachable, 2 usage."""
    args = _parser().parse_args(argv)
    try:
        request = args.request(args)
        key = read_key_file(args.key)
        with ControlClient(args.server or key.server, key) as client:
            client.ask(Hello(client="hydra-ctl", version=version()), PATIENCE_S)
            if getattr(args, "dry_run", False) and not isinstance(request, SetSiteSetting):
                return _say(_dry(client, request))
            reply, blobs = client.ask(request, PATIENCE_S)
    except (KeyTrouble, Refusal, LinkTimeout) as error:
        print(f"hydra-ctl: {error}", file=sys.stderr)
        return 1
    if isinstance(reply, Report):
        args.out.write_bytes(blobs[0])
        return _say([str(args.out)])
    if args.json:
        return _say([msgspec.json.format(msgspec.json.encode(reply), indent=2).decode()])
    return _say(told(reply))


def _say(lines: Sequence[str]) -> int:
    print("\n".join(lines))
    return 0


def _dry(client: ControlClient, request: Request) -> Sequence[str]:
    mine, _ = client.ask(GetMyRights(), PATIENCE_S)
    assert isinstance(mine, MyRights)
    return would(request, mine)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hydra-ctl", description="Administer a running Hydra server over its own socket."
    )
    parser.add_argument("--version", action="version", version=f"hydra-ctl {version()}")
    parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="a client key")
    parser.add_argument(
        "--server", default="", metavar="tcp://HOST:PORT", help="default: the key's"
    )
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_questions(commands)
    _add_user(commands)
    for name, given in (("grant", True), ("revoke", False)):
        _add_right(commands, name, given=given)
    _add_changes(commands)
    return parser


def _add_questions(commands: Commands) -> None:
    _simple(commands, "users", "who there is, with roles", lambda _: GetUsers())
    _simple(commands, "activity", "throughput and growth", lambda _: GetActivity())
    _simple(commands, "stations", "who is connected, and who can be heard", lambda _: GetStations())
    _simple(commands, "quarantine", "pictures that were set aside", lambda _: GetQuarantine())
    _simple(commands, "settings", "what the site has decided", lambda _: GetSiteSettings())
    _simple(commands, "retention", "which pictures the rules would remove now", _retention)
    audit = _simple(commands, "audit", "who changed what", _audit)
    audit.add_argument("--subject", default="", help="of one plot type, user or model")
    audit.add_argument("--who", default="", help="what one person changed")
    audit.add_argument("--what", default="", help="one kind of change: threshold, user, ...")
    audit.add_argument("--since", type=_moment, metavar="YYYY-MM-DD", help="from then on (UTC)")
    audit.add_argument("--until", type=_moment, metavar="YYYY-MM-DD", help="before then (UTC)")
    audit.add_argument("--limit", type=int, default=50)
    report = _simple(commands, "report", "the daily report", _report)
    report.add_argument("out", type=Path, help="NAME.pdf or NAME.html")
    report.add_argument("--hours", type=float, default=24.0)
    report.add_argument("--send", action="store_true", help="by e-mail too, to all who want it")


def _add_changes(commands: Commands) -> None:
    again = _change(
        commands, "try-again", "judge a picture again", lambda a: TryAgain(kept_as=a.kept_as)
    )
    again.add_argument("kept_as", help="as hydra-ctl quarantine shows it")
    rules = _change(commands, "label-rules", "show or change what counts as the label", _rules)
    rules.add_argument("--rule", choices=[rule.value for rule in LabelRule])
    rules.add_argument("--leader-board", choices=("on", "off"))
    change = _change(commands, "set", "change a setting of the site", _set)
    change.add_argument("setting", metavar="KEY", help="as hydra-ctl settings shows it")
    change.add_argument("value", help="on, off, a number, or one of the choices")
    news = _change(commands, "news", "show the line on every desktop, or write it", _news)
    news.add_argument("text", nargs="?", help='without it: show the news; "": take them away')
    news.add_argument("--hours", type=float, help="for so long; default: until the next ones")


def _change(
    commands: Commands, name: str, words: str, request: Callable[[argparse.Namespace], Request]
) -> argparse.ArgumentParser:
    parser = _simple(commands, name, words, request)
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be done, and change nothing"
    )
    return parser


def _simple(
    commands: Commands, name: str, words: str, request: Callable[[argparse.Namespace], Request]
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=words)
    parser.set_defaults(request=request)
    return parser


def _add_user(commands: Commands) -> None:
    user = _change(commands, "user", "make or change a user", _user)
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

    right = _change(commands, name, words, request)
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
    return GetAudit(
        subject=args.subject, who=args.who, what=args.what, since=args.since, until=args.until,
        limit=args.limit,
    )  # fmt: skip


def _retention(_args: argparse.Namespace) -> Request:
    return GetRetention()


def _set(args: argparse.Namespace) -> Request:
    return SetSiteSetting(key=args.setting, value=_value(args.value), dry_run=args.dry_run)


def _news(args: argparse.Namespace) -> Request:
    if args.text is None:
        return GetNotice()
    until = datetime.now(UTC) + timedelta(hours=args.hours) if args.hours else None
    return SetNotice(text=args.text, until=until)


def _value(text: str) -> Value:
    """On and off, a number, or a word as it is."""
    if text in {"on", "off"}:
        return text == "on"
    try:
        return float(text)
    except ValueError:
        return text


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _report(args: argparse.Namespace) -> Request:
    now = datetime.now(UTC)
    form = args.out.suffix.lstrip(".").lower()
    since = now - timedelta(hours=args.hours)
    return GetReport(since=since, until=now, format=form, send=args.send)


if __name__ == "__main__":
    raise SystemExit(main())
