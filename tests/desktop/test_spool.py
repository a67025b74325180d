"""The file of votes that the server does not have: half lines, full disks, two programs at once."""

from __future__ import annotations

import os
import resource
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from hydra_desktop.label_session import Change, Circumstances, LabelSession
from hydra_desktop.spool import LEFT_S, Spool
from inference_server.protocol.labelling import Vote


def vote(number: int) -> Vote:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    return Vote(client_id=f"v{number}", picture_id=number, class_name="Good", at=at)


def waiting(path) -> list[str]:
    """What a program that starts now finds."""
    spool = Spool(path)
    found = list(spool.waiting)
    spool.close()
    return found


@contextmanager
def no_room_beyond(size: int):
    """Files cannot grow beyond ``size``: as on a full disk, the end of a write is left out."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_that_a_vote_after_half_a_line_is_not_lost(tmp_path):
    path = tmp_path / "votes.jsonl"
    first = Spool(path)
    first.add([vote(1), vote(2)])
    first.close()
    path.write_bytes(path.read_bytes()[:-20])  # the machine lost power in the middle of a line
    second = Spool(path)
    second.add([vote(3)])
    second.close()
    assert waiting(path) == ["v1", "v3"]


def test_that_a_full_disk_is_said_and_what_it_lacks_is_written_later(tmp_path):
    path = tmp_path / "votes.jsonl"
    spool = Spool(path)
    spool.add([vote(1)])
    with no_room_beyond(path.stat().st_size + 30):
        spool.add([vote(2)])
        spool.kept(("v1",))
        assert spool.trouble
        assert list(spool.waiting) == ["v2"]  # it is sent nevertheless
    spool.add([vote(3)])
    assert not spool.trouble
    spool.close()
    assert waiting(path) == ["v2", "v3"]


def test_that_a_second_program_keeps_its_own_file_which_the_next_one_takes_over(tmp_path):
    path = tmp_path / "votes.jsonl"
    first, second = Spool(path), Spool(path)
    first.add([vote(1)])
    second.add([vote(2)])
    second.close()
    first.close()
    assert waiting(path) == ["v1", "v2"]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["votes.jsonl"]


def test_that_what_the_file_lacks_is_written_at_the_end_when_there_is_room_again(tmp_path):
    path = tmp_path / "votes.jsonl"
    spool = Spool(path)
    with no_room_beyond(10):
        spool.add([vote(1)])
    spool.close()
    assert not spool.trouble
    assert waiting(path) == ["v1"]


def test_that_a_disk_that_cannot_sync_at_the_end_is_given_back_nevertheless(tmp_path):
    path = tmp_path / "votes.jsonl"
    spool = Spool(path)
    reading, writing = os.pipe()
    os.dup2(writing, spool._file)  # nothing that a sync works on
    spool.close()
    for end in (reading, writing):
        os.close(end)
    assert spool.trouble
    Spool(path).close()
    assert [each.name for each in tmp_path.iterdir()] == ["votes.jsonl"]  # its lock was free


def left_by_another_station(path) -> None:
    """A vote in a file whose holder is a program of another machine."""
    spool = Spool(path)
    spool.add([vote(1)])
    spool.close()
    Path(f"{path}.lock").write_text("1\nhydra\nelsewhere\nits-machine\nits-boot\n")


def grow_old(path) -> None:
    """Nothing was heard of its holder for long."""
    then = time.time() - 2 * LEFT_S
    for each in (path, f"{path}.lock"):
        os.utime(each, (then, then))


def test_that_what_another_station_left_is_told_and_taken_over_when_it_is_silent(tmp_path):
    path = tmp_path / "votes.jsonl"
    left_by_another_station(path)
    spool = Spool(path)
    assert (list(spool.waiting), spool.of_others) == ([], {path: 1})
    grow_old(path)
    spool.look_about()
    assert (list(spool.waiting), spool.of_others) == (["v1"], {})
    spool.close()
    assert sorted(each.name for each in tmp_path.glob("*.jsonl")) == ["votes-2.jsonl"]


def test_that_a_holder_that_was_silent_but_lives_loses_no_vote(tmp_path):
    path = tmp_path / "votes.jsonl"
    silent, other = Spool(path), Spool(path)
    silent.add([vote(1)])
    grow_old(path)
    other.look_about()
    silent.add([vote(2)])  # into a file that is no more
    silent.look_about()
    for spool in (silent, other):
        spool.close()
    assert waiting(path) == ["v1", "v2"]


def test_that_a_holder_that_is_heard_of_keeps_its_file(tmp_path):
    path = tmp_path / "votes.jsonl"
    first, other = Spool(path), Spool(path)
    first.add([vote(1)])
    grow_old(path)
    first.look_about()
    other.look_about()
    assert (list(other.waiting), other.of_others) == ([], {path: 1})
    for spool in (first, other):
        spool.close()


def test_that_votes_wait_for_the_server_they_were_made_for(tmp_path):
    path = tmp_path / "votes.jsonl"
    spool = Spool(path)
    for server, number in (("A", 1), ("B", 2)):
        spool.use(server, f"tcp://{server}")
        spool.add([vote(number)])
    assert (list(spool.waiting), spool.for_others) == (["v2"], {"tcp://A": 1})
    spool.close()
    again = Spool(path)
    assert (list(again.waiting), again.for_others) == ([], {"tcp://A": 1, "tcp://B": 1})
    again.use("A", "tcp://A")
    assert list(again.waiting) == ["v1"]
    again.kept(("v1",))
    again.use("B", "tcp://B")
    assert (list(again.waiting), again.for_others) == (["v2"], {})
    again.close()


def test_that_votes_of_a_file_without_servers_go_to_the_first_one_and_to_no_other(tmp_path):
    path = tmp_path / "votes.jsonl"
    old = Spool(path)
    old.add([vote(1)])
    old.close()
    spool = Spool(path)
    spool.use("A", "tcp://A")
    assert list(spool.waiting) == ["v1"]
    spool.close()
    again = Spool(path)
    again.use("B", "tcp://B")
    assert (list(again.waiting), again.for_others) == ([], {"tcp://A": 1})
    again.close()


def test_that_acts_of_this_session_are_not_recalled_a_second_time():
    session, how = LabelSession(), Circumstances()
    session.label({1: ""}, "Good", how)
    session.undo(how)
    (taken_back,) = session._undone
    session.recall([], [taken_back, (Change(2, "", "Bad", "before"),)])
    redone = [session.redo(how)[1] for _ in range(3)]
    assert [[change.picture_id for change in each] for each in redone] == [[1], [2], []]
    assert [change.picture_id for change in session.undo(how)[1]] == [2]
