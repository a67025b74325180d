"""The connection: welcome, snapshot, feed, gaps, silence, refusal, recovery."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desktop_factory import kind, png, verdict
from desktop_server import SmallServer
from pytestqt.qtbot import QtBot

from hydra_desktop.link import state as states
from hydra_desktop.link.arrival import Arrival, decoded
from hydra_desktop.link.control import Control
from hydra_desktop.link.follow import Follower, Numbered
from hydra_desktop.link.link import Link
from hydra_desktop.link.sockets import feed_address
from hydra_desktop.link.state import LinkState, Stage, sentence
from inference_server.protocol.keys import make_client, revoke_client
from inference_server.protocol.messages import (
    GetPicture,
    GetSnapshot,
    Heartbeat,
    Hello,
    Judged,
    Picture,
    Refused,
    Snapshot,
)

AT = datetime(2026, 5, 14, 8, 11, 50, tzinfo=UTC)


@pytest.fixture
def link(qtbot: QtBot) -> Iterator[Link]:
    made = Link()
    yield made
    made.close()


def connect(link: Link, server: SmallServer, qtbot: QtBot) -> None:
    with qtbot.waitSignal(link.restored):
        link.open(server.address, "", "here")
    assert server.subscribed.wait(60)


def beat(number: int, session: str = "first") -> Numbered:
    return Numbered(session, number, Arrival(Heartbeat(at=AT + timedelta(seconds=number))))


# ---------------------------------------------------------------- pure parts


def test_that_news_wait_for_the_snapshot_and_then_go_on_top() -> None:
    follower = Follower()
    assert follower.take([beat(4), beat(5), beat(6)]) == []
    assert follower.restore("first", 5) == [beat(6).arrival]
    assert follower.take([beat(7)]) == [beat(7).arrival]


def test_that_a_gap_asks_for_a_snapshot_and_loses_nothing_after_it() -> None:
    follower = Follower()
    follower.restore("first", 5)
    assert follower.take([beat(6), beat(8), beat(9)]) == [beat(6).arrival]
    assert not follower.in_step
    assert follower.gaps == 1
    assert follower.restore("first", 8) == [beat(9).arrival]
    assert follower.in_step


def test_that_another_session_is_another_server_and_no_gap() -> None:
    follower = Follower()
    follower.restore("first", 5)
    assert follower.take([beat(1, "second")]) == []
    assert not follower.in_step
    assert follower.gaps == 0
    assert follower.restore("second", 0) == [beat(1, "second").arrival]


def test_that_what_was_shown_already_is_not_shown_again() -> None:
    follower = Follower()
    follower.restore("first", 5)
    assert follower.take([beat(4), beat(5), beat(6)]) == [beat(6).arrival]


def test_that_every_stage_has_its_sentence() -> None:
    start = LinkState(address="tcp://dqm-1:5700", changed_at=AT)
    assert sentence(start, AT) == "Connecting to tcp://dqm-1:5700."
    assert "does not answer" in sentence(start, AT + timedelta(seconds=9))
    well = states.welcomed(start, AT, "dqm-1")
    assert sentence(well, AT) == ""
    quiet = states.silent(states.heard(well, AT), AT + timedelta(seconds=4))
    words = sentence(quiet, AT + timedelta(seconds=46))
    assert "What you see is 46 s old." in words
    assert AT.astimezone().strftime("%H:%M:%S") in words
    no = states.refused(start, AT, "The server refuses this station's key.")
    assert sentence(no, AT) == "The server refuses this station's key."
    assert [s.lost for s in (start, well, quiet, no)] == [True, False, True, True]


def test_that_silence_matters_only_to_who_was_connected() -> None:
    start = LinkState(changed_at=AT)
    assert states.silent(start, AT).stage is Stage.CONNECTING
    refused = states.refused(start, AT, "no")
    assert states.silent(refused, AT).stage is Stage.REFUSED


@pytest.mark.parametrize(
    ("port", "expected"), [(0, "tcp://dqm-1:5701"), (6000, "tcp://dqm-1:6000")]
)
def test_that_the_feed_is_where_the_server_says_or_on_the_next_port(
    port: int, expected: str
) -> None:
    assert feed_address("tcp://dqm-1:5700", port) == expected


def test_that_a_broken_thumbnail_is_no_picture() -> None:
    assert decoded(b"") is None
    assert decoded(b"not a picture") is None
    image = decoded(png())
    assert image is not None
    assert image.width() == 40


# ---------------------------------------------------------------- over real sockets


def test_that_a_snapshot_comes_first_and_then_the_feed(
    link: Link, server: SmallServer, qtbot: QtBot
) -> None:
    server.speaking.snapshot = Snapshot(session="first", sequence=0, plot_types=(kind(1),))
    connect(link, server, qtbot)
    assert link.state.stage is Stage.CONNECTED
    with qtbot.waitSignal(link.arrived) as caught:
        server.say(Judged(verdict=verdict(1)), png())
    (arrival,) = caught.args[0]
    assert arrival.message.verdict.plot_type == "Plot_001"
    assert arrival.image.width() == 40


def test_that_news_published_before_the_snapshot_are_not_lost(
    link: Link, server: SmallServer, qtbot: QtBot
) -> None:
    connect(link, server, qtbot)
    seen: list[Arrival] = []
    link.arrived.connect(seen.extend)
    for _ in range(200):
        server.say(Heartbeat(at=AT))
    qtbot.waitUntil(lambda: len(seen) == 200)
    assert link.state.stage is Stage.CONNECTED


def test_that_a_gap_brings_a_new_snapshot(link: Link, server: SmallServer, qtbot: QtBot) -> None:
    connect(link, server, qtbot)
    counts: list[tuple[int, int]] = []
    link.counted.connect(lambda number, gaps: counts.append((number, gaps)))
    server.say(Heartbeat(at=AT))
    qtbot.waitUntil(lambda: (1, 0) in counts)
    server.speaking.snapshot = Snapshot(session="first", sequence=7)
    with qtbot.waitSignal(link.restored):
        server.say(Heartbeat(at=AT), lost=5)
    qtbot.waitUntil(lambda: (7, 1) in counts)


def test_that_an_answer_finds_its_question(link: Link, server: SmallServer, qtbot: QtBot) -> None:
    connect(link, server, qtbot)
    server.speaking.pictures["abc"] = png(800, 600)
    with qtbot.waitSignal(link.answered) as caught:
        ticket = link.ask(GetPicture(picture_hash="abc"))
    assert caught.args[0] == ticket
    assert isinstance(caught.args[1].message, Picture)
    assert caught.args[1].image.width() == 800


def test_that_a_refused_question_says_why(link: Link, server: SmallServer, qtbot: QtBot) -> None:
    connect(link, server, qtbot)
    with qtbot.waitSignal(link.failed) as caught:
        ticket = link.ask(GetPicture(picture_hash="gone"))
    assert caught.args[0] == ticket
    assert caught.args[1].words == "This picture is gone."


def test_that_a_question_without_a_connection_fails_later_and_not_at_once(
    link: Link, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(link.failed) as caught:
        ticket = link.ask(GetSnapshot())
    assert caught.args[0] == ticket


def test_that_a_refusing_server_is_told_from_one_that_is_down(
    link: Link, server: SmallServer, qtbot: QtBot
) -> None:
    server.speaking.refusal = Refused(
        code="version",
        sentence="This desktop is older than the server.",
        next_step="Install version 2 here.",
    )
    link.open(server.address, "", "here")
    qtbot.waitUntil(lambda: link.state.stage is Stage.REFUSED)
    assert link.state.reason == "This desktop is older than the server. Install version 2 here."
    server.speaking.refusal = None
    qtbot.waitUntil(lambda: link.state.stage is Stage.CONNECTED)


def test_that_nobody_at_the_address_is_connecting_and_not_refused(link: Link, qtbot: QtBot) -> None:
    server = SmallServer()
    server.close()
    link.open(server.address, "", "here")
    with qtbot.waitSignal(link.failed) as caught:
        link.ask(GetPicture(picture_hash="x")) and link.ask(GetSnapshot())
    assert caught.args[1].code == "timeout"
    assert link.state.stage is Stage.CONNECTING


def test_that_a_dead_server_is_noticed_and_a_new_one_followed(link: Link, qtbot: QtBot) -> None:
    first = SmallServer()
    connect(link, first, qtbot)
    first.say(Heartbeat(at=AT))
    qtbot.waitUntil(lambda: link.state.heard_at is not None)
    port = first.port
    first.close()
    qtbot.waitUntil(lambda: link.state.stage is Stage.RECONNECTING)
    second = SmallServer(port)
    try:
        second.speaking.snapshot = Snapshot(session="second", sequence=3)
        with qtbot.waitSignal(link.restored) as caught:
            pass
        assert caught.args[0].session == "second"
        assert link.state.stage is Stage.CONNECTED
        assert any(isinstance(request, Hello) for request in second.speaking.asked)
    finally:
        link.close()
        second.close()


def test_that_closing_and_opening_again_leaves_one_connection(
    link: Link, server: SmallServer, qtbot: QtBot
) -> None:
    connect(link, server, qtbot)
    connect(link, server, qtbot)
    link.close()
    link.close()


# ---------------------------------------------------------------- keys


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[SmallServer]:
    made = SmallServer(keys_dir=tmp_path / "keys")
    yield made
    made.close()


def test_that_a_known_key_opens_both_sockets(
    link: Link, locked: SmallServer, tmp_path: Path, qtbot: QtBot
) -> None:
    make_client(tmp_path / "keys", "here", tmp_path / "here.key", locked.address)
    with qtbot.waitSignal(link.restored):
        link.open(locked.address, str(tmp_path / "here.key"), "here")
    assert locked.subscribed.wait(60)
    with qtbot.waitSignal(link.arrived):
        locked.say(Heartbeat(at=AT))


def test_that_a_revoked_key_is_refused_and_told_so(
    link: Link, locked: SmallServer, tmp_path: Path, qtbot: QtBot
) -> None:
    make_client(tmp_path / "keys", "here", tmp_path / "here.key", locked.address)
    revoke_client(tmp_path / "keys", "here")
    link.open(locked.address, str(tmp_path / "here.key"), "here")
    qtbot.waitUntil(lambda: link.state.stage is Stage.REFUSED)
    assert link.state.reason.startswith("The server refuses this station's key.")


def test_that_no_key_at_all_is_refused_too(link: Link, locked: SmallServer, qtbot: QtBot) -> None:
    link.open(locked.address, "", "here")
    qtbot.waitUntil(lambda: link.state.stage is Stage.REFUSED)
    assert "encryption" in link.state.reason


def test_that_a_key_taken_back_in_mid_session_is_said(
    link: Link, server: SmallServer, qtbot: QtBot
) -> None:
    connect(link, server, qtbot)
    server.speaking.forbidden = Refused(code="forbidden", sentence="This key was revoked.")
    link.ask(GetPicture(picture_hash="x"))
    qtbot.waitUntil(lambda: link.state.stage is Stage.REFUSED)
    assert link.state.reason == "This key was revoked."


@pytest.mark.parametrize(
    ("key", "words"), [("missing.key", "cannot be read"), ("wide.key", "chmod 600")]
)
def test_that_an_unusable_key_file_is_said_before_anything_is_sent(
    link: Link, server: SmallServer, tmp_path: Path, qtbot: QtBot, key: str, words: str
) -> None:
    (tmp_path / "wide.key").touch(mode=0o644)
    link.open(server.address, str(tmp_path / key), "here")
    qtbot.waitUntil(lambda: link.state.stage is Stage.REFUSED)
    assert words in link.state.reason
    assert server.speaking.asked == []


def test_that_a_thing_that_is_no_address_is_said(link: Link, qtbot: QtBot) -> None:
    link.open("dqm-1", "", "here")
    qtbot.waitUntil(lambda: link.state.stage is Stage.REFUSED)
    assert "tcp://host:5700" in link.state.reason


def test_that_a_key_for_another_server_is_not_taken_for_silence(
    link: Link, locked: SmallServer, tmp_path: Path, qtbot: QtBot
) -> None:
    make_client(tmp_path / "others", "here", tmp_path / "here.key", locked.address)
    link.open(locked.address, str(tmp_path / "here.key"), "here")
    qtbot.waitUntil(lambda: link.state.stage is Stage.REFUSED)
    assert "encryption" in link.state.reason


@pytest.mark.timeout(60)
def test_that_a_window_asks_on_though_its_connection_hears_nothing(server: SmallServer) -> None:
    control = Control(server.address, "", "here")
    for ticket in range(5000):
        control.ask(ticket, GetSnapshot())
    control.close()
