"""The training page in the window, against a real gateway."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from library_server import Library, running
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from db import models, trainings
from db.session import transaction
from hydra_desktop.app import Desktop
from hydra_desktop.link.arrival import Arrival
from hydra_desktop.models import training
from inference_server.protocol.curves import CurvePoint
from inference_server.protocol.library import DepthTime, NetworkChoice, TrainingPlan
from inference_server.protocol.messages import TrainingChanged, TrainingState

GIVEN = [("Bad", "Bad", 0.95), ("Good", "Good", 0.9), ("Good", "Good", 0.8)]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Library]:
    with running(tmp_path) as made:
        made.pictures(GIVEN)
        yield made


@pytest.fixture
def desk(desktop: Callable[..., Desktop], held: Library, qtbot: QtBot) -> Desktop:
    made = desktop(server=held.address, key=held.key)
    made.start()
    made.window.show_page("training")
    qtbot.waitUntil(lambda: "3 labelled" in said(made) or "one run" in said(made))
    return made


def said(desk: Desktop) -> str:
    shown = desk.training_page.findChildren(QLabel)
    return "\n".join(each.text() for each in shown if each.isVisible())


def test_that_labels_are_counted_and_a_class_with_too_few_is_named(desk: Desktop) -> None:
    words = said(desk).splitlines()
    for name in ("Good", "Bad", "NoData"):
        assert name in words
    assert "too few: label 4 more at least" in words
    assert "will not be learned" in words


def test_that_a_training_is_asked_for_and_a_waiting_one_stopped(
    desk: Desktop, held: Library, qtbot: QtBot
) -> None:
    page = desk.training_page
    page.wish.choose_depth("thorough")
    page.wish.why.setText("new runs")
    assert not page.wish.rule_value.isVisible()
    page.wish.rule.setCurrentIndex(1)
    page.wish.rule_value.setValue(0.9)
    qtbot.mouseClick(page.wish.train, LEFT)
    qtbot.waitUntil(lambda: "CDC_occupancy, thorough" in said(desk))
    with transaction(held.sessions) as session:
        (job,) = trainings.recent(session)
    wish = {"depth": "thorough", "why": "new runs", "precision": 0.9}
    assert wish.items() <= job.settings.items()
    stop = next(b for b in page.findChildren(QPushButton) if b.text() == "Stop now")
    qtbot.mouseClick(stop, LEFT)
    qtbot.waitUntil(lambda: "Stopped by here before it began." in said(desk))
    with transaction(held.sessions) as session:
        assert trainings.recent(session)[0].state == "stopped"
    qtbot.waitUntil(lambda: not stop.isVisible())


def test_that_a_full_training_says_which_networks_have_weights_and_takes_the_chosen_one(
    desk: Desktop, held: Library, qtbot: QtBot
) -> None:
    wish = desk.training_page.wish
    assert not wish.network.isVisible()
    wish.choose_depth("full")
    qtbot.waitUntil(wish.network.isVisible)
    assert "efficientnet_lite0 begins with weights that were trained" in wish.weights.text()
    assert wish.network.currentText() == "efficientnet_lite0, trained weights"
    wish.network.setCurrentIndex(wish.network.findData("resnet18"))
    assert wish.network.currentText() == "resnet18, from nothing"
    wish.size_px.setValue(320)
    qtbot.mouseClick(wish.train, LEFT)
    qtbot.waitUntil(lambda: "CDC_occupancy, full" in said(desk))
    with transaction(held.sessions) as session:
        (job,) = trainings.recent(session)
    assert {"depth": "full", "network": "resnet18", "size": 320}.items() <= job.settings.items()


def test_that_the_words_on_weights_follow_what_the_site_has() -> None:
    plan = TrainingPlan(
        plot_type_id=1, by_class={}, runs=0, pictures=0, with_features=0,
        networks=(NetworkChoice(name="a", trained=True), NetworkChoice(name="b", trained=True)),
    )  # fmt: skip
    assert training.weights_words(plan).startswith("All of them begin")
    assert training.networks(plan) == (("a", "a, trained weights"), ("b", "b, trained weights"))


def test_that_a_running_training_shows_its_curve_and_offers_to_keep_the_best(
    desk: Desktop, held: Library, qtbot: QtBot
) -> None:
    points = (CurvePoint(1, 0.9, 1.0, 0.6), CurvePoint(2, 0.5, 0.7, 0.8))
    state = TrainingState(
        job_id=7, plot_type="CDC_occupancy", state="running", sentence="Pass 2 of 8.", fraction=0.25,
        depth="full", seconds_left=90.0, can_keep=True, curve=points, plot_type_id=held.plot_type,
    )  # fmt: skip
    desk.training.receive([Arrival(TrainingChanged(training=state))])
    qtbot.waitUntil(lambda: "Runs, 1 min left" in said(desk))
    assert len(desk.training_page.curve._rows) == 2
    keep = next(
        b for b in desk.training_page.findChildren(QPushButton) if "keep the best" in b.text()
    )
    assert keep.isVisible()
    qtbot.mouseClick(keep, LEFT)
    qtbot.waitUntil(lambda: "there is no training 7" in desk.training_page.wish.note.text())


def test_that_a_finished_model_stands_beside_the_active_one_and_can_be_activated(
    desk: Desktop, held: Library, qtbot: QtBot
) -> None:
    def figures(accuracy: float) -> dict[str, object]:
        skill = {"precision": accuracy, "recall": accuracy, "f1": accuracy, "count": 9}
        return {
            "accuracy": accuracy,
            "validation": 30,
            "macro_f1": accuracy,
            "classes": {"Bad": skill},
        }

    old = held.model("old", metrics=figures(0.8))
    new = held.model("new", metrics=figures(0.9))
    with transaction(held.sessions) as session:
        models.activate(session, held.plot_type, old, who="ann", reason="first")
    state = TrainingState(
        job_id=8, plot_type="CDC_occupancy", state="done", sentence="Done.", fraction=1.0,
        model_id=new, plot_type_id=held.plot_type,
    )  # fmt: skip
    desk.training.receive([Arrival(TrainingChanged(training=state))])
    qtbot.waitUntil(lambda: f"Model {new} beside the active one" in said(desk))
    qtbot.waitUntil(lambda: "better" in said(desk).splitlines())
    qtbot.mouseClick(desk.training_page.activate, LEFT)
    dialog = desk.release.dialog
    assert dialog is not None
    dialog.person.setText("ann")
    dialog.reason.setText("better")
    qtbot.mouseClick(dialog.primary, LEFT)
    qtbot.waitUntil(lambda: f"Model {new} is active" in said(desk))
    qtbot.mouseClick(desk.training_page.open, LEFT)
    qtbot.waitUntil(lambda: desk.library_page.title.text() == f"★ Model {new}")
    assert desk.window.page == "library"


def test_that_depths_have_the_times_that_the_server_expects() -> None:
    times = (
        DepthTime(depth="quick", seconds=2.2, trainings=3),
        DepthTime(depth="thorough", seconds=200, trainings=1),
        DepthTime(depth="full", seconds=1200),
    )
    plan = TrainingPlan(
        plot_type_id=1, by_class={"Good": 9}, runs=2, pictures=9, with_features=9, times=times
    )
    assert [line.time for line in training.depths(plan)] == [
        "about 2 s, as the last 3 here",
        "about 3 min, as the last one here",
        "about 20 min on two cores; none was done here yet",
    ]
    assert not training.can_train(
        TrainingPlan(plot_type_id=1, by_class={"Good": 9}, runs=1, pictures=9, with_features=9)
    )
