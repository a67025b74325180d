"""The daily report, made and sent on request."""

from __future__ import annotations

from db import people
from db.session import transaction
from inference_server import mail, report
from inference_server.gateway.answers import Handlers, Means, Result, must
from inference_server.protocol.records import GetReport, Report


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {GetReport: lambda request, who: _report(means, request, who)}


def _report(means: Means, request: GetReport, who: str) -> Result:
    with transaction(means.sessions) as session:
        if request.send:
            must(session, who, "shifter")
        readers = people.report_readers(session) if request.send else []
        facts = report.gather(
            session, means.thumbnails, means.config.experiment, request.since, request.until
        )
    media, content = report.rendered(facts, request.format)
    if request.send:
        if not readers:
            raise ValueError("nobody has asked for the report by e-mail")
        mail.send(
            means.config.mail, readers, report.title(facts), report.summary(facts),
            f"hydra-report.{request.format}", media, content,
        )  # fmt: skip
    made = Report(media_type=media, streaks=len(facts.entries), sent_to=len(readers))
    return Result(made, (content,))
