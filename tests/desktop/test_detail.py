"""The detail page against a small real server: time, heat map, reference, labels, links, log book."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desktop_factory import kind, png, verdict
from desktop_server import SmallServer
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from hydra_desktop.app import Desktop
from hydra_desktop.links import LinkError, link_to, read_link
from hydra_desktop.models.chunks import Chain
from inference_server.protocol import detail as d
from inference_server.protocol.explain import GetHeatmap, Heatmap, HeatmapReady
from inference_server.protocol.messages import (
    Done,
    Judged,
    PlotTypesChanged,
    Refused,
    Snapshot,
    Verdict,
)
from ui import heat
from ui.detail_page import DetailPage
from ui.heat_bar import HINT
from ui.picture_view import Compare

Make = Callable[..., Desktop]
START = datetime.now(UTC) - timedelta(minutes=30)


def chunk(number: int, label: str = "Good") -> Verdict:
    at = START + timedelta(minutes=number)
    return verdict(
        1, label, chunk=number, judged_at=at, picture_time=at, picture_hash=f"{number:064x}"
    )


PAST = [chunk(n, "Bad" if n in (7, 8) else "Good") for n in range(1, 10)]
NEWEST = PAST[-1]


def grey(value: int = 255) -> bytes:
    image = QImage(8, 8, QImage.Format.Format_Grayscale8)
    image.fill(0)
    image.setPixelColor(2, 2, Qt.GlobalColor.white if value else Qt.GlobalColor.black)
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice

    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(held.data())


def history(request: d.GetHistoryOf) -> tuple[d.History, tuple[bytes, ...]]:
    at = request.at or NEWEST.judged_at
    before = [each for each in PAST if each.judged_at <= at][-request.before :]
    after = [each for each in PAST if each.judged_at > at][: request.after]
    return d.History(plot_type_id=1, verdicts=(*before, *after)), ()


def about(request: d.GetDetail) -> tuple[d.Detail, tuple[bytes, ...]]:
    needs = d.Threshold(class_name="Good", value=0.7, method="person", who="bob", at=START)
    return d.Detail(
        picture_hash=request.picture_hash, model_name="heads", model_made_at=START, model_by="ann",
        thresholds=(needs,), classes=("Good", "Bad", "NoData"), may_label=True, in_a_row=2,
        streak_since=START, bad_this_week=3, logbook="files in /book",
    ), ()  # fmt: skip


@pytest.fixture
def desk(desktop: Make, server: SmallServer, qtbot: QtBot) -> Desktop:
    """A desktop with its newest chunk (9) open, and all it asks answered."""
    server.speaking.snapshot = Snapshot(
        session="first", sequence=0, plot_types=(kind(1, stale_after_s=0),), verdicts=(NEWEST,)
    )
    for each in PAST:
        server.speaking.pictures[each.picture_hash] = png(800 + each.chunk, 600)
    server.speaking.answers = {d.GetHistoryOf: history, d.GetDetail: about}
    made = desktop(server=server.address)
    made.start()
    qtbot.waitUntil(lambda: made.run.model.rowCount() == 1)
    made.detail.open("Plot_001")
    qtbot.waitUntil(lambda: shows(made, 9) and len(made.detail._chain.verdicts) == 9)
    return made


def shows(desk: Desktop, number: int) -> bool:
    """Whether the full picture of a chunk is on the page."""
    return desk.detail_page.note.text().startswith(f"{800 + number} × 600 px")


# ---------------------------------------------------------------- through time


def test_that_the_arrows_walk_through_time_and_end_comes_back(desk: Desktop, qtbot: QtBot) -> None:
    page = desk.detail_page
    qtbot.keyClick(page, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: shows(desk, 8))
    assert page.verdict_words == ("Bad 97 %", "Confirmed")
    assert "chunk 8" in page.subtitle.text()
    assert page.newest.isVisible()
    qtbot.keyClick(page, Qt.Key.Key_Left)
    qtbot.keyClick(page, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: shows(desk, 8))
    qtbot.keyClick(page, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: shows(desk, 9))
    assert not page.newest.isVisible()


def test_that_a_new_picture_is_followed_at_the_newest_and_not_in_the_past(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    later = chunk(10)
    server.speaking.pictures[later.picture_hash] = png(810, 600)
    assert server.subscribed.wait(60)
    server.say(Judged(verdict=later), png())
    qtbot.waitUntil(lambda: shows(desk, 10))
    qtbot.keyClick(desk.detail_page, Qt.Key.Key_Left)
    last = chunk(11)
    server.say(Judged(verdict=last), png())
    qtbot.waitUntil(lambda: len(desk.detail._chain.verdicts) == 11)
    qtbot.waitUntil(lambda: shows(desk, 9))


def test_that_the_strip_shows_neighbours_with_their_pictures_and_leads_there(
    desk: Desktop, qtbot: QtBot
) -> None:
    tiles = desk.detail_page.strip._tiles
    assert [tile.key for tile in tiles] == [each.picture_hash for each in PAST[2:]]
    qtbot.waitUntil(lambda: all(tile._chunk and tile._chunk.image for tile in tiles))
    assert "92317.7, Bad 0.970" in tiles[4].accessibleName()
    qtbot.mouseClick(tiles[4], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shows(desk, 7))


def test_that_older_chunks_are_fetched_when_the_walk_nears_the_oldest() -> None:
    chain = Chain().grown(PAST[5:])
    assert not chain.wants_older(3)
    assert chain.stepped(-3).wants_older(3)
    grown = chain.stepped(-3).grown(PAST)
    assert grown.shown == PAST[5]
    assert not grown.following
    assert grown.stepped(99).following


# ---------------------------------------------------------------- facts


def test_that_thresholds_then_and_now_and_the_streak_are_said(desk: Desktop, qtbot: QtBot) -> None:
    def rows(facts: object) -> dict[str, str]:
        return {n.text(): v.text() for n, v in facts._rows if not n.isHidden()}  # type: ignore[attr-defined]

    qtbot.waitUntil(lambda: "Good needs" in rows(desk.detail_page.facts))
    assert rows(desk.detail_page.facts)["Good needs"] == "0.50 then, 0.70 now"
    assert rows(desk.detail_page.facts)["Model"].endswith("by ann")
    lately = rows(desk.detail_page.lately)
    assert lately["Chunks in a row"] == "2"
    assert lately["Bad this week"] == "3 times"
    assert lately["Contact"] == "Drift chamber expert"


# ---------------------------------------------------------------- heat map


def test_that_a_bad_shows_its_heat_map_by_itself_when_it_is_ready(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    made: list[bytes] = []

    def answer(request: GetHeatmap) -> tuple[Heatmap, tuple[bytes, ...]]:
        reply = Heatmap(
            picture_hash=request.picture_hash, class_name=request.class_name, model_id=35, made=bool(made)
        )  # fmt: skip
        return reply, tuple(made)

    server.speaking.answers[GetHeatmap] = answer
    page = desk.detail_page
    assert not page.heat.looked.isChecked()  # a Good has none by itself
    qtbot.keyClick(page, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: "being made" in page.heat.hint.text())
    assert page.heat.looked.isChecked()
    made.append(grey())
    assert server.subscribed.wait(60)
    server.say(HeatmapReady(picture_hash=PAST[7].picture_hash, class_name="Bad", model_id=35))
    qtbot.waitUntil(lambda: page.picture.has_heat)
    assert page.heat.hint.text() == HINT
    qtbot.keyClicks(page, "]")
    assert page.heat.share.text() == "55 %"
    assert page.picture._heat.opacity() == pytest.approx(0.55)
    qtbot.keyClicks(page, "[[")
    assert page.heat.share.text() == "45 %"
    qtbot.keyClicks(page, "g")
    assert not page.picture.has_heat
    page.heat.classes.setCurrentIndex(page.heat.classes.findData("Good"))
    qtbot.waitUntil(lambda: page.picture.has_heat)
    wanted = [each.class_name for each in server.speaking.asked if isinstance(each, GetHeatmap)]
    assert wanted[-1] == "Good"


def test_that_a_heat_map_that_cannot_be_made_says_why(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    refusal = Refused(code="not-found", sentence="This picture was not kept.")
    server.speaking.answers[GetHeatmap] = lambda _request: (refusal, ())
    qtbot.keyClicks(desk.detail_page, "g")
    note = desk.detail_page.heat.hint
    qtbot.waitUntil(lambda: note.text() == "No heat map: This picture was not kept.")


def test_that_turbo_runs_from_blue_to_red_and_the_weak_is_not_drawn() -> None:
    first, last = heat.turbo(0.1), heat.turbo(0.95)
    assert first[2] > first[0]
    assert last[0] > last[2]
    shown = heat.coloured(QImage.fromData(grey()))
    assert shown.pixelColor(0, 0).alpha() == 0
    assert shown.pixelColor(2, 2).alpha() == 255
    assert heat.is_empty(QImage.fromData(grey(0)))


# ---------------------------------------------------------------- reference


def test_that_the_last_good_is_shown_beside_in_turn_and_as_difference(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    reference = d.Reference(plot_type_id=1, verdict=PAST[5])
    server.speaking.answers[d.GetReference] = lambda _request: (reference, ())
    view, page = desk.detail_page.picture, desk.detail_page
    assert view.comparing is Compare.NONE
    qtbot.keyClicks(page, "r")
    qtbot.waitUntil(lambda: view.comparing is Compare.BESIDE)
    asked = [each for each in server.speaking.asked if isinstance(each, d.GetReference)]
    assert asked[-1].before == NEWEST.judged_at
    assert view.sceneRect().width() > 2 * 809
    qtbot.keyClicks(page, "r")
    assert view.comparing is Compare.BLINK
    assert view._blink.interval() * 2 > 1000  # at most once a second
    qtbot.waitUntil(view._other.isVisible)
    qtbot.waitUntil(lambda: not view._other.isVisible())
    qtbot.keyClicks(page, "r")
    assert view.comparing is Compare.DIFFERENCE
    assert view._other.pixmap().toImage().pixelColor(5, 5) == Qt.GlobalColor.white  # equal
    qtbot.keyClicks(page, "r")
    assert view.comparing is Compare.NONE


# ---------------------------------------------------------------- label, hide, share


def test_that_a_key_labels_once_and_says_when_it_is_saved(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    votes: list[d.CastVote] = []
    refused = Refused(code="database-away", sentence="The database is away.")

    def answer(request: d.CastVote) -> tuple[Done | Refused, tuple[bytes, ...]]:
        votes.append(request)
        return (refused if len(votes) == 1 else Done(sentence="Labelled Bad.", id=1)), ()

    server.speaking.answers[d.CastVote] = answer  # type: ignore[assignment]
    page = desk.detail_page
    qtbot.waitUntil(page.labels.isVisible)
    qtbot.keyClicks(page, "2")
    qtbot.waitUntil(lambda: page.labels.said.text().startswith("Not saved."))
    qtbot.keyClicks(page, "2")
    qtbot.waitUntil(lambda: page.labels.said.text() == "Labelled Bad.")
    assert [vote.class_name for vote in votes] == ["Bad", "Bad"]
    assert votes[0].client_id == votes[1].client_id


def test_that_those_who_may_not_label_see_no_keys(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    server.speaking.answers[d.GetDetail] = lambda r: (d.Detail(picture_hash=r.picture_hash), ())
    qtbot.keyClick(desk.detail_page, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: not desk.detail_page.labels.isVisible())
    qtbot.keyClicks(desk.detail_page, "1")
    assert not [each for each in server.speaking.asked if isinstance(each, d.CastVote)]
    assert not desk.detail_page.entry.isEnabled()


def test_that_a_link_leads_back_to_its_picture(
    desk: Desktop, desktop: Make, server: SmallServer, qtbot: QtBot
) -> None:
    link = link_to("tcp://dqm-1:5700", PAST[3])
    target = read_link(link)
    assert (target.plot_type, target.picture_hash) == ("Plot_001", PAST[3].picture_hash)
    again = desktop(server=server.address, link=link)
    again.start()
    qtbot.waitUntil(lambda: shows(again, 4))
    assert again.window.page == "detail"
    qtbot.mouseClick(
        next(b for b in desk.detail_page.heat.findChildren(type(desk.detail_page.newest))
             if b.text() == "Copy link"),
        Qt.MouseButton.LeftButton,
    )  # fmt: skip
    assert read_link(QGuiApplication.clipboard().text()).picture_hash == NEWEST.picture_hash


@pytest.mark.parametrize("text", ["http://x/y", "hydra://s/P?at=never&picture=a", "hydra://s/?at="])
def test_that_what_is_no_link_is_said_so(text: str) -> None:
    with pytest.raises(LinkError, match="is not a link to a plot"):
        read_link(text)


def test_that_the_picture_is_saved_as_it_is_seen(
    desk: Desktop, qtbot: QtBot, tmp_path: Path
) -> None:
    place = tmp_path / "seen.png"
    desk.share.save_to(str(place))
    qtbot.waitUntil(place.exists)
    assert QImage(str(place)).width() == 809
    qtbot.waitUntil(lambda: desk.detail_page.note.text().startswith("Saved as"))


def test_that_an_entry_of_the_log_book_names_the_person_and_stays_until_it_is_written(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    entries: list[d.WriteLogEntry] = []

    def answer(request: d.WriteLogEntry) -> tuple[Done | Refused, tuple[bytes, ...]]:
        entries.append(request)
        away = Refused(code="invalid", sentence="The log book cannot be reached.")
        return (away if len(entries) == 1 else Done(sentence="Written to the log book: x.")), ()

    server.speaking.answers[d.WriteLogEntry] = answer  # type: ignore[assignment]
    page = desk.detail_page
    qtbot.waitUntil(page.entry.isEnabled)
    qtbot.mouseClick(page.entry, Qt.MouseButton.LeftButton)
    dialog = desk.share.dialog
    assert dialog is not None
    assert not dialog.send.isEnabled()
    dialog.text.setPlainText("HV of sector 2 was off.")
    dialog.person.setText("ann")
    qtbot.mouseClick(dialog.send, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "cannot be reached" in dialog.result_line.text())
    qtbot.mouseClick(dialog.send, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.note.text() == "Written to the log book: x.")
    assert not dialog.isVisible()
    assert (entries[1].text, entries[1].person) == ("HV of sector 2 was off.", "ann")
    assert entries[0].client_id == entries[1].client_id


# ---------------------------------------------------------------- what to do


def test_that_a_plot_without_an_action_leads_to_where_an_expert_sets_one(
    desk: Desktop, server: SmallServer, qtbot: QtBot
) -> None:
    page = desk.detail_page
    assert page.set_action.isHidden()
    assert server.subscribed.wait(60)
    server.say(PlotTypesChanged(plot_types=(kind(1, stale_after_s=0, guidance=""),)))
    qtbot.waitUntil(lambda: not page.set_action.isHidden())
    assert page.guidance.text() == "No action is set for this plot."
    page.set_action.click()
    dialog = desk.plot_type.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.guidance.hasFocus)
    assert dialog.name.text() == "Plot_001"
    dialog.reject()


def test_that_in_a_low_window_what_to_do_comes_before_why(qtbot: QtBot) -> None:
    page = DetailPage()
    qtbot.addWidget(page)

    def top(part: QWidget) -> int:
        return part.mapTo(page, QPoint(0, 0)).y()

    page.resize(1500, 1400)
    page.show()
    qtbot.waitUntil(lambda: top(page.guidance) > top(page.facts) > 0)
    page.resize(1500, 640)
    qtbot.waitUntil(lambda: 0 < top(page.guidance) < top(page.facts))
