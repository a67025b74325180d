"""The plots model and its two arrangements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from desktop_factory import NOW, kind, verdict
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from hydra_desktop.models.arranged import ArrangedPlots, BadPlots
from hydra_desktop.models.plots import PlotsModel, Seen, Update
from hydra_desktop.models.station import Station
from inference_server.protocol.messages import Verdict
from ui.roles import Role
from ui.states import TileState

Watch = Callable[[QAbstractItemModel], None]


@pytest.fixture
def model(qtbot: QtBot) -> PlotsModel:
    return PlotsModel()


@pytest.fixture
def watch() -> Iterator[Watch]:
    testers: list[QAbstractItemModelTester] = []
    mode = QAbstractItemModelTester.FailureReportingMode.Fatal
    yield lambda model: testers.append(QAbstractItemModelTester(model, mode))
    testers.clear()


def seen(*verdicts: object, known: object = None, now: object = NOW, **more: object) -> Update:
    clock = not verdicts and known is None
    return Update(now, clock, known=known, seen=tuple(Seen(v) for v in verdicts), **more)


def column(model: QAbstractItemModel, role: Role) -> list[object]:
    return [model.index(row, 0).data(role) for row in range(model.rowCount())]


def test_that_the_models_keep_qt_rules_while_plots_come_change_and_go(
    model: PlotsModel, watch: Watch
) -> None:
    arranged, bad = ArrangedPlots(), BadPlots()
    for one in (arranged, bad):
        one.setSourceModel(model)
    for one in (model, arranged, bad):
        watch(one)
    kinds = tuple(kind(n) for n in range(1, 9))
    model.apply(seen(known=kinds))
    model.apply(seen(*(verdict(n) for n in range(1, 9))))
    model.apply(seen(verdict(3, "Bad", age_s=1), verdict(99)))
    model.apply(seen(known=kinds[2:5], complete=True))
    model.apply(seen(known=kinds, now=NOW + timedelta(hours=1)))
    assert sorted(column(model, Role.NAME)) == [f"Plot_{n:03}" for n in range(1, 9)]


def test_that_only_the_newest_verdict_of_a_plot_counts(model: PlotsModel) -> None:
    model.apply(seen(verdict(1, "Bad", age_s=5), verdict(1, "Good", age_s=9)))
    model.apply(seen(verdict(1, "NoData", age_s=60)))
    assert column(model, Role.LABEL) == ["Bad"]


@pytest.mark.parametrize(
    ("label", "sure", "confirmed", "state", "words"),
    [
        ("Good", 0.99, True, TileState.GOOD, "Good 99 %"),
        ("Good", 0.62, False, TileState.UNCONFIRMED, "Good? 62 %"),
        ("NoData", 0.95, True, TileState.NEUTRAL, "NoData 95 %"),
        ("Bad", 0.58, False, TileState.MINOR, "Bad? 58 %"),
        ("HotChannel", 0.9, True, TileState.MINOR, "HotChannel 90 %"),
        ("Bad", 0.97, True, TileState.MAJOR, "Bad 97 %"),
        ("NoModel", 0.0, False, TileState.INVALID, "No model"),
    ],
)
def test_that_a_verdict_has_a_state_and_words(
    model: PlotsModel, label: str, sure: float, confirmed: bool, state: TileState, words: str
) -> None:
    model.apply(seen(verdict(1, label, sure, confirmed=confirmed)))
    assert column(model, Role.STATE) == [state]
    assert column(model, Role.VERDICT) == [words]


def test_that_a_plot_that_is_overdue_grows_old_unless_it_is_bad(model: PlotsModel) -> None:
    model.apply(seen(verdict(1), verdict(2, "Bad"), known=(kind(1), kind(2), kind(3))))
    model.apply(seen(now=NOW + timedelta(seconds=250)))
    assert column(model, Role.STATE) == [TileState.STALE, TileState.MAJOR, TileState.EMPTY]
    assert column(model, Role.VERDICT) == ["Old, 4 min", "Bad 97 %", "No plot yet"]


def test_that_a_second_repaints_only_tiles_whose_text_changed(model: PlotsModel) -> None:
    model.apply(
        seen(verdict(1, age_s=5), verdict(2, age_s=500), known=(kind(1), kind(2, stale_after_s=0)))
    )
    touched: list[tuple[int, set[int]]] = []
    model.dataChanged.connect(lambda first, _last, roles: touched.append((first.row(), set(roles))))
    model.apply(seen(now=NOW + timedelta(seconds=1)))
    assert touched == [(0, {Role.AGE, Role.VERDICT})]


def test_that_a_late_thumbnail_finds_its_picture(model: PlotsModel) -> None:
    first = verdict(1, age_s=9)
    model.apply(seen(first))
    model.apply(Update(NOW, images={first.picture_hash: QImage(4, 3, QImage.Format.Format_RGB32)}))
    assert column(model, Role.IMAGE)[0].width() == 4
    model.apply(seen(verdict(1, age_s=1)))
    assert column(model, Role.IMAGE) == [None]


def test_that_bad_plots_enter_and_leave_the_lane(model: PlotsModel) -> None:
    bad = BadPlots()
    bad.setSourceModel(model)
    model.apply(seen(verdict(1), verdict(2)))
    assert bad.rowCount() == 0
    model.apply(seen(verdict(2, "Bad", age_s=1)))
    assert column(bad, Role.NAME) == ["Plot_002"]
    model.apply(seen(verdict(1, "Bad", age_s=0.5)))
    assert column(bad, Role.NAME) == ["Plot_001", "Plot_002"]
    model.apply(seen(verdict(2, age_s=0)))
    assert column(bad, Role.NAME) == ["Plot_001"]


def test_that_since_is_when_the_verdict_became_what_it_is(model: PlotsModel) -> None:
    model.apply(seen(verdict(1, age_s=60)))
    model.apply(seen(verdict(1, "Bad", age_s=30)))
    model.apply(seen(verdict(1, "Bad", 0.8, age_s=5)))
    (row,) = model.rows
    assert row.since == NOW - timedelta(seconds=30)
    assert dict(column(model, Role.FACTS)[0])["Bad since"].endswith("for 30 s")


def test_that_facts_say_how_unlike_good_a_picture_is(model: PlotsModel) -> None:
    model.apply(seen(verdict(1), known=(kind(1),)))
    facts = dict(column(model, Role.FACTS)[0])
    assert facts["Unlike anything Good"] == "6.2 times the limit"
    assert facts["Run and chunk"] == "92317.8"
    assert facts["Model"] == "35 (heads of May)"
    assert facts["Drawn at random"] == "No"


def test_that_the_grid_can_be_narrowed(model: PlotsModel) -> None:
    arranged = ArrangedPlots()
    arranged.setSourceModel(model)
    model.apply(
        seen(known=(kind(1, name="CDC_wires"), kind(2, group="FDC"), kind(3, ignored=True)))
    )
    assert column(arranged, Role.NAME) == ["CDC_wires", "Plot_002"]
    arranged.narrow(text=" wIRES ")
    assert column(arranged, Role.NAME) == ["CDC_wires"]
    arranged.narrow(text="", station=Station(group="FDC"))
    assert column(arranged, Role.NAME) == ["Plot_002"]
    arranged.narrow(station=Station(), hidden=True)
    assert arranged.rowCount() == 3


def test_that_need_puts_the_worst_first_but_only_when_told(model: PlotsModel) -> None:
    arranged = ArrangedPlots()
    arranged.setSourceModel(model)
    model.apply(seen(verdict(2), verdict(1), known=(kind(2), kind(1))))
    assert column(arranged, Role.NAME) == ["Plot_002", "Plot_001"]
    arranged.narrow(station=Station(order_by="name"))
    assert column(arranged, Role.NAME) == ["Plot_001", "Plot_002"]
    arranged.narrow(station=Station(order_by="need"))
    model.apply(seen(verdict(2, "Bad", age_s=0)))
    assert column(arranged, Role.NAME) == ["Plot_001", "Plot_002"]
    arranged.arrange()
    assert column(arranged, Role.NAME) == ["Plot_002", "Plot_001"]
    arranged.narrow(station=Station())
    assert column(arranged, Role.NAME) == ["Plot_002", "Plot_001"]


def test_that_500_plots_are_one_insertion_and_one_change_each(model: PlotsModel) -> None:
    inserted: list[tuple[int, int]] = []
    changed: list[int] = []
    model.rowsInserted.connect(lambda _p, first, last: inserted.append((first, last)))
    model.dataChanged.connect(lambda first, _last, _roles: changed.append(first.row()))
    model.apply(
        seen(*(verdict(n) for n in range(1, 501)), known=tuple(kind(n) for n in range(1, 501)))
    )
    assert inserted == [(0, 499)]
    assert changed == list(range(500))


def test_that_a_screen_reader_hears_name_state_and_verdict(model: PlotsModel) -> None:
    model.apply(seen(verdict(1, "Bad")))
    said = model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert (
        said
        == "Plot_001, bad, Bad 97 %, unlike anything Good, 6.2 times as far from it as the limit, run 92317, 2 s"
    )


def test_that_a_plot_type_met_without_the_database_gets_one_tile_and_not_two(
    model: PlotsModel,
) -> None:
    model.apply(seen(verdict(-3, plot_type="CDC_wires", age_s=9)))
    model.apply(seen(known=(kind(12, name="CDC_wires"),)))
    assert column(model, Role.NAME) == ["CDC_wires"]
    assert column(model, Role.LABEL) == ["Good"]
    model.apply(seen(verdict(12, "Bad", plot_type="CDC_wires", age_s=1)))
    assert column(model, Role.LABEL) == ["Bad"]


@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        (verdict(age_s=600), "A new one was due at"),
        (verdict(label="NoModel"), "No model for this plot yet. It needs about 20 labels per"),
    ],
)
def test_that_a_tile_says_what_is_missing(seen: Verdict, sentence: str) -> None:
    model = PlotsModel()
    model.apply(Update(NOW, known=(kind(1),), seen=(Seen(seen),)))
    assert sentence in model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    model.apply(Update(NOW, seen=(Seen(verdict(age_s=1)),)))
    assert sentence not in model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
