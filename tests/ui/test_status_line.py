"""The status line in a narrow window, a wide one and on a small wall."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.status_line import StatusLine

WIDE = 6000  # px: room for everything, whatever the font


@pytest.fixture
def line(qtbot: QtBot) -> Iterator[StatusLine]:
    window = QWidget()  # a window of its own would not become narrower than what it shows
    qtbot.addWidget(window)
    made = StatusLine(window)
    made.show_experiment("Simulated hall", None)
    made.run.show_value("92317")
    made.show_last_plot("2 s ago", late=False)
    made.seen.show_value("16 of 16")
    made.show_conditions((("Beam", "210 nA"), ("Data taking", "On")))
    made.show_counts(2, 1)
    made.show_waiting(3)
    made.show_clock("04:12:36", "14 May 2026, EDT")
    made.resize(WIDE, made.height())
    window.show()
    yield made
    window.close()


def needed(line: StatusLine) -> tuple[QWidget, ...]:
    return line.run, line.last_plot, line.waiting, line.bad, line.look, line.sound


def spare(line: StatusLine) -> tuple[QWidget, ...]:
    beam, taking = line._conditions.values()
    return line.legend, line.experiment, line.seen, taking, beam


def whole(line: StatusLine) -> bool:
    """Whether everything that is shown has the room that it needs."""
    shown = [each for each in (*needed(line), *spare(line)) if each.isVisible()]
    return all(each.width() >= each.sizeHint().width() for each in shown)


def test_that_all_of_it_is_shown_where_there_is_room(line: StatusLine, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: all(each.isVisible() for each in (*needed(line), *spare(line))))
    assert not line.calm.isVisible()


def test_that_the_least_needed_goes_first_and_what_calls_never_does(
    line: StatusLine, qtbot: QtBot
) -> None:
    narrowest = line.minimumSizeHint().width()
    seen = []
    for width in range(WIDE, narrowest - 1, -60):
        line.resize(width, line.height())
        seen.append([each.isVisible() for each in spare(line)])
        assert all(each.isVisible() for each in needed(line))
    line.resize(narrowest, line.height())
    assert not any(each.isVisible() for each in spare(line))
    assert all(state == sorted(state) for state in seen)  # never one that is needed more
    qtbot.waitUntil(lambda: whole(line))
    line.resize(WIDE, line.height())
    qtbot.waitUntil(lambda: all(each.isVisible() for each in spare(line)))


def test_that_a_longer_figure_takes_the_room_of_what_is_needed_less(
    line: StatusLine, qtbot: QtBot
) -> None:
    qtbot.waitUntil(line.legend.isVisible)
    tight = next(
        width
        for width in range(line.minimumSizeHint().width(), WIDE)
        if line.resize(width, line.height()) is None and line.legend.isVisible()
    )
    line.resize(tight, line.height())
    line.show_last_plot("1 h 23 min ago", late=True)
    qtbot.waitUntil(lambda: not line.legend.isVisible())
    qtbot.waitUntil(lambda: whole(line))


def test_that_a_wall_that_is_too_small_for_large_figures_has_smaller_ones(
    line: StatusLine, qtbot: QtBot
) -> None:
    narrow = line.minimumSizeHint().width()
    line.set_wall(True)
    large = line.run._value.font().pointSizeF()
    line.resize(narrow, line.height())
    qtbot.waitUntil(lambda: line.run._value.font().pointSizeF() < large)
    line.resize(WIDE, line.height())
    qtbot.waitUntil(lambda: line.run._value.font().pointSizeF() == large)
    line.set_wall(False)
    assert line.run._value.font().pointSizeF() < large
