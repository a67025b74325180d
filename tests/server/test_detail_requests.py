"""What the detail view asks of a real gateway: history, reference, facts, votes, log book, runs, news."""

from __future__ import annotations

import http.server
import socketserver
import threading
from contextlib import contextmanager
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select

from db import catalogue, inferences, labels, models, rights
from db.session import transaction
from db.tables.people import RightRow, UserRow
from inference_server import config as settings
from inference_server import logbook
from inference_server.config import Logbook
from inference_server.gateway.requests import Requests
from inference_server.protocol import detail as d
from inference_server.protocol import notices as n
from inference_server.protocol.messages import Done, Refused
from tests.db.factories import START, inference, model

WHO = "counting-room-3"


@pytest.fixture
def config(tmp_path):
    return settings.load(None, {"data_dir": str(tmp_path)})


@pytest.fixture
def kind(sessions):
    """A plot type with classes, a model, and nine chunks: 6 and 7 are Bad, 5 is Unconfirmed Good."""
    with transaction(sessions) as session:
        for name, severity in (("Good", "good"), ("Bad", "bad")):
            catalogue.ensure_class(session, name, severity)
        number = catalogue.register(session, "CDC_occupancy", chunked=True, classes=("Good", "Bad"))
        made = models.add(session, model(number))
        bad = {"label": "Bad", "severity": "bad"}
        inferences.store(
            session,
            [
                inference(
                    number, chunk, model_id=made, confirmed=chunk != 5, **(bad if chunk in (6, 7) else {})
                )
                for chunk in range(1, 10)
            ],
        )  # fmt: skip
    return number


@pytest.fixture
def ask(config, sessions, kind):
    made = []

    def asked(request, who=WHO, changed=None):
        made.append(Requests(msgspec.structs.replace(config, **(changed or {})), sessions))
        return made[-1].answer(request, who)

    yield asked
    for each in made:
        each.close()


def chunks(result):
    return [each.chunk for each in result.reply.verdicts]


def at(chunk):
    return START + timedelta(minutes=chunk)


def test_that_history_walks_to_both_sides_of_a_moment(ask, kind):
    around = ask(d.GetHistoryOf(plot_type_id=kind, at=at(5), before=3, after=2))
    assert chunks(around) == [3, 4, 5, 6, 7]
    assert chunks(ask(d.GetHistoryOf(plot_type_id=kind, before=2))) == [8, 9]
    beyond = ask(d.GetHistoryOf(plot_type_id=kind, at=at(9), before=0, after=4))
    assert chunks(beyond) == []


def test_that_history_brings_a_thumbnail_for_each_verdict(ask, kind, config):
    from inference_server.store import PictureStore

    store = PictureStore(config.thumbnails_dir, durable=False)
    store.put(inference(kind, 9).picture_hash, "jpg", b"nine")
    result = ask(d.GetHistoryOf(plot_type_id=kind, before=2, thumbnails=True))
    assert result.blobs == (b"", b"nine")


def test_that_the_reference_is_the_last_confirmed_good_before(ask, kind):
    found = ask(d.GetReference(plot_type_id=kind, before=at(7))).reply
    assert found.verdict.chunk == 4
    none = ask(d.GetReference(plot_type_id=kind, before=at(1))).reply
    assert isinstance(none, Refused)
    assert none.sentence == "There is no earlier Good picture of this plot."


def test_that_the_detail_names_model_thresholds_and_streak(ask, kind, sessions):
    wanted = d.GetDetail(plot_type_id=kind, picture_hash=inference(kind, 7).picture_hash)
    found = ask(wanted).reply
    assert found.model_name == "CDC_occupancy 1"
    assert {each.class_name: each.value for each in found.thresholds} == {"Good": 0.5, "Bad": 0.65}
    assert found.thresholds[0].method == "max_f1"
    assert (found.in_a_row, found.streak_since) == (2, at(6))
    assert found.classes == ("Good", "Bad")
    assert found.may_label
    assert found.label == ""
    assert found.logbook == ""


