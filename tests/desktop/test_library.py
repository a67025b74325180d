"""The model library in the window, against a real gateway with a real database and real models."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from library_server import Library, running
from PySide6.QtCore import QDateTime, QPoint, Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from db import catalogue, labels, library, models
from db.session import transaction
from db.values import Mistake
from hydra_desktop.app import Desktop
from hydra_desktop.link.arrival import Arrival
from inference_server.predict.heads import WEIGHTS
from inference_server.protocol.library import LibraryChanged
from inference_server.protocol.trainings import TrainingChanged, TrainingState
from ui.ask_dialog import AskDialog

Make = Callable[..., Desktop]
GIVEN = [
    ("Bad", "Bad", 0.95), ("Bad", "Bad", 0.75), ("Bad", "Good", 0.9), ("Good", "Good", 0.97),
    ("Good", "Good", 0.8), ("Good", "Bad", 0.7), ("Good", "Bad", 0.9), ("NoData", "NoData", 0.98),
]  # fmt: skip


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Library]:
    with running(tmp_path) as made:
        yield made


@pytest.fixture
def filled(held: Library) -> Library:
    """Two models that judged eight pictures; the first is live."""
    ids = held.pictures(GIVEN)
    first, second = held.model("first"), held.model("second")
    for each in (first, second):
        held.validated(each, ids, GIVEN)
    with transaction(held.sessions) as session:
        models.activate(session, held.plot_type, first, who="ann", reason="first one")
    return held


@pytest.fixture
def desk(desktop: Make, filled: Library, qtbot: QtBot) -> Desktop:
    return opened(desktop, filled, qtbot)


def opened(desktop: Make, held: Library, qtbot: QtBot) -> Desktop:
    made = desktop(server=held.address, key=held.key)
    made.window.resize(1600, 1000)
    made.start()
    made.window.show_page("library")
    page = made.library_page
    qtbot.waitUntil(lambda: int(page.matrix.figures.bars.sum()) == len(GIVEN))
    return made


def press(desk: Desktop, qtbot: QtBot, row: int, column: int, at: float) -> None:
    """Click a cell; ``at``: confidence under the mouse, 2: above the bars."""
    matrix = desk.library_page.matrix
    plot = matrix.grid.plot(row, column)
    top = matrix.grid.cell(row, column).top() + 5
    place = QPoint(int(plot.left() + min(at, 1) * plot.width()), int(plot.center().y()))
    if at > 1:
        place = QPoint(int(plot.center().x()), int(top))
    qtbot.mouseClick(matrix.viewport(), Qt.MouseButton.LeftButton, pos=place)


def cards(desk: Desktop) -> list[str]:
    shown = desk.library_page.strip.pictures
    return [shown.item(row).text() for row in range(shown.count())]


def tell(dialog: AskDialog | None, who: str, why: str, qtbot: QtBot) -> None:
    assert dialog is not None
    assert not dialog.primary.isEnabled()
    dialog.person.setText(who)
    dialog.reason.setText(why)
    qtbot.mouseClick(dialog.primary, Qt.MouseButton.LeftButton)


def active(held: Library) -> int | None:
    with transaction(held.sessions) as session:
        return catalogue.load(session).plot_types[0].model_id


def test_that_the_active_model_stands_first_with_its_matrix(desk: Desktop) -> None:
    page = desk.library_page
    assert page.title.text() == "★ Model 1"
    assert page.models.models.count() == 2
    names = [mark.name for mark in page.matrix.figures.classes]
    assert names == ["Good", "Bad", "NoData"]
    assert page.matrix.figures.counts.tolist() == [[2, 2, 0], [1, 2, 0], [0, 0, 1]]
    assert page.matrix.figures.thresholds == (0.5, 0.65, 0.9)
    words = page.skill.text().replace("\u00a0", " ")  # no figure is broken between two lines
    assert words.startswith("Accuracy 0.62 (")
    assert "Bad found 0.67 (0.21 to 0.94)" in words


def test_that_a_cell_shows_its_pictures_and_a_bar_only_its_own(desk: Desktop, qtbot: QtBot) -> None:
    press(desk, qtbot, 0, 1, 2)
    qtbot.waitUntil(lambda: len(cards(desk)) == 2)
    assert [words.split(" · ")[0] for words in cards(desk)] == ["Bad 0.900", "Bad 0.700"]
    strip = desk.library_page.strip
    assert strip.title.text() == "2 plots: a person said Good, the AI said Bad"
    qtbot.waitUntil(lambda: not strip.pictures.item(1).icon().isNull())
    bar = next(n for n in range(40) if desk.library_page.matrix.figures.bars[0, 1, n])
    press(desk, qtbot, 0, 1, (bar + 0.5) / 40)
    qtbot.waitUntil(lambda: len(cards(desk)) == 1)
    assert cards(desk)[0].startswith("Bad 0.700")


def test_that_a_key_labels_a_picture_again_and_the_matrix_is_counted_anew(
    desk: Desktop, filled: Library, qtbot: QtBot
) -> None:
    press(desk, qtbot, 0, 1, 2)
    qtbot.waitUntil(lambda: len(cards(desk)) == 2)
    qtbot.keyClick(desk.library_page.strip.pictures, "2")
    matrix = desk.library_page.matrix
    qtbot.waitUntil(lambda: matrix.figures.counts[1].tolist() == [1, 3, 0])
    qtbot.waitUntil(lambda: len(cards(desk)) == 1)
    with transaction(filled.sessions) as session:
        known = [each.class_name for each in labels.export(session)]
    assert known.count("Bad") == 4


def test_that_a_threshold_is_dragged_weighed_and_set_with_name_and_reason(
    desk: Desktop, filled: Library, qtbot: QtBot
) -> None:
    page = desk.library_page
    matrix, panel = page.matrix, page.thresholds
    plot = matrix.grid.plot(1, 1)
    y = int(plot.center().y())
    start = QPoint(int(plot.left() + 0.65 * plot.width()), y)
    end = QPoint(int(plot.left() + 0.8 * plot.width()) + 1, y)
    qtbot.mousePress(matrix.viewport(), Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(matrix.viewport(), end)
    qtbot.mouseRelease(matrix.viewport(), Qt.MouseButton.LeftButton, pos=end)
    assert panel.trying == ("Bad", 0.8)
    qtbot.waitUntil(lambda: bool(panel.table.rows))
    rows = {row.words: (row.now, row.then) for row in panel.table.rows}
    assert rows["Bad, confirmed"] == ("4", "2")
    assert rows["Confirmed and wrong"] == ("2", "1")
    assert rows["Bad, but not found"] == ("1", "2")
    assert not panel.set_button.isEnabled()
    panel.person.setText("bob")
    panel.reason.setText("too many calls")
    qtbot.mouseClick(panel.set_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: matrix.figures.thresholds[1] == 0.8)
    qtbot.waitUntil(lambda: "Bad 0.80, set by bob" in panel.history.text())
    assert panel.trying is None
    with transaction(filled.sessions) as session:
        newest = library.threshold_history(session, [1])[1][0]
    assert (newest.threshold, newest.who, newest.reason) == (0.8, "bob", "too many calls")


def test_that_what_is_tried_leaves_the_matrix_with_the_panel(desk: Desktop) -> None:
    page = desk.library_page
    page.thresholds.try_value("Bad", 0.8)
    assert page.matrix.look.tried == (1, 0.8)
    page.thresholds.stop_trying()
    assert page.matrix.look.tried is None


def test_that_two_experts_who_move_one_threshold_hear_of_each_other(
    desk: Desktop, filled: Library, qtbot: QtBot
) -> None:
    panel = desk.library_page.thresholds
    panel.try_value("Bad", 0.8)
    with transaction(filled.sessions) as session:
        models.set_threshold(session, 1, "Bad", 0.72, who="ann", reason="night shift")
    panel.person.setText("bob")
    panel.reason.setText("too many calls")
    qtbot.mouseClick(panel.set_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(panel.set_mine.isVisible)
    assert "ann set Bad to 0.72" in panel.message.text()
    qtbot.mouseClick(panel.take_theirs, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.library_page.matrix.figures.thresholds[1] == 0.72)
    panel.try_value("Bad", 0.8)
    with transaction(filled.sessions) as session:
        models.set_threshold(session, 1, "Bad", 0.71, who="ann", reason="night shift")
    panel.reason.setText("too many calls")
    qtbot.mouseClick(panel.set_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(panel.set_mine.isVisible)
    qtbot.mouseClick(panel.set_mine, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.library_page.matrix.figures.thresholds[1] == 0.8)


def test_that_a_model_is_reviewed_signed_activated_and_rolled_back(
    desk: Desktop, filled: Library, qtbot: QtBot
) -> None:
    page, bar = desk.library_page, desk.library_page.models
    qtbot.mouseClick(bar.rule, Qt.MouseButton.LeftButton, pos=QPoint(12, bar.rule.height() // 2))
    qtbot.waitUntil(bar.rule.isChecked)
    with transaction(filled.sessions) as session:
        assert library.signoff_needed(session)
    bar.models.setCurrentRow(0)
    qtbot.waitUntil(lambda: page.title.text() == "Model 2")
    qtbot.waitUntil(lambda: not bar.activate.isEnabled())
    click = Qt.MouseButton.LeftButton
    qtbot.mouseClick(bar.sign, click)
    qtbot.waitUntil(lambda: len(cards(desk)) == 3)
    assert page.strip.title.text() == "Who is right, the person or the AI? 3 plots"
    assert bar.sign.text() == "Report reviewed"
    qtbot.mouseClick(bar.sign, click)
    tell(desk.release.dialog, "bob", "three doubtful labels", qtbot)
    qtbot.waitUntil(lambda: bar.sign.text() == "Sign off")
    qtbot.mouseClick(bar.sign, click)
    tell(desk.release.dialog, "ann", "good enough", qtbot)
    qtbot.waitUntil(bar.activate.isEnabled)
    qtbot.mouseClick(bar.activate, click)
    tell(desk.release.dialog, "ann", "better", qtbot)
    qtbot.waitUntil(lambda: page.title.text() == "★ Model 2")
    assert active(filled) == 2
    qtbot.mouseClick(bar.roll_back, click)
    tell(desk.release.dialog, "ann", "flickers", qtbot)
    qtbot.waitUntil(lambda: active(filled) == 1)
    qtbot.waitUntil(lambda: page.title.text() == "Model 2")


def test_that_a_damaged_model_is_refused_in_words_and_the_star_stays(
    desk: Desktop, filled: Library, qtbot: QtBot
) -> None:
    page, bar = desk.library_page, desk.library_page.models
    (filled.config.models_dir / "second" / WEIGHTS).write_bytes(b"cut short")
    bar.models.setCurrentRow(0)
    qtbot.mouseClick(bar.activate, Qt.MouseButton.LeftButton)
    tell(desk.release.dialog, "ann", "better", qtbot)
    qtbot.waitUntil(lambda: "the active one stays" in page.note.text())
    assert active(filled) == 1
    desk.library.ask_figures()
    qtbot.waitUntil(lambda: not desk.library.asking._open)
    assert "the active one stays" in page.note.text()  # whatever figures come meanwhile


def test_that_all_labelled_pictures_are_judged_on_request(
    desk: Desktop, filled: Library, qtbot: QtBot
) -> None:
    page = desk.library_page
    page.source.setCurrentIndex(1)
    qtbot.waitUntil(lambda: int(page.matrix.figures.bars.sum()) == len(GIVEN))
    with transaction(filled.sessions) as session:
        from db import matrix

        assert sum(bar.count for bar in matrix.tally(session, 1, "labelled")) == len(GIVEN)
    page.source.setCurrentIndex(2)
    qtbot.waitUntil(lambda: "drawn at random" in page.empty.text())


def test_that_curves_and_a_comparison_are_shown(desk: Desktop, qtbot: QtBot) -> None:
    page = desk.library_page
    page.show_view("curves")
    qtbot.waitUntil(lambda: page.curves._notes[0].text().startswith("Best F1 of Bad"))
    qtbot.mouseClick(page.models.compare, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "right equally often" in page.comparison.sentence.text())
    assert page.comparison.other.currentText() == "Model 2"


def test_that_the_matrix_is_exported_as_picture_drawing_and_table(
    desk: Desktop, tmp_path: Path
) -> None:
    page = desk.library_page
    for kind in ("png", "svg", "csv"):
        page.export_wanted.emit(kind, str(tmp_path / f"matrix.{kind}"))
        assert (tmp_path / f"matrix.{kind}").stat().st_size > 100
    with (tmp_path / "matrix.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["pictures"]) for row in rows) == len(GIVEN)
    page.export_wanted.emit("csv", str(tmp_path / "no" / "where.csv"))
    assert "could not be written" in page.note.text()


def test_that_a_plot_type_without_a_model_says_what_to_do(
    desktop: Make, held: Library, qtbot: QtBot
) -> None:
    made = desktop(server=held.address, key=held.key)
    made.start()
    made.window.show_page("library")
    qtbot.waitUntil(lambda: "No model for this plot yet" in made.library_page.empty.text())
    assert not [
        button for button in made.library_page.findChildren(QPushButton) if not button.text()
    ]


def test_that_news_of_another_plot_type_disturb_nobody(desk: Desktop) -> None:
    open_before = len(desk.library.asking._open)
    news = LibraryChanged(plot_type_id=99, who="ann", what="threshold")
    desk.library.receive([Arrival(news)])
    assert len(desk.library.asking._open) == open_before


def test_that_a_model_stands_in_the_library_when_its_training_is_done(
    desk: Desktop, filled: Library, qtbot: QtBot
) -> None:
    new = filled.model("third")
    done = TrainingState(
        job_id=1,
        plot_type="",
        plot_type_id=filled.plot_type,
        state="done",
        sentence="",
        model_id=new,
    )
    desk.library.receive([Arrival(TrainingChanged(training=done))])
    qtbot.waitUntil(lambda: desk.library_page.models.models.count() == 3)


def test_that_a_plot_type_is_made_with_a_look_at_its_files(
    desk: Desktop, filled: Library, qtbot: QtBot
) -> None:
    page = desk.library_page
    qtbot.mouseClick(page.models.new, Qt.MouseButton.LeftButton)
    form = desk.plot_type.dialog
    assert form is not None
    assert not form.save.isEnabled()
    form.name.setText("CDC_occupancy")
    qtbot.waitUntil(lambda: form.files.text().startswith("8 match: "))
    qtbot.mouseClick(form.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "there is a plot type CDC_occupancy already" in form.message.text())
    form.name.setText("FDC_hits")
    qtbot.waitUntil(lambda: "None matches" in form.files.text())
    form.new_class.setText("Hole")
    form.severity.setCurrentIndex(2)
    qtbot.mouseClick(form.add, Qt.MouseButton.LeftButton)
    form.guidance.setPlainText("Call the FDC expert.")
    qtbot.mouseClick(form.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.plot_type.dialog is None)
    qtbot.waitUntil(lambda: page.models.plot_types.findText("FDC_hits") >= 0)
    with transaction(filled.sessions) as session:
        known = {each.name: each for each in catalogue.load(session).plot_types}["FDC_hits"]
    assert [(each.name, each.severity) for each in known.classes] == [("Hole", "bad")]
    assert known.guidance == "Call the FDC expert."


def test_that_a_plot_type_is_changed_in_its_form(
    desk: Desktop, filled: Library, qtbot: QtBot
) -> None:
    qtbot.mouseClick(desk.library_page.models.edit, Qt.MouseButton.LeftButton)
    form = desk.plot_type.dialog
    assert form is not None
    assert [name for name, _ in form.form().classes] == ["Good", "Bad", "NoData"]
    form.collect.setValue(0.25)
    form.contact.setText("ann")
    qtbot.mouseClick(form.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.plot_type.dialog is None)
    with transaction(filled.sessions) as session:
        (known,) = catalogue.load(session).plot_types
    assert (known.collect_fraction, known.contact) == (0.25, "ann")


def test_that_the_ledger_says_which_model_was_live_at_a_moment(
    desk: Desktop, filled: Library, qtbot: QtBot
) -> None:
    page = desk.library_page
    qtbot.mouseClick(page.models.ledger, Qt.MouseButton.LeftButton)
    dialog = desk.ledger.dialog
    assert dialog is not None
    assert [dialog.table.item(0, place).text() for place in (1, 2, 3)] == [
        "Model 1", "ann", "first one",
    ]  # fmt: skip
    qtbot.mouseClick(dialog.ask, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.answer.text().startswith("Model 1 was live"))
    dialog.moment.setDateTime(QDateTime(2020, 1, 1, 0, 0, 0))
    qtbot.mouseClick(dialog.ask, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.answer.text().startswith("No model was live"))
    page.models.model_chosen.emit(2)
    assert page.title.text() == "Model 2"
    dialog.table.cellActivated.emit(0, 0)
    assert page.title.text() == "★ Model 1"
    assert desk.ledger.dialog is None


def test_that_answers_to_the_report_stay_with_its_questions(
    desk: Desktop, filled: Library, qtbot: QtBot
) -> None:
    page, bar = desk.library_page, desk.library_page.models
    asked = (Mistake(3, "Good", "Bad", 0.9), Mistake(6, "Bad", "Good", 0.7))
    filled.model("third", mistakes=asked)
    desk.library.reload()
    qtbot.waitUntil(lambda: bar.models.count() == 3)
    bar.models.setCurrentRow(0)
    qtbot.waitUntil(lambda: page.title.text() == "Model 3")
    qtbot.mouseClick(bar.sign, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(cards(desk)) == 2)
    assert page.strip.title.text() == "Who is right, the person or the AI? 2 plots"
    assert page.strip.note.text() == "0 answered, the surest first"
    page.strip.class_chosen.emit(3, "Good")
    qtbot.waitUntil(lambda: page.strip.note.text() == "1 answered, the surest first")
    qtbot.waitUntil(lambda: cards(desk)[0] == "here: Good, the AI")
    assert len(cards(desk)) == 2
