"""The daily report: what is in it, that its PDF can be read, and that it reaches who wants it."""

import dataclasses
import io
import threading
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage
from PySide6.QtPdf import QPdfDocument

from db import alarms, catalogue, inferences, log, models, people, streaks
from db.session import transaction
from inference_server import cli, report
from inference_server.config import Mail
from inference_server.mail import MailTrouble, send
from inference_server.store import PictureStore
from tests.db.factories import START, inference, model
from tests.ports import free_ports

BAD = {"label": "Bad", "severity": "bad", "scores": {"Good": 0.1, "Bad": 0.9}, "confidence": 0.9}


@pytest.fixture
def facts(sessions, tmp_path):
    """A report on one streak with a comment."""
    with transaction(sessions) as session:
        plot = catalogue.register(session, "CDC_occupancy", True, group="CDC")
        catalogue.update(session, plot, who="ann", contact="Ann <chamber>")
        made = models.add(session, model(plot))
        batch = [inference(plot, chunk, model_id=made, **BAD) for chunk in (3, 4, 5)]
        inferences.store(session, batch)
        [row] = log.page(session, log.Filter())
        streaks.comment(session, row.id, who="ann", text="Crate 7 was off", at=START)
        seen = alarms.StoredEvent(
            uid="a", at=START + timedelta(minutes=6), kind="acknowledged", plot_type="CDC_occupancy",
            chunked=True, line="verdict", severity="major", condition="acknowledged",
            sentence="is Bad", who="bob", why="called Ann", run=92317, chunk=5, picture_hash="",
        )  # fmt: skip
        alarms.store(session, [], [seen])
        store = PictureStore(tmp_path / "thumbnails", durable=False)
        store.put(row.first_hash, "jpg", jpeg())
        found = report.gather(session, store, "Hall D", START, START + timedelta(hours=1))
        store.close()
    return found


@pytest.fixture
def inbox():
    """A mail server on loopback, and what it was given."""
    got = []

    class Keep:
        async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the server's name for it
            got.append(envelope)
            return "250 kept"

    controller = Controller(Keep(), hostname="127.0.0.1", port=free_ports(1))
    controller.start()
    yield controller.port, got
    controller.stop()


def test_that_the_report_tells_plot_verdict_beginning_and_length(facts):
    page = report.as_html(facts).decode()
    for words in ("CDC_occupancy", "Bad 90 %", "92317.3", "3 chunks, 2 min", "Crate 7 was off"):
        assert words in page
    assert "Ann &lt;chamber&gt;" in page
    assert "Acknowledged by bob" in page
    assert "called Ann" in page
    assert page.count("data:image/jpeg") == 1
    assert report.summary(facts) == "1 streak of bad plots, 0 unconfirmed."


def test_that_a_report_says_when_it_began_and_plots_of_no_detector_come_last(facts):
    [entry] = facts.entries
    long = dataclasses.replace(
        entry.streak, group="", chunked=False, last_at=START + timedelta(minutes=138)
    )
    other = dataclasses.replace(entry, streak=long)
    began = f"{START + timedelta(minutes=3):%d %b} "
    assert began in report.cells(entry)[2]
    assert report.cells(other)[3] == "whole run, still going on"
    chunked = dataclasses.replace(entry, streak=dataclasses.replace(long, chunked=True))
    assert report.cells(chunked)[3] == "3 chunks, 2 h 15 min, still going on"
    both = dataclasses.replace(facts, entries=(other, entry))
    assert [name for name, _ in both.by_detector] == ["CDC", "No detector"]