def vote(kind, **extra):
    filled = {
        "picture_hash": inference(kind, 7).picture_hash,
        "class_name": "Bad",
        "client_id": "v1",
    }
    return d.CastVote(plot_type_id=kind, **(filled | extra))


def test_that_a_vote_counts_once_under_the_persons_name(ask, kind, sessions):
    first = ask(vote(kind, person="ann")).reply
    again = ask(vote(kind, person="ann")).reply
    assert isinstance(first, Done)
    assert first == again
    found = ask(d.GetDetail(plot_type_id=kind, picture_hash=vote(kind).picture_hash)).reply
    assert (found.label, found.label_by) == ("Bad", "ann")
    with transaction(sessions) as session:
        assert [each.who for each in labels.export(session)] == ["ann"]


def test_that_a_class_of_another_plot_is_refused(ask, kind):
    refused = ask(vote(kind, class_name="LED")).reply
    assert refused.sentence == "This cannot be done: CDC_occupancy has no class LED."


def as_viewer(sessions):
    """From now on there is an admin, and whoever has no role may only look."""
    with transaction(sessions) as session:
        session.add(UserRow(name="boss", created_at=START))
        session.flush()
        boss = session.scalars(select(UserRow)).one()
        session.add(RightRow(user_id=boss.id, role="admin", plot_type_id=None))
    with transaction(sessions) as session:
        assert not rights.of(session, WHO).open_house


def test_that_a_viewer_may_look_but_neither_label_nor_write(ask, kind, sessions):
    as_viewer(sessions)
    found = ask(d.GetDetail(plot_type_id=kind, picture_hash=vote(kind).picture_hash)).reply
    assert not found.may_label
    entry = d.WriteLogEntry(
        plot_type_id=kind, picture_hash=found.picture_hash, text="HV", client_id="e1"
    )
    for request in (vote(kind), entry, n.SetNotice(text="Beam at 7")):
        refused = ask(request).reply
        assert isinstance(refused, Refused)
        assert refused.code == "forbidden-role"


def test_that_runs_and_the_last_verdicts_of_one_are_found(ask, kind, sessions):
    with transaction(sessions) as session:
        other = inference(kind, 3, run=92318, judged_at=START + timedelta(hours=1))
        inferences.store(session, [other])
    runs = ask(d.GetRuns()).reply.runs
    assert [each.run for each in runs] == [92318, 92317]
    result = ask(d.GetRun(run=92317, run_period=runs[1].run_period))
    assert [(each.run, each.chunk) for each in result.reply.verdicts] == [(92317, 9)]
    assert result.blobs == (b"",)


# ---------------------------------------------------------------- news


def test_that_news_are_told_kept_and_taken_away(ask):
    posted = ask(n.SetNotice(text="  Solenoid ramps \n down. ", person="ann"))
    (news,) = posted.news
    assert (news.notice.text, news.notice.who) == ("Solenoid ramps down.", "ann")
    assert ask(n.GetNotice()).reply.notice == news.notice
    assert ask(n.SetNotice(text="")).news == (n.NoticePosted(notice=None),)
    assert ask(n.GetNotice()).reply.notice is None


def test_that_news_end_at_their_time_and_are_one_line(ask):
    ask(n.SetNotice(text="Old", until=START))
    assert ask(n.GetNotice()).reply.notice is None
    assert "300 are the most" in ask(n.SetNotice(text="x" * 301)).reply.sentence


# ---------------------------------------------------------------- log book


def entry(kind, text="High voltage of sector 2 was off."):
    wanted = inference(kind, 7).picture_hash
    return d.WriteLogEntry(
        plot_type_id=kind, picture_hash=wanted, text=text, client_id="e-1", person="ann"
    )


def test_that_without_a_log_book_the_next_step_is_named(ask, kind):
    assert "can do so in [logbook]" in ask(entry(kind)).reply.sentence


