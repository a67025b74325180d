"""The daily report for the run coordinators' meeting: gathered once, told as HTML or PDF."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy.orm import Session

from db import log, streaks
from db.streaks import Streak
from inference_server.store import PictureStore

ROWS = 400  # streaks in a report; a meeting reads no more
PICTURES = 24


@dataclass(frozen=True, slots=True)
class Entry:
    """One streak with what people said of it and its thumbnail (JPEG; empty: none)."""

    streak: Streak
    comments: tuple[str, ...]
    thumbnail: bytes = b""


@dataclass(frozen=True, slots=True)
class Facts:
    """All of a report. ``more``: whether streaks were left out."""

    experiment: str
    since: datetime
    until: datetime
    entries: tuple[Entry, ...]
    more: bool = False

    @property
    def by_detector(self) -> list[tuple[str, list[Entry]]]:
        """Detectors by name, plots of none at the end; in each the longest streaks first."""
        ordered = sorted(
            self.entries, key=lambda entry: (not entry.streak.group, entry.streak.group)
        )
        return [
            (name or "No detector", sorted(each, key=lambda entry: -entry.streak.length))
            for name, each in groupby(ordered, key=lambda entry: entry.streak.group)
        ]


def gather(
    session: Session, thumbnails: PictureStore, experiment: str, since: datetime, until: datetime
) -> Facts:
    """The streaks that ended between ``since`` and ``until``."""
    found = log.page(session, log.Filter(since=since, until=until), limit=ROWS + 1)
    longest = sorted(found[:ROWS], key=lambda row: -row.length)[:PICTURES]
    shown = {row.id: thumbnails.read(row.first_hash, "jpg") or b"" for row in longest}
    return Facts(
        experiment=experiment,
        since=since,
        until=until,
        entries=tuple(
            Entry(row, _comments(session, row), shown.get(row.id, b"")) for row in found[:ROWS]
        ),
        more=len(found) > ROWS,
    )


def _comments(session: Session, row: Streak) -> tuple[str, ...]:
    if not row.comments:
        return ()
    return tuple(f"{each.who}: {each.text}" for each in streaks.comments(session, row.id))


def summary(facts: Facts) -> str:
    """One sentence on all of it."""
    bad = sum(entry.streak.confirmed for entry in facts.entries)
    doubtful = len(facts.entries) - bad
    if not facts.entries:
        return "No plot was bad or unconfirmed."
    limit = f" Only the newest {ROWS} are listed." if facts.more else ""
    return f"{bad} {_many(bad, 'streak')} of bad plots, {doubtful} unconfirmed.{limit}"


def cells(entry: Entry) -> tuple[str, str, str, str, str]:
    """Plot, verdict, where it began, how long it lasted, what people said."""
    row = entry.streak
    doubt = "" if row.confirmed else "?"
    place = f"{row.run}.{row.first_chunk}" if row.chunked else str(row.run)
    lasted = f"{row.length} {_many(row.length, 'chunk')}" if row.chunked else "whole run"
    if row.chunked and (took := _duration(row.last_at - row.first_at)):
        lasted += f", {took}"
    going_on = ", still going on" if row.open else ""
    return (
        row.plot_type,
        f"{row.label}{doubt} {_percent(row.confidence)}",
        f"{place}, {row.first_at.astimezone():%d %b %H:%M}",
        lasted + going_on,
        " / ".join((*seen(row), *entry.comments)),
    )


COLUMNS = ("Plot", "Verdict", "Started at", "Lasted", "Seen and said")


def seen(row: Streak) -> tuple[str, ...]:
    """Who has acknowledged its alarm, and why; nothing where nobody has."""
    if not row.seen_by or row.seen_at is None:
        return ()
    why = f": {row.seen_why}" if row.seen_why else ""
    return (f"Acknowledged by {row.seen_by}, {row.seen_at.astimezone():%H:%M}{why}",)


def title(facts: Facts) -> str:
    """What it is and of when."""
    since = facts.since.astimezone().strftime("%d %b %Y %H:%M")
    return f"{facts.experiment}: plots that were bad, {since} to {_time(facts.until)}"


def contact(entries: Sequence[Entry]) -> str:
    """Whom to ask about a detector; empty: nobody is named."""
    named = dict.fromkeys(entry.streak.contact for entry in entries if entry.streak.contact)
    return ", ".join(named)


def as_html(facts: Facts) -> bytes:
    """One page that needs nothing else: pictures are inside it."""
    parts = [_HEAD.format(title=html.escape(title(facts))), f"<p>{html.escape(summary(facts))}</p>"]
    for name, entries in facts.by_detector:
        who = contact(entries)
        parts.append(f"<h2>{html.escape(name)}</h2>")
        parts.append(f"<p>Contact: {html.escape(who)}</p>" if who else "")
        heads = "".join(f"<th>{word}</th>" for word in COLUMNS)
        parts.append(f"<table><tr>{heads}<th>Picture</th></tr>")
        parts += [_html_row(entry) for entry in entries]
        parts.append("</table>")
    return ("\n".join(parts) + "</body></html>\n").encode()


def _html_row(entry: Entry) -> str:
    words = "".join(f"<td>{html.escape(word)}</td>" for word in cells(entry))
    picture = ""
    if entry.thumbnail:
        data = base64.b64encode(entry.thumbnail).decode()
        alt = html.escape(entry.streak.plot_type)
        picture = f'<img alt="{alt}" src="data:image/jpeg;base64,{data}">'
    return f"<tr>{words}<td>{picture}</td></tr>"


def as_pdf(facts: Facts) -> bytes:
    """A4, upright, with page numbers."""
    from reportlab.lib.enums import TA_LEFT
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import CondPageBreak, Paragraph, SimpleDocTemplate, Spacer

    styles = getSampleStyleSheet()
    styles["Title"].fontSize, styles["Title"].leading = 14, 18
    styles["Title"].alignment = TA_LEFT
    story = [
        Paragraph(html.escape(title(facts)), styles["Title"]),
        Paragraph(html.escape(summary(facts)), styles["BodyText"]),
    ]
    for name, entries in facts.by_detector:
        # A head without its first row would be alone at the foot of a page.
        story += [CondPageBreak(160), Spacer(1, 10)]
        story.append(Paragraph(html.escape(name), styles["Heading2"]))
        if who := contact(entries):
            story += [Paragraph(f"Contact: {html.escape(who)}", styles["BodyText"]), Spacer(1, 4)]
        story.append(_pdf_table(entries))
    out = io.BytesIO()
    SimpleDocTemplate(
        out, pagesize=A4, title=title(facts), leftMargin=40, rightMargin=40, topMargin=44, bottomMargin=44
    ).build(story, onFirstPage=_page_number, onLaterPages=_page_number)  # fmt: skip
    return out.getvalue()


def _pdf_table(entries: Sequence[Entry]):  # type: ignore[no-untyped-def]
    from reportlab.lib import colors
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Image, Paragraph, Table, TableStyle

    small = getSampleStyleSheet()["BodyText"].clone("small", fontSize=8, leading=10)
    rows: list[list[object]] = [[*COLUMNS, "Picture"]]
    for entry in entries:
        words: list[object] = [Paragraph(html.escape(word), small) for word in cells(entry)]
        picture = Image(io.BytesIO(entry.thumbnail), 76, 57) if entry.thumbnail else ""
        rows.append([*words, picture])
    table = Table(rows, colWidths=(116, 60, 74, 80, 104, 80), repeatRows=1, hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold"),
                ("FONTSIZE", (0, 0), (-1, 0), 8),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.grey),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return table


def _page_number(canvas, document) -> None:  # type: ignore[no-untyped-def]
    canvas.setFont("Helvetica", 8)
    canvas.drawRightString(document.pagesize[0] - 40, 24, f"Page {document.page}")


def _time(at: datetime) -> str:
    return at.astimezone().strftime("%d %b %Y %H:%M %Z").strip()


def _percent(share: float) -> str:
    """ "97 %"; never "100 %" for what is not certain: as the desktop says it."""
    whole = round(share * 100)
    return f"{min(whole, 99) if share < 1 else whole} %"


def _duration(took: timedelta) -> str:
    """ "12 min", "2 h 15 min"; empty: less than a minute."""
    hours, minutes = divmod(round(took.total_seconds() / 60), 60)
    parts = [f"{hours} h"] if hours else []
    return " ".join([*parts, f"{minutes} min"] if minutes else parts)


def _many(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"


_HEAD = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font-family: sans-serif; margin: 24px; }} table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; vertical-align: top; padding: 4px 10px; border-bottom: 1px solid #999; }}
img {{ max-width: 160px; }}
</style></head><body><h1>{title}</h1>"""
MEDIA = {"pdf": ("application/pdf", as_pdf), "html": ("text/html", as_html)}


def rendered(facts: Facts, form: str) -> tuple[str, bytes]:
    """Media type and content. Raises ValueError: there is no such format."""
    if form not in MEDIA:
        raise ValueError(f"a report is pdf or html, not {form}")
    media, render = MEDIA[form]
    return media, render(facts)
