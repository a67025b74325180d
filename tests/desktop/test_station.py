"""How a station arranges its plots: hidden ones, groups, order; pure values, kept as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydra_desktop.models import station as stations
from hydra_desktop.models.station import Station, group_choices, in_group

NAMES = ("A", "B", "C", "D")


@pytest.mark.parametrize(
    ("name", "to", "order"),
    [("A", "C", "BCAD"), ("D", "B", "ADBC"), ("A", "B", "BACD"), ("B", "A", "BACD")],
)
def test_that_a_moved_plot_takes_the_place_of_the_other(name: str, to: str, order: str) -> None:
    moved = Station().moved(name, to, NAMES)
    assert "".join(moved.order) == order
    assert moved.order_by == "own"


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=20))
def test_that_no_move_loses_or_doubles_a_plot(moves: list[tuple[str, str]]) -> None:
    held, shown = Station(), NAMES
    for name, to in moves:
        held = held.moved(name, to, shown)
        shown = held.order or shown
    assert sorted(shown) == list(NAMES)


def test_that_a_move_in_a_filtered_grid_keeps_the_others() -> None:
    held = Station(order=NAMES).moved("D", "B", ("B", "D"))
    assert set(held.order) == set(NAMES)
    assert held.order.index("D") < held.order.index("B")


def test_that_an_own_group_ends_with_its_last_plot() -> None:
    held = Station().put_into("Mine", "A").put_into("Mine", "A").put_into("Mine", "B")
    assert held.groups == {"Mine": ("A", "B")}
    assert held.take_out("Mine", "A").take_out("Mine", "B").groups == {}


def test_that_nested_groups_hold_what_is_below_them() -> None:
    own = {"Mine": ("A",)}
    choices = group_choices(["Tracking/CDC", "Tracking/FDC", "PID"], own)
    assert [words for words, _ in choices] == ["PID", "Tracking", "    CDC", "    FDC", "★ Mine"]
    assert in_group("X", "Tracking/CDC", "Tracking", own)
    assert in_group("X", "Tracking/CDC", "Tracking/CDC", own)
    assert not in_group("X", "Tracking2", "Tracking", own)
    assert in_group("A", "PID", "★Mine", own)
    assert not in_group("B", "PID", "★Mine", own)
    assert in_group("B", "PID", "", own)


def test_that_a_layout_survives_as_text_and_nonsense_does_no_harm() -> None:
    held = Station(order_by="need", lanes=1, group="★Mine").put_into("Mine", "A").hide("B")
    assert stations.load(stations.dump(held)) == held
    assert stations.load("{nonsense") == Station()
    assert stations.load("") == Station()
    assert held.reset() == Station(hidden=frozenset({"B"}), groups={"Mine": ("A",)})
