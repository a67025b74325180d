"""The running comparison of a candidate in the shadow, in the library, against a real gateway."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from library_server import Library, running
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from db import inferences, models
from db import library as ladder
from db.session import transaction
from hydra_desktop.app import Desktop
from hydra_desktop.models import shadow_words
from inference_server.protocol.shadow import SaidBoth, ShadowStanding
from tests.db.factories import START, inference

Make = Callable[..., Desktop]


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Library]:
    """Model 1 is live, model 2 in its shadow."""
    with running(tmp_path) as made:
        live, candidate = made.model("first"), made.model("second")
        with transaction(made.sessions) as session:
            models.activate(session, made.plot_type, live, who="ann", reason="first one")
            ladder.set_shadow(session, made.plot_type, candidate, who="ann")
        yield made


def judge(held: Library, first: int, given: list[tuple[str, str]]) -> None:
    """Live pictures: what the live model said, and the candidate."""
    rows = [
        inference(
            held.plot_type, chunk, model_id=1, label=live, severity=live.lower(), shadow_id=2,
            shadow_scores={"Bad": 0.9, "Good": 0.1} if said == "Bad" else {"Bad": 0.2, "Good": 0.8},
        )
        for chunk, (live, said) in enumerate(given, first)
    ]  # fmt: skip
    with transaction(held.sessions) as session:
        inferences.store(session, rows)


def test_that_a_candidate_in_the_shadow_says_how_it_does_and_shows_where_they_differ(
    desktop: Make, held: Library, qtbot: QtBot
) -> None:
    judge(held, 1, [("Good", "Good"), ("Good", "Bad"), ("Good", "Bad"), ("Bad", "Good")])
    desk = desktop(server=held.address, key=held.key)
    desk.start()
    desk.window.show_page("library")
    page = desk.library_page
    qtbot.waitUntil(lambda: page.title.text() == "★ Model 1")
    assert page.shadow.isHidden(), "the active model is in nobody's shadow"
    page.models.model_chosen.emit(2)
    qtbot.waitUntil(page.shadow.isVisible)
    line = page.shadow.sentence
    assert line.text().endswith(
        ": judged 4 live plots beside model 1, agrees on 25 %; 2 it calls Bad that the active one does"
        " not, 1 the other way."
    )
    qtbot.mouseClick(page.shadow.show_them, Qt.MouseButton.LeftButton)
    shown = page.strip.pictures
    qtbot.waitUntil(lambda: shown.count() == 3)
    assert [shown.item(row).text() for row in range(3)] == [
        "Good, live Bad · 92317.4", "Bad, live Good · 92317.3", "Bad, live Good · 92317.2",
    ]  # fmt: skip
    judge(held, 5, [("Good", "Bad")])
    desk.window.refresh_wanted.emit()
    qtbot.waitUntil(lambda: "5 live plots" in line.text() and shown.count() == 4)
    page.models.model_chosen.emit(1)
    assert page.shadow.isHidden()


def test_that_the_line_says_what_is_known_and_no_more() -> None:
    nothing = ShadowStanding(plot_type_id=1, model_id=2, active_id=1)
    assert shadow_words.sentence(nothing, {"Bad"}, START).endswith("judged no live plot yet.")
    said = (
        SaidBoth(live="Bad", said="Hole", count=4),
        SaidBoth(live="Good", said="Good", count=1999),
    )
    known = ShadowStanding(
        plot_type_id=1, model_id=2, since=START, judged=2003, same=1999, calls=4, shadow_calls=3,
        labelled=9, right=7, shadow_right=8, said=said,
    )  # fmt: skip
    assert shadow_words.sentence(known, {"Bad", "Hole"}, START).endswith(
        ": judged 2,003 live plots, agrees on 99 %; neither calls Bad what the other does not."
    )
    assert "Of 9 that people labelled, this model has 8 right" in shadow_words.details(known)
    assert shadow_words.heading(known)[0] == "In the shadow they differ on 4 live plots"
