"""``hydra-server report``: the daily report into a file, or by e-mail."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from inference_server.cli.common import Commands, Failure, config_of, open_database

_UNITS = {"h": 1.0, "d": 24.0, "w": 168.0}


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "report", parents=[common], help="which plots were bad, for the coordinators' meeting"
    )
    parser.add_argument(
        "--since",
        default="24h",
        metavar="TIME",
        help="24h, 7d, 2w, or 2026-05-14T08:00 (default 24h)",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="NAME.pdf or NAME.html")
    parser.add_argument("--send", action="store_true", help="by e-mail to all who want it")
    parser.set_defaults(handler=_report)


def moment(text: str, now: datetime) -> datetime:
    """The time that ``text`` means. Raises Failure: it means none."""
    if found := re.fullmatch(r"(\d+)([hdw])", text):
        return now - timedelta(hours=int(found[1]) * _UNITS[found[2]])
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise Failure(f"--since {text}: write 24h, 7d, 2w, or 2026-05-14T08:00.") from error


def _report(args: argparse.Namespace) -> int:
    from db import people
    from db.session import transaction
    from inference_server import mail, report
    from inference_server.store import PictureStore

    if args.out is None and not args.send:
        raise Failure("Say where the report goes: --out FILE, or --send.")
    now, config = datetime.now(UTC), config_of(args)
    form = "pdf" if args.out is None else args.out.suffix.lstrip(".").lower()
    with transaction(open_database(config)) as session:
        store = PictureStore(config.thumbnails_dir, durable=False)
        since = moment(args.since, now)
        facts = report.gather(session, store, config.experiment, since, now)
        readers = people.report_readers(session)
    store.close()
    try:
        media, content = report.rendered(facts, form)
        if args.out is not None:
            args.out.write_bytes(content)
            print(args.out)
        if args.send:
            words = report.summary(facts)
            name = f"hydra-report.{form}"
            mail.send(config.mail, readers, report.title(facts), words, name, media, content)
            print(f"Sent to {len(readers)} readers.", file=sys.stderr)
    except (ValueError, OSError) as error:
        raise Failure(f"There is no report: {error}.") from error
    print(report.summary(facts), file=sys.stderr)
    return 0
