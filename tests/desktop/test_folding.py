"""Groups of many plots stand folded: one tile each, with the worst badge and the counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from desktop_factory import NOW, kind, verdict
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from hydra_desktop.app import Desktop
from hydra_desktop.models.arranged import ArrangedPlots
from hydra_desktop.models.folding import FOLD_FROM
from hydra_desktop.models.plots import PlotsModel, Seen, Update
from hydra_desktop.models.station import Station
from inference_server.protocol.messages import Snapshot, Verdict
from ui.roles import Fold, Role
from ui.states import TileState

GROUPS = ("CDC", "FDC", "FCAL")
MANY = tuple(kind(n, group=GROUPS[n % 3]) for n in range(1, FOLD_FROM + 2))


@pytest.fixture
def plots() -> PlotsModel:
    made = PlotsModel()
    made.apply(Update(NOW, known=MANY, complete=True))
    return made


@pytest.fixture
def arranged(plots: PlotsModel) -> ArrangedPlots:
    made = ArrangedPlots()
    made.setSourceModel(plots)
    made.narrow(station=Station())
    return made


def folds(arranged: ArrangedPlots) -> list[Fold | None]:
    return [arranged.index(row, 0).data(Role.FOLD) for row in range(arranged.rowCount())]


def judged(plots: PlotsModel, *verdicts: Verdict) -> None:
    plots.apply(Update(NOW, seen=tuple(Seen(each) for each in verdicts)))


def test_that_more_than_sixty_plots_stand_as_their_groups(arranged: ArrangedPlots) -> None:
    assert [(fold.group, fold.plots) for fold in folds(arranged) if fold] == [
        ("FDC", 21), ("FCAL", 20), ("CDC", 20),
    ]  # fmt: skip
    assert arranged.shown == len(MANY)


def test_that_sixty_plots_do_not_fold(plots: PlotsModel, arranged: ArrangedPlots) -> None:
    plots.apply(Update(NOW, known=MANY[:-1], complete=True))
    arranged.narrow()
    assert arranged.rowCount() == FOLD_FROM
    assert folds(arranged) == [None] * FOLD_FROM


def test_that_a_groups_tile_says_the_worst_of_its_plots_at_once(
    plots: PlotsModel, arranged: ArrangedPlots, qtbot: QtBot
) -> None:
    judged(plots, *(verdict(each.id) for each in MANY))
    with qtbot.waitSignal(arranged.dataChanged):
        judged(plots, verdict(4, "Bad", age_s=1.0), verdict(7, "Bad", confirmed=False, age_s=1.0))
    fold = folds(arranged)[0]
    assert fold is not None
    assert fold.worst is TileState.MAJOR
    assert fold.counts == (
        (TileState.MAJOR, 1, "bad"), (TileState.MINOR, 1, "to look at"), (TileState.GOOD, 19, "good"),
    )  # fmt: skip
    said = arranged.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == ("Group FDC, folded, 21 plots: 1 bad, 1 to look at, 19 good. Enter shows them")


def test_that_what_is_unfolded_stands_together(arranged: ArrangedPlots) -> None:
    tester = QAbstractItemModelTester(arranged, QAbstractItemModelTester.FailureReportingMode.Fatal)
    arranged.narrow(station=Station(unfolded=frozenset({"FCAL"})))
    names = [arranged.index(row, 0).data(Role.GROUP) for row in range(arranged.rowCount())]
    assert names == ["FDC", *["FCAL"] * 20, "CDC"]
    arranged.narrow(station=Station(fold=False))
    assert arranged.rowCount() == len(MANY)
    assert arranged.index(1, 0).data(Role.NAME) == "Plot_002"  # the old order is back
    assert tester.model() is arranged


def test_that_a_search_and_a_chosen_group_show_plots(arranged: ArrangedPlots) -> None:
    arranged.narrow(text="Plot_05")
    assert arranged.rowCount() == 10
    assert folds(arranged) == [None] * 10
    arranged.narrow(text="", station=Station(group="FDC"))
    assert folds(arranged) == [None] * 21


def test_that_enter_unfolds_and_the_menu_folds_again(
    desktop: Callable[..., Desktop], qtbot: QtBot
) -> None:
    desk = desktop()
    at = datetime.now(UTC)
    bad = verdict(5, "Bad", confirmed=False, judged_at=at, picture_time=at)
    desk.run.restore(Snapshot(session="s", sequence=1, plot_types=MANY, verdicts=(bad,)))
    grid = desk.run_page.grid
    assert desk.run_page.head.count.text() == f"{len(MANY)} / {len(MANY)}"
    assert grid.model().rowCount() == 3
    grid.setCurrentIndex(grid.model().index(0, 0))
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert grid.model().rowCount() == 23
    assert desk.window.page == "run"
    assert grid.currentIndex().data(Role.NAME) == "Plot_001"
    menu = desk.arrange.menu("Plot_001")
    next(each for each in menu.actions() if each.text() == "Fold FDC").trigger()
    assert grid.model().rowCount() == 3
    desk.window.status_line.look.click()  # it leads to a plot inside a folded group
    assert grid.currentIndex().data(Role.NAME) == "Plot_005"
    desk.arrange.set_folding(True)
    desk.detail.open("Plot_005")  # so does an alarm
    assert desk.window.page == "detail"
    assert desk.detail_page.title.text() == "Plot_005"
