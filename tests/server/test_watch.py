"""The watch over an inbox, with real files and real change notices."""

from __future__ import annotations

import os
import threading
import time

import pytest
from watchdog.observers.inotify_move_event_grouper import InotifyMoveEventGrouper

from inference_server.feeder import files
from inference_server.feeder import watch as watching
from inference_server.feeder.memory import Memory
from inference_server.feeder.watch import Finished, GivenUp, Watch

PNG = files.PNG_START + b"\0" * 40 + files.PNG_END
JPEG = files.JPEG_START + b"\xe0" + b"\0" * 40 + files.JPEG_END
PATIENCE = 60.0


class Observed:
    """A watch, and what it found so far."""

    def __init__(self, root, **settings):
        self.woken = threading.Event()
        settings = {"max_bytes": 10_000, "rescan_s": 60.0} | settings
        self.watch = Watch(root, wake=self.woken.set, **settings)
        self.found: list[Finished | GivenUp] = []
        self.watch.start()

    def until(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition(self.found):
            assert time.monotonic() < deadline, f"only {self.found}"
            self.found += self.watch.take(100)
            pause = self.watch.next_look(time.monotonic())
            self.woken.wait(0.2 if pause is None else min(0.2, pause))
            self.woken.clear()
        return self.found

    def names(self):
        return [str(each.path.relative_to(self.watch.root)) for each in self.found]


@pytest.fixture
def observe(tmp_path):
    observed = []

    def start(**settings):
        observed.append(Observed(tmp_path / "inbox", **settings))
        return observed[-1]

    (tmp_path / "inbox").mkdir()
    yield start
    for each in observed:
        each.watch.stop()


def count(number):
    return lambda found: len(found) >= number


def test_that_a_file_renamed_into_place_is_found_at_once(observe, tmp_path):
    observed = observe()
    (tmp_path / "inbox" / "Run1").mkdir()
    part = tmp_path / "inbox" / "Run1" / ".x_1.png"
    part.write_bytes(PNG)
    part.rename(part.with_name("x_1.png"))
    (found,) = observed.until(count(1))
    assert found.path.name == "x_1.png"
    assert isinstance(found, Finished)


def test_that_a_half_written_file_is_not_taken_before_its_end(observe, tmp_path):
    observed = observe()
    path = tmp_path / "inbox" / "x_1_1.png"
    with path.open("wb", buffering=0) as file:
        file.write(PNG[:20])
        observed.until(lambda found: observed.watch.waiting == 1 and not found)
        assert observed.watch.take(10) == []
        file.write(PNG[20:])
    (found,) = observed.until(count(1))
    assert found.identity.size == len(PNG)


def test_that_files_in_new_directories_of_any_depth_are_found(observe, tmp_path):
    observed = observe()
    for run in range(20):
        folder = tmp_path / "inbox" / "2024" / f"Run{run}"
        folder.mkdir(parents=True)
        (folder / "x_1.png").write_bytes(PNG)
    observed.until(count(20))
    assert len(set(observed.names())) == 20


def test_that_what_was_there_before_comes_oldest_first_however_much_it_is(
    observe, tmp_path, monkeypatch
):
    monkeypatch.setattr(watching, "CANDIDATES", 50)
    for number in range(300):
        path = tmp_path / "inbox" / f"x_1_{number:04d}.png"
        path.write_bytes(PNG)
        os.utime(path, (1000 + number, 1000 + number))
    observed = observe()

    def settle(found):
        assert observed.watch.waiting <= 50
        for each in found:
            each.path.unlink(missing_ok=True)
        return len(found) >= 300

    observed.until(settle)
    assert observed.names() == [f"x_1_{number:04d}.png" for number in range(300)]


def test_that_a_file_in_hand_is_not_given_out_twice_and_a_new_one_of_its_name_is(observe, tmp_path):
    observed = observe(rescan_s=0.05)
    path = tmp_path / "inbox" / "x_1_1.png"
    path.write_bytes(PNG)
    observed.until(count(1))
    path.with_name("other").write_bytes(JPEG)
    path.with_name("other").rename(path)
    (tmp_path / "inbox" / "y_1_1.png").write_bytes(PNG)
    observed.until(count(2))
    assert observed.names() == ["x_1_1.png", "y_1_1.png"]
    observed.watch.release(path)
    observed.until(count(3))
    assert observed.found[2].identity.size == len(JPEG)


def test_that_links_are_followed_to_their_files_and_dangling_ones_given_up(
    observe, tmp_path, monkeypatch
):
    monkeypatch.setattr(watching.files, "DANGLING_S", 0.2)
    target = tmp_path / "elsewhere.png"
    target.write_bytes(PNG)
    (tmp_path / "inbox" / "x_1_1.png").symlink_to(target)
    (tmp_path / "inbox" / "y_1_1.png").symlink_to(tmp_path / "nothing.png")
    observed = observe()
    observed.until(count(2))
    kinds = {each.path.name: type(each) for each in observed.found}
    assert kinds == {"x_1_1.png": Finished, "y_1_1.png": GivenUp}


def test_that_an_incomplete_file_is_given_up_after_a_while(observe, tmp_path):
    (tmp_path / "inbox" / "x_1_1.png").write_bytes(PNG[:30])
    observed = observe(patience_s=0.3)
    (found,) = observed.until(count(1))
    assert isinstance(found, GivenUp)
    assert "incomplete" in found.reason


def test_that_hidden_and_temporary_files_are_never_looked_at(observe, tmp_path):
    for name in (".x_1_1.png", "x_1_1.png.tmp", "notes.txt", "last_1_1.png"):
        (tmp_path / "inbox" / name).write_bytes(PNG)
    observed = observe()
    observed.until(count(1))
    assert observed.names() == ["last_1_1.png"]
    assert observed.watch.waiting == 0


def test_that_a_remembered_file_is_left_alone_until_it_changes(observe, tmp_path):
    place = tmp_path / "memory"
    path = tmp_path / "inbox" / "x_1_1.png"
    path.write_bytes(PNG)
    first = observe(memory=Memory(place))
    (found,) = first.until(count(1))
    first.watch.remember(found.path, found.identity)
    first.watch.release(found.path)
    first.watch.stop()
    second = observe(memory=Memory(place), rescan_s=0.05)
    (tmp_path / "inbox" / "y_1_1.png").write_bytes(PNG)
    second.until(count(1))
    assert second.names() == ["y_1_1.png"]
    path.write_bytes(JPEG)
    second.until(count(2))
    assert second.names() == ["y_1_1.png", "x_1_1.png"]


def test_that_without_change_notices_files_are_found_by_rescans(observe, tmp_path, monkeypatch):
    def refuse(*args, **settings):
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(watching.Observer, "schedule", refuse)
    monkeypatch.setattr(watching, "BLIND_RESCAN_S", 0.05)
    observed = observe()
    assert observed.watch.blind
    (tmp_path / "inbox" / "x_1_1.png").write_bytes(PNG)
    observed.until(count(1))


def test_that_a_file_that_is_moved_away_hardly_holds_up_the_notices_of_others():
    """The library waits for the other half of a move, and all that came after waits with it."""
    assert InotifyMoveEventGrouper()._queue.delay <= 0.05
