"""Models as files through the desktop: out of one server, into another, and what is no such file stays out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import onnx
import pytest
from library_server import Library, running
from pytestqt.qtbot import QtBot

from db import models
from db.session import transaction
from hydra_desktop.app import Desktop

PATIENCE_MS = 120_000
FEATURES = 2 * 1280  # mean and maximum of the shared network's last layer
GIVEN = [("Bad", "Bad", 0.95), ("Good", "Good", 0.97)]


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Library]:
    """One model, live."""
    with running(tmp_path) as held:
        ids = held.pictures(GIVEN)
        first = held.model("first", features=FEATURES)
        held.validated(first, ids, GIVEN)
        with transaction(held.sessions) as session:
            models.activate(session, held.plot_type, first, who="ann", reason="first one")
        yield held


@pytest.fixture
def desk(desktop: Callable[..., Desktop], filled: Library, qtbot: QtBot) -> Desktop:
    made = desktop(server=filled.address, key=filled.key)
    made.start()
    made.window.show_page("library")
    qtbot.waitUntil(lambda: made.library_page.title.text() == "★ Model 1", timeout=PATIENCE_MS)
    return made


def exported(desk: Desktop, place: Path, qtbot: QtBot, onnx: bool = False) -> bytes:
    page, room = desk.library_page, desk.model_files
    page.models.export_wanted.emit(onnx)
    qtbot.waitUntil(lambda: room.dialog is not None, timeout=PATIENCE_MS)
    assert room.dialog is not None
    room.dialog.fileSelected.emit(str(place))
    room.dialog.close()
    room.dialog = None
    qtbot.waitUntil(lambda: page.note.text() == f"Saved {place}.", timeout=PATIENCE_MS)
    return place.read_bytes()


def refused(desk: Desktop, place: Path, data: bytes, qtbot: QtBot) -> str:
    place.write_bytes(data)
    desk.model_files.take(str(place))
    note = desk.library_page.note
    qtbot.waitUntil(lambda: note.text().startswith("This cannot be done"), timeout=PATIENCE_MS)
    words = note.text()
    note.clear()
    return words


def rewritten(data: bytes, change: Callable[[str, bytes], tuple[str, bytes]]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(held, "w") as new:
        for name in old.namelist():
            new.writestr(*change(name, old.read(name)))
    return held.getvalue()


def test_that_a_model_goes_out_and_in_again_and_only_then_may_be_activated(
    desk: Desktop, filled: Library, tmp_path: Path, qtbot: QtBot
) -> None:
    page, place = desk.library_page, tmp_path / "first.hydra-model"
    exported(desk, place, qtbot)
    desk.model_files.take(str(place))
    qtbot.waitUntil(lambda: page.models.models.count() == 2, timeout=PATIENCE_MS)
    with transaction(filled.sessions) as session:
        new, old = models.history(session, filled.plot_type)
        assert (new.labels, new.thresholds) == (old.labels, old.thresholds)
        assert models.active_at(session, filled.plot_type, new.created_at) == old.id
    assert page.title.text() == "★ Model 1"


def test_that_damaged_and_hostile_files_are_refused_in_words_and_the_active_model_stays(
    desk: Desktop, filled: Library, tmp_path: Path, qtbot: QtBot
) -> None:
    good, place = exported(desk, tmp_path / "good.hydra-model", qtbot), tmp_path / "bad.hydra-model"
    middle = len(good) // 2
    flipped = good[:middle] + bytes([good[middle] ^ 0xFF]) + good[middle + 1 :]
    hostile = {
        "cut short": good[:200],
        "one byte changed": flipped,
        "a pickle": b"\x80\x04cposix\nsystem\n(S'true'\ntR.",
        "out of its folder": rewritten(good, lambda name, data: (f"../../{name}", data)),
    }
    said = {name: refused(desk, place, data, qtbot) for name, data in hostile.items()}
    for name, words in said.items():
        assert len(words) > len("This cannot be done: "), name
    with transaction(filled.sessions) as session:
        assert [each.id for each in models.history(session, filled.plot_type)] == [1]
    assert desk.library_page.title.text() == "★ Model 1"
    assert sorted(each.name for each in filled.config.models_dir.iterdir()) == ["first"]


@pytest.mark.slow
def test_that_a_model_leaves_as_onnx_that_other_programs_can_read(
    desk: Desktop, tmp_path: Path, qtbot: QtBot
) -> None:
    data = exported(desk, tmp_path / "first.onnx", qtbot, onnx=True)
    graph = onnx.load_from_string(data).graph
    assert (len(graph.input), len(graph.output)) == (1, 1)