def test_that_an_entry_becomes_one_text_and_one_picture_however_often_it_is_sent(
    ask, kind, config, tmp_path
):
    from inference_server.store import PictureStore

    PictureStore(config.pictures_dir).put(inference(kind, 7).picture_hash, "png", b"picture")
    book = Logbook(kind="file", folder=tmp_path / "book")
    for _ in range(2):
        done = ask(entry(kind), changed={"logbook": book}).reply
        assert isinstance(done, Done)
    files = sorted(path for path in (tmp_path / "book").rglob("*") if path.is_file())
    assert [path.suffix for path in files] == [".png", ".txt"]
    assert files[0].read_bytes() == b"picture"
    text = files[1].read_text()
    assert text.startswith("High voltage of sector 2 was off.")
    assert "Run: 92317.7" in text
    assert "Verdict: Bad 0.970, Confirmed" in text
    assert "By: ann" in text


def made_entry():
    return logbook.Entry(
        key="k1", at=START, who="ann", plot_type="CDC", run="1.2", verdict="Bad 0.9, Confirmed",
        text="Off.", picture=b"\x89PNG data", extension="png",
    )  # fmt: skip


class _Form(http.server.BaseHTTPRequestHandler):
    got: list[bytes] = []
    status = 200

    def do_POST(self):
        self.got.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_args):
        """Not on the test's output."""


class _Mail(socketserver.StreamRequestHandler):
    """Just enough SMTP to take one message."""

    got: list[str] = []

    def handle(self):
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line.split()[0].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go\r\n")
                lines = []
                while (text := self.rfile.readline()) != b".\r\n":
                    lines.append(text.decode())
                self.got.append("".join(lines))
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


@contextmanager
def serving(handler):
    handler.got.clear()
    server = socketserver.TCPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_that_an_http_log_book_gets_a_form_with_the_picture():
    with serving(_Form) as port:
        book = Logbook(kind="http", url=f"http://127.0.0.1:{port}/new")
        assert logbook.write(book, made_entry()) == book.url
    (body,) = _Form.got
    assert b'name="title"\r\n\r\nCDC, run 1.2: Bad 0.9, Confirmed' in body
    assert b"\x89PNG data" in body


def test_that_an_http_log_book_that_says_no_is_told(monkeypatch):
    monkeypatch.setattr(_Form, "status", 403)
    with serving(_Form) as port, pytest.raises(logbook.LogbookError, match="answered 403"):
        logbook.write(Logbook(kind="http", url=f"http://127.0.0.1:{port}/"), made_entry())


def test_that_an_entry_goes_by_email_with_the_picture():
    with serving(_Mail) as port:
        book = Logbook(kind="email", smtp_host="127.0.0.1", smtp_port=port, recipients=("a@b",))
        assert logbook.write(book, made_entry()) == "e-mail to a@b"
    (letter,) = _Mail.got
    assert "Subject: [Hydra] CDC, run 1.2: Bad 0.9, Confirmed" in letter
    assert "CDC_1.2_k1.png" in letter


def test_that_a_log_book_that_is_away_is_said_in_a_sentence():
    with serving(_Form) as port:
        pass
    with pytest.raises(logbook.LogbookError, match="cannot be reached"):
        logbook.write(Logbook(kind="http", url=f"http://127.0.0.1:{port}/"), made_entry())


def test_that_strips_tell_the_last_verdicts_of_each_plot_in_order(ask, kind, sessions):
    with transaction(sessions) as session:
        empty = catalogue.register(session, "FCAL_occupancy", chunked=True)
    strips = ask(d.GetStrips(length=4)).reply.strips
    assert [(mark.severity, mark.confirmed) for mark in strips[kind]] == [
        ("bad", True),
        ("bad", True),
        ("good", True),
        ("good", True),
    ]
    assert strips[kind][0].at == at(6)
    assert strips[empty] == ()
