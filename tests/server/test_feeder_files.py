"""When a file in an inbox is finished, and that nothing is removed that was not read."""

from __future__ import annotations

import os

import pytest

from inference_server.feeder import files
from inference_server.feeder.files import Look, State, Step, decide, look_at, read, remove
from inference_server.feeder.memory import Memory

PNG = files.PNG_START + b"\0" * 40 + files.PNG_END
JPEG = files.JPEG_START + b"\xe0" + b"\0" * 40 + files.JPEG_END


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (PNG, State.WHOLE),
        (JPEG, State.WHOLE),
        (PNG[:-3], State.PARTIAL),
        (JPEG[:-1], State.PARTIAL),
        (PNG[:4], State.PARTIAL),
        (b"", State.PARTIAL),
        (PNG + b"\n", State.ENDED),
        (b"GIF89a" + b"\0" * 20, State.FOREIGN),
        (b"\0" * 2000, State.TOO_LARGE),
    ],
    ids=[
        "png",
        "jpeg",
        "png cut",
        "jpeg cut",
        "a few bytes",
        "empty",
        "more behind",
        "gif",
        "large",
    ],
)
def test_that_a_look_says_whether_a_picture_is_all_there(tmp_path, content, state):
    path = tmp_path / "x.png"
    path.write_bytes(content)
    assert look_at(path, 1000).state is state


def test_that_a_look_tells_a_dangling_link_from_a_missing_file_and_a_directory(tmp_path):
    (tmp_path / "link.png").symlink_to(tmp_path / "nothing.png")
    os.mkfifo(tmp_path / "pipe.png")
    states = [
        look_at(tmp_path / name, 1000).state
        for name in ("link.png", "nothing.png", "pipe.png", ".")
    ]
    assert states == [State.DANGLING, State.GONE, State.NO_FILE, State.NO_FILE]


@pytest.mark.parametrize(
    ("state", "unchanged_s", "closed", "step"),
    [
        (State.WHOLE, 0.0, False, Step.TAKE),
        (State.ENDED, 0.0, False, Step.WAIT),
        (State.ENDED, 1.1, False, Step.TAKE),
        (State.ENDED, 0.0, True, Step.TAKE),
        (State.PARTIAL, 59.0, True, Step.WAIT),
        (State.FOREIGN, 0.0, False, Step.WAIT),
        (State.DANGLING, 1.0, False, Step.WAIT),
        (State.GONE, 0.0, False, Step.DROP),
    ],
)
def test_that_a_file_is_taken_as_soon_as_it_is_surely_finished(state, unchanged_s, closed, step):
    assert decide(Look(state), unchanged_s, closed) is step


@pytest.mark.parametrize(
    ("state", "unchanged_s", "said"),
    [
        (State.PARTIAL, 60.0, "incomplete"),
        (State.FOREIGN, 3.0, "does not start like"),
        (State.DANGLING, 5.0, "link"),
        (State.TOO_LARGE, 0.0, "max_picture_mb"),
        (State.UNREADABLE, 60.0, "permissions"),
    ],
)
def test_that_a_file_that_never_will_be_a_picture_is_given_up_with_a_reason(
    state, unchanged_s, said
):
    reason = decide(Look(state), unchanged_s, closed=False)
    assert isinstance(reason, str)
    assert said in reason


def test_that_only_the_content_that_was_read_is_removed(tmp_path):
    path = tmp_path / "x.png"
    path.write_bytes(PNG)
    first = look_at(path, 1000).identity
    assert read(path, first) == PNG
    other = tmp_path / "other"
    other.write_bytes(PNG)
    other.rename(path)  # another producer's, on the same name
    assert read(path, first) is None
    assert not remove(path, first)
    assert path.exists()
    assert remove(path, look_at(path, 1000).identity)
    assert not path.exists()
    assert remove(path, first)  # gone is as good as removed


def test_that_of_a_link_only_the_link_is_removed(tmp_path):
    target = tmp_path / "elsewhere"
    target.write_bytes(PNG)
    link = tmp_path / "x.png"
    link.symlink_to(target)
    identity = look_at(link, 1000).identity
    assert read(link, identity) == PNG
    assert remove(link, identity)
    assert target.exists()
    assert not link.is_symlink()


def test_that_settled_files_are_remembered_over_a_restart_and_a_torn_record(tmp_path):
    place = tmp_path / "memory"
    memory = Memory(place)
    memory.add("a", 1, 2)
    memory.add("b", 3, 4)
    memory.close()
    with place.open("ab") as file:
        file.write(b"torn")
    again = Memory(place)
    again.add("c", 5, 6)
    again.close()
    last = Memory(place)
    assert all(key in last for key in [("a", 1, 2), ("b", 3, 4), ("c", 5, 6)])
    assert ("a", 1, 3) not in last
    last.close()
