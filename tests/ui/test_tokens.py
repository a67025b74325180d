"""Every pair of colours that is put on each other, measured."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from ui_colours import VISIONS, contrast, distance

from ui import theme
from ui.tokens import THEMES, Theme, class_colour

BOTH = pytest.mark.parametrize("colours", THEMES.values(), ids=THEMES.keys())


@BOTH
@pytest.mark.parametrize("ground", ["bg", "surface", "sunken", "accent_tint"])
@pytest.mark.parametrize("text", ["text", "muted", "accent"])
def test_that_text_can_be_read_on_every_ground(colours: Theme, ground: str, text: str) -> None:
    assert contrast(getattr(colours, text), getattr(colours, ground)) >= 4.5


@BOTH
@pytest.mark.parametrize("part", ["border", "focus", "accent", "major_line", "masked"])
def test_that_edges_and_rings_stand_out_from_the_surface(colours: Theme, part: str) -> None:
    assert contrast(getattr(colours, part), colours.surface) >= 3


@BOTH
def test_that_the_text_on_every_fill_can_be_read(colours: Theme) -> None:
    for name, fill in colours.fills.items():
        assert contrast(fill.text, fill.background) >= 4.5, name
    assert contrast(colours.accent_text, colours.accent) >= 4.5


@BOTH
def test_that_a_badge_has_an_edge_on_the_surface_and_on_its_own_fill(colours: Theme) -> None:
    for fill in colours.fills.values():
        assert contrast(colours.text, colours.surface) >= 3
        assert contrast(fill.text, fill.background) >= 3


@BOTH
def test_that_class_marks_stand_out_from_the_surface(colours: Theme) -> None:
    for name, colour in colours.classes.items():
        assert contrast(colour, colours.surface) >= 3, name


@pytest.mark.parametrize(("name", "least"), [("light", 46), ("dark", 41)])
def test_that_no_two_state_fills_look_alike_to_any_colour_vision(name: str, least: float) -> None:
    fills = [fill.background for fill in THEMES[name].fills.values()]
    nearest = min(distance(a, b, vision) for a, b in combinations(fills, 2) for vision in VISIONS)
    assert round(nearest) >= least


@BOTH
def test_that_a_replay_looks_like_no_state_and_can_be_read(colours: Theme) -> None:
    own = colours.replay
    assert contrast(own.text, own.background) >= 7
    assert contrast(own.background, colours.surface) >= 3
    for fill in colours.fills.values():
        for vision in VISIONS:
            assert distance(own.background, fill.background, vision) >= 30


@BOTH
def test_that_an_unknown_class_has_the_same_visible_colour_everywhere(colours: Theme) -> None:
    first = class_colour(colours, "Beam trip")
    assert first == class_colour(colours, "Beam trip")
    assert contrast(first, colours.surface) >= 3
    assert class_colour(colours, "Broken", "bad") == colours.classes["Bad"]
    assert class_colour(colours, "Good", own="#123456") == "#123456"


@BOTH
def test_that_palette_and_style_sheet_are_made_from_the_tokens(colours: Theme) -> None:
    made = theme.palette(colours)
    assert made.color(made.ColorRole.WindowText).name().upper() == colours.text
    assert colours.major.background in theme.style_sheet(colours)
    assert "{t." not in theme.style_sheet(colours)


def test_that_a_fixed_theme_wins_over_the_system(qapp: QApplication) -> None:
    assert theme.choose(qapp, "dark").name == "dark"
    assert theme.choose(qapp, "light").name == "light"
    system = qapp.styleHints().colorScheme()
    expected = "dark" if system is Qt.ColorScheme.Dark else "light"
    assert theme.choose(qapp, "system").name == expected