def test_that_the_pdf_shows_the_same_and_the_picture(facts, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(report.as_pdf(facts))
    document = QPdfDocument()
    assert document.load(str(path)) is QPdfDocument.Error.None_
    assert document.pageCount() == 1
    words = " ".join(document.getAllText(0).text().split())
    for told in (
        "Hall D: plots that were bad",
        "CDC_occupancy",
        "Bad 90 %",
        "Crate 7 was off",
        "bob",
    ):
        assert told in words
    page = document.render(0, QSize(595, 842)).convertToFormat(QImage.Format.Format_RGB32)
    colours = {page.pixel(x, y) for x in range(0, 595, 3) for y in range(0, 842, 3)}
    assert any(_is_red(QColor(colour)) for colour in colours)  # the thumbnail
    document.close()


def _is_red(colour):
    return colour.red() > 200 and colour.green() < 60 and colour.blue() < 60


def jpeg():
    held = io.BytesIO()
    Image.new("RGB", (160, 120), (255, 0, 0)).save(held, "JPEG")
    return held.getvalue()


def test_that_the_pdf_is_one(facts):
    content = report.as_pdf(facts)
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    with pytest.raises(ValueError, match="pdf or html, not doc"):
        report.rendered(facts, "doc")


def test_that_a_quiet_day_is_said_to_be_one(facts):
    quiet = report.Facts("Hall D", START, START, ())
    assert report.summary(quiet) == "No plot was bad or unconfirmed."
    assert b"No plot was bad" in report.as_html(quiet)
    assert report.as_pdf(quiet).startswith(b"%PDF-")


def test_that_every_reader_gets_the_report_by_mail(inbox):
    port, got = inbox
    mail = Mail(host="127.0.0.1", port=port, sender="hydra@hall-d")
    send(mail, ["ann@lab", "bob@lab"], "Plots", "All good.", "r.pdf", "application/pdf", b"%PDF-1")
    assert [envelope.rcpt_tos for envelope in got] == [["ann@lab"], ["bob@lab"]]
    message = message_from_bytes(got[0].content)
    assert message["Subject"] == "Plots"
    [attached] = [part for part in message.walk() if part.get_filename() == "r.pdf"]
    assert attached.get_payload(decode=True) == b"%PDF-1"


def test_that_a_mail_server_that_is_away_is_named():
    with pytest.raises(MailTrouble, match="no mail server is configured"):
        send(Mail(), [], "", "", "", "text/html", b"")
    port = free_ports(1)
    with pytest.raises(MailTrouble, match=f"127.0.0.1:{port} did not take"):
        send(Mail(host="127.0.0.1", port=port), ["a@b"], "", "", "r", "text/html", b"")
    assert threading.active_count() >= 1


def test_that_only_those_who_opted_in_are_readers(sessions):
    with transaction(sessions) as session:
        for name, wants in (("ann", True), ("bob", False)):
            people.put_user(
                session, name=name, full_name="", email=f"{name}@lab", wants_report=wants, who="me"
            )
        assert people.report_readers(session) == ["ann@lab"]
        with pytest.raises(ValueError, match="no address"):
            people.put_user(
                session, name="eve", full_name="", email="", wants_report=True, who="me"
            )


def test_that_the_last_admin_stays_one_and_every_change_is_on_record(sessions):
    with transaction(sessions) as session:
        about = {"full_name": "", "email": "", "wants_report": False, "who": "me"}
        people.put_user(session, name="ann", **about)
        right = {"name": "ann", "role": "admin", "plot_type_id": None, "who": "me"}
        people.set_right(session, **right, given=True)
        people.set_right(session, **right, given=True)
        with pytest.raises(ValueError, match="last admin"):
            people.set_right(session, **right, given=False)
        [user] = people.users(session)
        assert user.rights == (("admin", None),)
        assert [(each.what, each.subject) for each in people.trail(session)] == [
            ("right", "ann"),
            ("user", "ann"),
        ]


def test_that_the_command_writes_the_report(tmp_path, capsys):
    out = tmp_path / "report.html"
    assert (
        cli.main(["report", "--data-dir", str(tmp_path), "--since", "7d", "--out", str(out)]) == 0
    )
    assert b"No plot was bad" in out.read_bytes()
    assert cli.main(["report", "--data-dir", str(tmp_path), "--since", "x", "--out", str(out)]) == 1
    assert "write 24h, 7d, 2w" in capsys.readouterr().err
    assert cli.main(["report", "--data-dir", str(tmp_path)]) == 1


def test_that_since_is_read_as_people_write_it():
    from inference_server.cli.report import moment

    now = datetime(2026, 5, 14, 8, 0, tzinfo=UTC)
    assert moment("24h", now) == now - timedelta(days=1)
    assert moment("2w", now) == now - timedelta(days=14)
    assert moment("2026-05-14T08:00+00:00", now) == now
