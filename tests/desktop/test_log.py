"""The log page against a small real server: rows, filters, one streak, comments, tables."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from desktop_factory import NOW, kind, png, verdict
from desktop_server import SmallServer
from PySide6.QtCore import QDateTime, Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from hydra_desktop.app import Desktop
from hydra_desktop.link.state import Stage
from hydra_desktop.log_words import filter_of, runs_of
from hydra_desktop.settings import Memory
from inference_server.protocol.base import Severity
from inference_server.protocol.detail import (
    CastVote,
    Detail,
    GetDetail,
    GetHistoryOf,
    GetRuns,
    History,
    Runs,
)
from inference_server.protocol.messages import ClassInfo, Done, Judged, Snapshot
from inference_server.protocol.records import (
    CommentOnStreak,
    GetLogPage,
    GetReport,
    GetRunPeriods,
    GetStreak,
    LogPage,
    Report,
    RunPeriods,
    Streak,
    StreakComment,
    StreakDetails,
    StreakPicture,
)
from ui.log_filters import LogWish
from ui.states import TileState

Make = Callable[..., Desktop]
A_DAY = timedelta(days=1)
ASKING = "Asking the server."


def streak(number: int = 1, **changes: Any) -> Streak:
    at = NOW - timedelta(hours=number)
    known: dict[str, Any] = {
        "id": number,
        "plot_type_id": 1,
        "plot_type": "CDC_occupancy",
        "chunked": True,
        "group": "CDC",
        "contact": "Drift chamber expert",
        "run_period": "RunPeriod-2026-05",
        "run": 92317,
        "first_chunk": 3,
        "last_chunk": 8,
        "first_at": at - timedelta(minutes=30),
        "last_at": at,
        "length": 6,
        "open": False,
        "label": "Bad",
        "severity": Severity.BAD,
        "confirmed": True,
        "confidence": 0.97,
        "first_hash": "first",
        "last_hash": "last",
    }
    return Streak(**(known | changes))


ROWS = (
    streak(1, seen_by="ann", seen_at=NOW, seen_why="crate 7"),
    streak(2, group="FDC", plot_type="FDC_efficiency", confirmed=False, confidence=0.41),
    streak(3, run=92310, first_chunk=1),
)


@pytest.fixture
def desk(desktop: Make, server: SmallServer, qtbot: QtBot) -> Desktop:
    """A desktop with the log in front, as it first comes."""
    say = server.speaking
    say.snapshot = Snapshot(
        session="first",
        sequence=0,
        plot_types=(kind(1, group="CDC"), kind(2, group="FDC")),
        classes=(ClassInfo(name="Bad", severity=Severity.BAD, colour=""),),
    )
    say.pictures = {"first": png(), "last": png(40, 30, "#802040")}
    say.replies[GetRunPeriods] = lambda _: (RunPeriods(names=("RunPeriod-2026-05",)), ())
    say.replies[GetLogPage] = pages
    say.replies[GetStreak] = details
    say.replies[GetDetail] = lambda request: (
        Detail(
            picture_hash=request.picture_hash, label="Good", label_by="bob", may_label=True,
            classes=("Good", "Bad"),
        ), (),
    )  # fmt: skip
    made = desktop(server=server.address)
    made.start()
    qtbot.waitUntil(lambda: made.link.state.stage is Stage.CONNECTED)
    made.window.show_page("log")
    qtbot.waitUntil(lambda: len(made.log.model.streaks()) == 2)
    return made


def pages(request: Any) -> tuple[LogPage, tuple[bytes, ...]]:
    if request.wanted.text == "nothing":
        return LogPage(streaks=(), more=False), ()
    if request.after_id is None:
        return LogPage(streaks=ROWS[:2], more=True), ()
    return LogPage(streaks=ROWS[2:], more=False), ()


def details(request: Any) -> tuple[StreakDetails, tuple[bytes, ...]]:
    number = 3 if request.from_the_beginning else request.streak_id
    pictures = tuple(
        StreakPicture(
            inference_id=chunk,
            picture_hash=name,
            chunk=chunk,
            judged_at=NOW,
            confidence=0.9,
            masked=int(name == "last"),
        )
        for chunk, name in ((3, "first"), (8, "last"))
    )
    said = (StreakComment(who="ann", text="Crate 7 was off", at=NOW),)
    return StreakDetails(streak=ROWS[number - 1], pictures=pictures, comments=said), ()


def last_asked(server: SmallServer, kind_of: type) -> Any:
    return [each for each in server.speaking.asked if isinstance(each, kind_of)][-1]


def words(desk: Desktop, row: int, group: int) -> list[str]:
    model = desk.log.model
    parent = model.index(group, 0)
    return [model.index(row, column, parent).data() for column in range(4)]


def test_that_rows_are_streaks_below_their_detector_with_its_contact(desk: Desktop) -> None:
    model = desk.log.model
    assert model.index(0, 0).data().startswith("CDC  ·  Drift chamber expert")
    assert words(desk, 0, 0) == ["CDC_occupancy", "Bad 97 %", "92317.3", "6 chunks, 30 min"]
    assert words(desk, 0, 1)[1] == "Bad? 41 %"
    assert desk.log_page.note.text() == "2 streaks, the newest ones."


def test_that_older_streaks_join_their_detector(desk: Desktop, qtbot: QtBot) -> None:
    desk.log_page.older.click()
    qtbot.waitUntil(lambda: len(desk.log.model.streaks()) == 3)
    assert words(desk, 1, 0)[2] == "92310.1"
    assert not desk.log_page.older.isVisible()


def test_that_a_chosen_streak_shows_picture_sentence_and_comments(
    desk: Desktop, qtbot: QtBot
) -> None:
    preview = desk.log_page.preview
    desk.log_page.rows.setCurrentIndex(desk.log.model.find(1))
    qtbot.waitUntil(lambda: preview.picture.isVisible() and preview.pictures.count() == 2)
    assert [preview.pictures.itemText(place) for place in range(2)] == [
        "92317.3, 90 % sure", "92317.8, 90 % sure, judged without 1 area",
    ]  # fmt: skip
    assert preview.sentence.text() == "Started at 92317.3, lasted 6 chunks, 30 min."
    assert "ann" in preview.comments.text()
    assert "Crate 7 was off" in preview.comments.text()
    assert preview.badge.accessibleName() == "bad"


def test_that_the_way_to_the_beginning_is_one_click(desk: Desktop, qtbot: QtBot) -> None:
    preview = desk.log_page.preview
    desk.log_page.rows.setCurrentIndex(desk.log.model.find(1))
    qtbot.waitUntil(lambda: preview.pictures.count() == 2)
    preview.beginning.click()
    qtbot.waitUntil(lambda: preview.sentence.text().startswith("Started at 92310.1"))


def test_that_a_comment_is_shown_when_the_server_has_it(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    server.speaking.replies[CommentOnStreak] = lambda _: (Done(sentence="Kept."), ())
    preview = desk.log_page.preview
    desk.log_page.rows.setCurrentIndex(desk.log.model.find(1))
    qtbot.waitUntil(lambda: preview.pictures.count() == 2)
    preview.comment.setText("Seen")
    preview.person.setText("Ann")
    preview.add.click()
    qtbot.waitUntil(lambda: preview.comment.text() == "")
    said = last_asked(server, CommentOnStreak)
    assert (said.text, said.person, desk.acts.names()) == ("Seen", "Ann", ["Ann"])


def test_that_the_run_of_a_row_can_be_replayed(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    server.speaking.replies[GetRuns] = lambda _: (Runs(runs=()), ())
    choose(desk, qtbot)
    desk.log_page.preview.replay.click()
    qtbot.waitUntil(lambda: any(isinstance(each, GetRuns) for each in server.speaking.asked))
    assert last_asked(server, GetRuns).up_to == 92317
    dialog = desk.replay.choice.dialog
    assert dialog is not None
    dialog.close()


def test_that_a_comment_that_is_refused_stays_in_its_field(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    preview = desk.log_page.preview
    desk.log_page.rows.setCurrentIndex(desk.log.model.find(1))
    qtbot.waitUntil(lambda: preview.pictures.count() == 2)
    preview.comment.setText("Seen")
    preview.add.click()
    qtbot.waitUntil(lambda: "not kept" in preview.picture_note.text())
    assert preview.comment.text() == "Seen"


def choose(desk: Desktop, qtbot: QtBot) -> None:
    desk.log_page.rows.setCurrentIndex(desk.log.model.find(1))
    qtbot.waitUntil(lambda: desk.log_page.preview.pictures.count() == 2)


def test_that_a_row_has_its_picture_and_who_has_seen_it(desk: Desktop, qtbot: QtBot) -> None:
    model = desk.log.model
    row = model.find(1)
    qtbot.waitUntil(lambda: row.data(Qt.ItemDataRole.DecorationRole) is not None)
    assert row.siblingAtColumn(5).data() == "ann"
    assert "Seen by ann: crate 7" in row.data(Qt.ItemDataRole.ToolTipRole)
    choose(desk, qtbot)
    told = [each.text() for each in desk.log_page.preview.facts.findChildren(QLabel)]
    assert "ann, 14 May 2026" in " ".join(told)


def test_that_a_picture_is_labelled_beside_its_row_by_key(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    server.speaking.replies[CastVote] = lambda _: (Done(sentence="Labelled Bad."), ())
    choose(desk, qtbot)
    qtbot.waitUntil(desk.log_page.preview.labels.isVisible)
    assert desk.log_page.preview.labels.said.text() == "Labelled Good by bob."
    before = len([each for each in server.speaking.asked if isinstance(each, GetStreak)])
    desk.log_page.rows.setFocus()
    qtbot.keyClick(desk.log_page.rows, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: any(isinstance(each, CastVote) for each in server.speaking.asked))
    vote = last_asked(server, CastVote)
    assert (vote.plot_type_id, vote.picture_hash, vote.class_name) == (1, "first", "Bad")
    qtbot.waitUntil(
        lambda: (
            len([each for each in server.speaking.asked if isinstance(each, GetStreak)]) > before
        )
    )


def test_that_a_row_opens_on_the_detail_page_and_esc_comes_back(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    old = verdict(1, "Bad", picture_hash="last", plot_type="Plot_001", judged_at=NOW)
    history = History(plot_type_id=1, verdicts=(old,))
    server.speaking.replies[GetHistoryOf] = lambda _: (history, ())
    server.speaking.replies[GetStreak] = lambda request: (
        msgspec.structs.replace(
            details(request)[0], streak=streak(1, plot_type="Plot_001")
        ), (),
    )  # fmt: skip
    choose(desk, qtbot)
    desk.log_page.preview.pictures.setCurrentIndex(1)
    qtbot.keyClick(desk.log_page.rows, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desk.window.page == "detail")
    qtbot.waitUntil(lambda: desk.detail.verdict is not None)
    assert desk.detail.verdict is not None
    assert desk.detail.verdict.picture_hash == "last"
    desk.detail_page.back.emit()
    assert desk.window.page == "log"


def test_that_filters_become_a_question(desk: Desktop, server: SmallServer, qtbot: QtBot) -> None:
    filters = desk.log_page.filters
    filters.runs.setText("92300-92317")
    filters.detector.tick("FDC")
    filters.text.setText("nothing")
    filters.text.editingFinished.emit()
    qtbot.waitUntil(desk.log_page.none.isVisible)
    wanted = last_asked(server, GetLogPage).wanted
    assert (wanted.first_run, wanted.last_run, wanted.plot_type_ids) == (92300, 92317, (2,))
    assert desk.log_page.none.text().startswith("No bad plots in runs 92300 to 92317")
    filters.clear.click()
    qtbot.waitUntil(desk.log_page.rows.isVisible)


def test_that_several_detectors_and_classes_are_chosen_together(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    filters = desk.log_page.filters
    qtbot.waitUntil(lambda: filters.period.words() == ("RunPeriod-2026-05",))
    assert filters.detector.text() == "All detectors"
    for word in ("FDC", "CDC"):
        filters.detector.tick(word)
    filters.kind.tick("Bad")
    filters.period.tick("RunPeriod-2026-05")
    qtbot.waitUntil(lambda: last_asked(server, GetLogPage).wanted.run_periods != ())
    wanted = last_asked(server, GetLogPage).wanted
    assert (wanted.plot_type_ids, wanted.labels) == ((1, 2), ("Bad",))
    assert filters.detector.text() == "CDC, FDC"
    filters.clear.click()
    assert filters.detector.text() == "All detectors"


def test_that_a_detector_without_plots_has_no_streaks() -> None:
    assert filter_of(LogWish(detectors=("Gone",)), (kind(1, group="CDC"),)).plot_type_ids == (-1,)


def test_that_a_stretch_from_one_time_to_another_is_asked_for(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    filters = desk.log_page.filters
    assert not filters.since.isVisible()
    filters.time.setCurrentText("Between ...")
    qtbot.waitUntil(filters.since.isVisible)
    begin = datetime(2026, 5, 13, 8, 0).astimezone()
    filters.since.setDateTime(QDateTime.fromString("2026-05-13T08:00", Qt.DateFormat.ISODate))
    filters.until.setDateTime(QDateTime.fromString("2026-05-14T08:00", Qt.DateFormat.ISODate))
    qtbot.waitUntil(lambda: last_asked(server, GetLogPage).wanted.until == begin + A_DAY)
    assert last_asked(server, GetLogPage).wanted.since == begin
    desk.log.save_filters("that night")
    filters.clear.click()
    assert not filters.since.isVisible()
    filters.saved.setCurrentText("that night")
    filters.saved.activated.emit(filters.saved.currentIndex())
    qtbot.waitUntil(lambda: last_asked(server, GetLogPage).wanted.since == begin)


def test_that_what_came_since_is_said_and_shown_on_request(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    page, before = desk.log_page, pages_asked(server)
    choose(desk, qtbot)
    qtbot.waitUntil(server.subscribed.is_set)
    server.say(Judged(verdict=verdict(1, "Good", 0.97)))
    server.say(Judged(verdict=verdict(1, "Bad", 0.97)))
    server.say(Judged(verdict=verdict(2, "Bad", 0.97)))
    qtbot.waitUntil(lambda: page.fresh.text() == "2 new verdicts: show them")
    assert pages_asked(server) == before
    page.fresh.click()
    qtbot.waitUntil(lambda: pages_asked(server) == before + 1 and page.note.text() != ASKING)
    assert not page.fresh.isVisible()
    assert desk.log.model.streak(page.rows.currentIndex()) == ROWS[0]
    server.say(Judged(verdict=verdict(1, "Bad", 0.97)))
    qtbot.waitUntil(page.fresh.isVisible)
    desk.window.show_page("run")
    desk.window.show_page("log")
    qtbot.waitUntil(lambda: pages_asked(server) == before + 2)


def test_that_the_log_says_after_a_gap_that_there_may_be_more(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    page, before = desk.log_page, pages_asked(server)
    desk.log.restore(server.speaking.snapshot)  # as after a link that was away
    assert page.fresh.text() == "There may be new ones: show them"
    desk.window.show_page("run")
    desk.window.show_page("log")
    qtbot.waitUntil(lambda: pages_asked(server) == before + 1)
    qtbot.waitUntil(lambda: not page.fresh.isVisible())


def pages_asked(server: SmallServer) -> int:
    return sum(isinstance(each, GetLogPage) for each in server.speaking.asked)


def test_that_saved_filters_come_back(desk: Desktop, memory: Memory, qtbot: QtBot) -> None:
    filters = desk.log_page.filters
    filters.runs.setText("92317")
    filters.runs.editingFinished.emit()
    desk.log.save_filters("last night")
    filters.clear.click()
    assert filters.runs.text() == ""
    filters.saved.setCurrentText("last night")
    filters.saved.activated.emit(filters.saved.currentIndex())
    assert filters.runs.text() == "92317"
    assert "last night" in memory.text("log_filters")


def test_that_the_table_holds_every_page(desk: Desktop, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "log.csv"
    with qtbot.waitSignal(desk.log.files.written):
        desk.log.files.export_to(str(path))
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert [row["run"] for row in rows] == ["92317", "92317", "92310"]
    assert rows[0]["plot_type"] == "CDC_occupancy"
    assert desk.log_page.note.text() == f"Wrote 3 streaks to {path}."


def test_that_a_report_is_saved_as_the_server_made_it(
    desk: Desktop, server: SmallServer, tmp_path: Path, qtbot: QtBot
) -> None:
    report = Report(media_type="application/pdf", streaks=2, sent_to=3)
    server.speaking.replies[GetReport] = lambda _: (report, (b"%PDF-1.4",))
    path = tmp_path / "report.pdf"
    with qtbot.waitSignal(desk.log.files.written):
        desk.log.files.report_to(str(path), GetReport(since=NOW, until=NOW))
    assert path.read_bytes() == b"%PDF-1.4"
    assert last_asked(server, GetReport).format == "pdf"
    with qtbot.waitSignal(desk.log.files.written):
        desk.log.files.report_to(str(tmp_path / "report.html"), GetReport(since=NOW, until=NOW))
    assert last_asked(server, GetReport).format == "html"
    desk.log_page.send.click()
    qtbot.waitUntil(lambda: desk.log_page.note.text() == "The report went to 3 people.")


def test_that_runs_are_read_as_people_write_them() -> None:
    assert runs_of("92317") == (92317, 92317)
    assert runs_of("92300 – 92317") == (92300, 92317)
    assert runs_of("92300-") == (92300, None)
    assert runs_of("all") == (None, None)


def test_that_the_badge_of_a_streak_says_what_is_wrong() -> None:
    from hydra_desktop.models.log import state_of

    assert state_of(streak()) is TileState.MAJOR
    assert state_of(streak(confirmed=False)) is TileState.MINOR
    good = streak(confirmed=False, severity=Severity.GOOD, label="Good")
    assert state_of(good) is TileState.UNCONFIRMED
