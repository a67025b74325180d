"""Stopping a training in the middle of each depth: window, gateway and trainer as they are."""

from __future__ import annotations

import hashlib
import io
import os
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from library_server import Library, running
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from db import catalogue, inferences, labels, matrix, models, pictures, trainings
from db.session import transaction
from db.values import Model
from hydra_desktop.app import Desktop
from hydra_desktop.link.state import Stage
from inference_server.predict.backbone import identity
from inference_server.protocol.messages import StartTraining
from inference_server.store import PictureStore
from inference_server.training import service
from tests.db.factories import START, inference
from tests.server.pictures import plot

LEFT, NEAREST = Qt.MouseButton.LeftButton, Image.Resampling.NEAREST
SMALL, LARGE = (80, 60), (3600, 2700)  # large: no machine has looked at them too soon
PATIENCE_MS = 120_000
ENDLESS = {
    "depth": "full", "network": "mobilenet_v3_small", "size": 32, "batch": 4, "epochs": 999,
    "patience": 999,
}  # fmt: skip


class Site:
    """A plot type with large pictures that nobody looked at yet, and one with small ones."""

    def __init__(self, held: Library) -> None:
        self.held = held
        self.large = held.plot_type
        with transaction(held.sessions) as session:
            self.small = catalogue.register(session, "ST", chunked=True, classes=["Good", "Bad"])
        self._label(self.large, 100, LARGE)
        self._features(self._label(self.small, 24, SMALL))

    def _label(self, plot_type: int, count: int, shape: tuple[int, int]) -> dict[int, str]:
        """Labelled pictures of six runs, by id; there are only two files."""
        store = PictureStore(self.held.config.pictures_dir)
        files = {label: drawn(label, shape) for label in ("Good", "Bad")}
        hashes = {label: hashlib.sha256(data).hexdigest() for label, data in files.items()}
        for label, data in files.items():
            store.put(hashes[label], "png", data)
        store.close()
        names = [list(files)[number % 2] for number in range(count)]
        rows = [
            inference(plot_type, chunk=n + 1, run=n // 2 % 6 + 1, picture_hash=hashes[name])
            for n, name in enumerate(names)
        ]
        with transaction(self.held.sessions) as session:
            ids = [place.picture_id for place in inferences.store(session, rows)]
            for picture, name in zip(ids, names, strict=True):
                labels.vote(session, picture_id=picture, class_name=name, who="ann", at=START,
                            client_id=f"{plot_type} {picture}")  # fmt: skip
        return dict(zip(ids, names, strict=True))

    def _features(self, labelled: dict[int, str]) -> None:
        random = np.random.default_rng(1)
        middle = {"Good": 1.0, "Bad": -1.0}
        vectors = {
            picture: random.normal(middle[name], 1, 2560).astype("<f2").tobytes()
            for picture, name in labelled.items()
        }
        backbone = identity(self.held.config.backbone)
        with transaction(self.held.sessions) as session:
            pictures.put_features(session, [(n, backbone, each) for n, each in vectors.items()])

    def endless(self) -> int:
        """A full training that does not end by itself waits for its turn."""
        with transaction(self.held.sessions) as session:
            return trainings.queue(session, self.small, who="ann", settings=ENDLESS)

    def models(self, plot_type: int) -> list[Model]:
        """What was trained."""
        with transaction(self.held.sessions) as session:
            return models.history(session, plot_type)


@cache
def drawn(label: str, shape: tuple[int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(plot(label, 1))).resize(shape, NEAREST).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(os, "nice", lambda _: 0)  # the tests themselves keep their priority
    stop = threading.Event()
    with running(tmp_path) as held:
        made = Site(held)
        role = threading.Thread(target=service.run, args=(held.config, 1, stop))
        role.start()
        yield made
        stop.set()
        role.join(120)
    assert not role.is_alive()


@pytest.fixture
def desk(desktop: Callable[..., Desktop], site: Site, qtbot: QtBot) -> Desktop:
    made = desktop(server=site.held.address, key=site.held.key)
    made.start()
    made.window.show_page("training")
    qtbot.waitUntil(lambda: made.link.state.stage is Stage.CONNECTED, timeout=PATIENCE_MS)
    return made


def ask(desk: Desktop, qtbot: QtBot, **wish: Any) -> int:
    """Queue a training as the window does; its number."""
    told: list[int] = []
    desk.training.asking.ask(StartTraining(**wish), lambda done: told.append(done.id), told.append)
    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE_MS)
    return told[0]


def stands(desk: Desktop, number: int, state: str, words: str = "") -> Callable[[], bool]:
    """Whether the window knows a training so."""

    def told() -> bool:
        known = desk.training.states.get(number)
        return known is not None and known.state == state and words in known.sentence

    return told


def press(desk: Desktop, words: str, qtbot: QtBot) -> None:
    """The button of the training that runs, as soon as it is there."""

    def buttons() -> list[QPushButton]:
        found = desk.training_page.findChildren(QPushButton)
        return [each for each in found if each.text() == words and each.isVisible() and runs(each)]

    qtbot.waitUntil(lambda: bool(buttons()), timeout=PATIENCE_MS)
    qtbot.mouseClick(buttons()[0], LEFT)


def runs(button: QPushButton) -> bool:
    card = button.parentWidget()
    return card is not None and ": Runs" in card.accessibleName()


def stop(desk: Desktop, number: int, qtbot: QtBot) -> None:
    press(desk, "Stop now", qtbot)
    qtbot.waitUntil(stands(desk, number, "stopped", "stays as it was"), timeout=PATIENCE_MS)


def keep(desk: Desktop, number: int, qtbot: QtBot) -> None:
    press(desk, "Stop and keep the best so far", qtbot)
    early = "Stopped early, and the best so far is kept"
    qtbot.waitUntil(stands(desk, number, "done", early), timeout=PATIENCE_MS)


def middle(desk: Desktop, number: int, words: str, qtbot: QtBot) -> None:
    qtbot.waitUntil(stands(desk, number, "running", words), timeout=PATIENCE_MS)


def free(desk: Desktop, following: int, qtbot: QtBot) -> None:
    qtbot.waitUntil(stands(desk, following, "done"), timeout=PATIENCE_MS)


def test_that_a_quick_training_is_stopped_while_it_looks_at_pictures(
    desk: Desktop, site: Site, qtbot: QtBot
) -> None:
    stopped = ask(desk, qtbot, plot_type_id=site.large)
    following = ask(desk, qtbot, plot_type_id=site.small)
    middle(desk, stopped, "Looks at pictures", qtbot)
    stop(desk, stopped, qtbot)
    free(desk, following, qtbot)
    assert not site.models(site.large)


def test_that_a_thorough_training_is_stopped_with_the_copies_so_far_or_with_nothing(
    desk: Desktop, site: Site, qtbot: QtBot
) -> None:
    wish = {"plot_type_id": site.large, "depth": "thorough", "runs": "1-2"}
    kept, stopped = (ask(desk, qtbot, **wish) for _ in range(2))
    following = ask(desk, qtbot, plot_type_id=site.small)
    middle(desk, kept, "Looks at changed copies", qtbot)
    keep(desk, kept, qtbot)
    (known,) = site.models(site.large)
    assert known.settings["ended"] == "stopped"
    middle(desk, stopped, "Looks at changed copies", qtbot)
    stop(desk, stopped, qtbot)
    free(desk, following, qtbot)
    assert [each.id for each in site.models(site.large)] == [known.id]


def test_that_a_full_training_is_stopped_with_its_best_pass_or_with_nothing(
    desk: Desktop, site: Site, qtbot: QtBot
) -> None:
    kept, stopped = site.endless(), site.endless()
    following = ask(desk, qtbot, plot_type_id=site.small)
    keep(desk, kept, qtbot)
    (model,) = site.models(site.small)
    assert (model.kind, model.settings["ended"]) == ("network", "stopped")
    assert len(model.curves["passes"]) == len(desk.training.states[kept].curve)
    with transaction(site.held.sessions) as session:
        counted = matrix.tally(session, model.id, "labelled")
    assert sum(each.count for each in counted) == 24, "it has judged all labelled pictures"
    middle(desk, stopped, "Pass", qtbot)
    stop(desk, stopped, qtbot)
    free(desk, following, qtbot)
    assert len(site.models(site.small)) == 2, "the kept one, and that of the following"
    assert not list((site.held.config.data_dir / "training").glob("job-*"))
