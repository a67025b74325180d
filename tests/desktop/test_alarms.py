"""Alarms on the desktop: the pop-up, the keys, the dialogs, the page, sounds, and two desktops on one server."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import msgspec
import pytest
from alarm_factory import alarm, event
from desktop_factory import kind, png, verdict
from desktop_server import SmallServer
from PySide6.QtCore import QObject, QPoint, QSettings, Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QSlider,
    QTabBar,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

import resources
from hydra_desktop.app import Desktop
from hydra_desktop.calling import Calling
from hydra_desktop.link.arrival import Answer, Arrival, Failure
from hydra_desktop.link.feed import SILENT_S
from hydra_desktop.link.state import LinkState, Stage
from hydra_desktop.models.alarm_stack import stack
from hydra_desktop.models.alarm_table import HISTORY, STANDING, Table
from hydra_desktop.models.alarms import by, title
from hydra_desktop.rooms.alarm_book import figure_rows
from hydra_desktop.rooms.alarm_room import DEAD_S
from hydra_desktop.rooms.presence import AWAY_AFTER
from hydra_desktop.settings import Memory, Options
from inference_server.protocol import alarms as a
from inference_server.protocol.messages import Done, Heartbeat, Judged, Snapshot
from tests.patience import PATIENCE_MS
from ui.alarm_marks import AlarmMark
from ui.alarm_page import AlarmTable
from ui.alarm_tray import picture
from ui.lane_delegate import GAP as CARD_GAP
from ui.lane_delegate import action_words as lane_words
from ui.roles import Role
from ui.states import TileState

Make = Callable[..., Desktop]
C, S, K = a.AlarmCondition, a.AlarmSeverity, a.AlarmEventKind
SINCE = datetime(2026, 5, 14, 8, 0, tzinfo=UTC)
HOLD = a.Held(who="ann", why="Pump is out", since=SINCE, until=SINCE + timedelta(hours=1))
KINDS = tuple(
    kind(
        number, name=name, group=name[:3], guidance="Check the high voltage." if number == 1 else ""
    )
    for number, name in enumerate(("CDC_occupancy", "CDC_time", "FDC_wires", "FCAL_hits"), 1)
)


class Player(QObject):
    """A loudspeaker that writes down what it is asked to play."""

    changed = Signal(bool, str)

    def __init__(self) -> None:
        super().__init__()
        self.played: list[tuple[str, float]] = []
        self.hushed = 0
        self.works = True

    def start(self, files: object, volume: float) -> None:
        self.files, self.volume = files, volume

    def play(self, name: str, loudness: float = 1.0) -> bool:
        self.played.append((name, loudness))
        return self.works

    def hush(self) -> None:
        self.hushed += 1

    def set_volume(self, volume: float) -> None:
        self.volume = volume

    def set_file(self, name: str, file: Path) -> None:
        self.file = (name, file)

    def close(self) -> None:
        self.closed = True


@pytest.fixture(scope="module")
def whole(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    """One window for all tests that need no server: to make one takes a second."""
    file = tmp_path_factory.mktemp("alarms") / "desktop.ini"
    memory = Memory(QSettings(str(file), QSettings.Format.IniFormat))
    made = Desktop(qapp, Options(theme="light", station="here"), memory, Player())
    made.window.show()
    assert QTest.qWaitForWindowActive(made.window, PATIENCE_MS)
    yield made
    made.stop()
    made.window.close()
    made.window.deleteLater()
    qapp.processEvents()


@pytest.fixture
def desk(whole: Desktop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    """The window as it is after a start: nothing known, nothing remembered, nothing heard."""
    player = whole.sound._player
    whole._memory._store.clear()
    whole.sound.calling = Calling()
    whole.window.show_page("run")
    whole.alarm_page.show_tab("standing")
    whole.window.activateWindow()
    player.played.clear()
    player.hushed, player.works = 0, True
    for room in (whole.acts, whole.book, whole.sound, whole.rules, whole.popup):
        monkeypatch.setattr(room, "_asker", whole.link)  # some tests put another in its place
    yield whole
    whole.alarms.forget()
    whole.book._events.clear()
    whole.run.restore(Snapshot(session="s", sequence=0))
    player.changed.emit(True, "")
    for dialog in whole.window.findChildren(QDialog):
        dialog.reject()


@pytest.fixture
def player(desk: Desktop) -> Player:
    return desk.sound._player


@pytest.fixture
def memory(desk: Desktop) -> Memory:
    return desk._memory


def shown(desk: Desktop, *alarms: a.AlarmState) -> None:
    desk.alarms.restore(Snapshot(session="s", sequence=1, plot_types=KINDS, alarms=alarms))


def news(desk: Desktop, state: a.AlarmState, happened: a.AlarmEvent | None = None) -> None:
    desk.alarms.receive([Arrival(a.AlarmChanged(alarm=state, event=happened))])


def now() -> datetime:
    return datetime.now(UTC)


# ---------------------------------------------------------------- the pop-up


def test_that_an_alarm_pops_up_and_takes_no_focus_from_somebody_typing(desk: Desktop) -> None:
    desk.window.show_page("alarms")
    desk.alarm_page.show_tab("history")
    desk.alarm_page.search.setFocus()
    news(desk, alarm(since=now()))
    popup = desk.popup.popup
    assert popup.isVisible()
    assert QApplication.focusWidget() is desk.alarm_page.search
    assert QApplication.activeWindow() is desk.window
    assert popup.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    assert popup.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
    assert not popup.isModal()


def test_that_the_popup_says_what_how_sure_and_what_to_do(desk: Desktop) -> None:
    news(desk, alarm(since=now()))
    shown(desk, alarm(since=now()))
    row = desk.popup.popup.rows[0]
    assert row.title.text() == "CDC_occupancy is Bad, 97 % sure"
    assert row.todo.text() == "Check the high voltage."
    assert row.facts.text().startswith("Run 92317, chunks 8 to 9, since ")


def test_that_the_worst_is_on_top_and_more_than_four_are_counted() -> None:
    late = [now() - timedelta(minutes=number) for number in range(6)]
    many = [alarm(f"P{n}", severity=S.MINOR, since=late[n]) for n in range(5)]
    shown_stack = stack([*many, alarm("Worst", since=late[5])], {}, now())
    assert [row.plot for row in shown_stack.rows] == ["Worst", "P0", "P1", "P2"]
    assert (shown_stack.more, shown_stack.summary) == ("and 2 more", "")


def test_that_more_than_three_at_once_become_one_row_for_each_group() -> None:
    guide = {each.name: each for each in KINDS}
    burst = [alarm(each.name, since=now()) for each in KINDS]
    burst[1] = msgspec.structs.replace(burst[1], severity=S.MINOR)
    told = stack(burst, guide, now())
    assert told.summary == "Many at once: 4 alarms in 3 groups"
    assert told.rows[0].title.startswith(("CDC: ", "FDC: ", "FCA: "))
    assert "CDC: 1 bad, 1 to look at" in [row.title for row in told.rows]
    three = stack(burst[:3], guide, now())
    assert three.summary == ""


def test_that_a_chattering_alarm_shows_the_last_verdicts(desk: Desktop) -> None:
    kinds = Snapshot(session="s", sequence=1, plot_types=KINDS)
    desk.run.restore(kinds)
    for chunk, label in enumerate(("Good", "Bad") * 12, 1):
        at = now() + timedelta(seconds=chunk)
        judged = verdict(1, label, plot_type="CDC_occupancy", chunk=chunk, judged_at=at)
        desk.run.receive([Arrival(Judged(verdict=judged))])
    news(desk, alarm(since=now(), chattering=True))
    news(desk, alarm("FDC_wires", since=now() - timedelta(hours=1)))
    first, second = desk.popup.popup.rows[:2]
    assert first.strip.states == (TileState.GOOD, TileState.MAJOR) * 10
    assert first.strip.accessibleName() == "Last 20 verdicts: 10 bad, 10 good"
    assert not second.strip.isVisible()
    column = [each.strip for each in STANDING].index(True)
    cells = [desk.book.standing.index(row, column) for row in range(2)]
    drawn = [cell.data(Qt.ItemDataRole.DecorationRole) for cell in cells]
    assert not drawn[0].isNull()
    assert drawn[1] is None


def test_that_a_minimised_popup_comes_back_with_the_next_call_only(desk: Desktop) -> None:
    first = alarm(since=now())
    news(desk, first)
    desk.popup.popup.minimise.click()
    news(desk, msgspec.structs.replace(first, last_chunk=10))
    assert not desk.popup.popup.isVisible()
    news(desk, alarm("FDC_wires", since=now()))
    assert desk.popup.popup.isVisible()


def test_that_the_popup_goes_when_somebody_acknowledged_elsewhere(desk: Desktop) -> None:
    first = alarm(since=now())
    news(desk, first)
    news(desk, msgspec.structs.replace(first, condition=C.ACKNOWLEDGED))
    assert not desk.popup.popup.isVisible()
    assert not desk.window.status_line.waiting.isVisible()


def test_that_no_popup_covers_the_wall_and_it_is_back_afterwards(desk: Desktop) -> None:
    news(desk, alarm(since=now()))
    desk.window.wall_wanted.emit(True)
    assert not desk.popup.popup.isVisible()
    news(desk, alarm("FDC_wires", since=now()))
    assert not desk.popup.popup.isVisible()
    desk.window.wall_wanted.emit(False)
    assert desk.popup.popup.isVisible()


def test_that_a_tile_says_what_was_done_about_its_plot(desk: Desktop) -> None:
    judged = verdict(3, "Bad", plot_type="FDC_wires", judged_at=now())
    desk.run.restore(Snapshot(session="s", sequence=1, plot_types=KINDS, verdicts=(judged,)))
    said = desk.run.model.row_of("FDC_wires")
    seen = alarm("FDC_wires", condition=C.ACKNOWLEDGED, plot_type_id=3)
    for told, words in (
        (seen, "Bad 97 %, seen"),
        (msgspec.structs.replace(seen, condition=C.OUT_OF_SERVICE), "Bad 97 %, out of service"),
        (msgspec.structs.replace(seen, condition=C.NORMAL), "Bad 97 %"),
    ):
        news(desk, told)
        assert said.data(Role.VERDICT) == words
    news(desk, msgspec.structs.replace(seen, condition=C.SUPPRESSED))
    assert said.data(Role.SIGN).mark is AlarmMark.SUPPRESSED
    assert "alarm suppressed by design" in said.data(Qt.ItemDataRole.AccessibleTextRole)
    assert "Alarm: suppressed by design." in said.data(Qt.ItemDataRole.ToolTipRole)
    supply = alarm("FDC_wires", line=a.AlarmLine.SUPPLY, severity=S.INVALID, plot_type_id=3)
    news(desk, supply)
    assert said.data(Role.SIGN).mark is AlarmMark.CALLS  # of two lines the one that calls


def test_that_who_saw_it_when_and_why_stands_wherever_the_plot_does(desk: Desktop) -> None:
    judged = verdict(3, "Bad", plot_type="FDC_wires", judged_at=now())
    desk.run.restore(Snapshot(session="s", sequence=1, plot_types=KINDS, verdicts=(judged,)))
    at = now().replace(hour=4, minute=12)
    seen = alarm(
        "FDC_wires", condition=C.ACKNOWLEDGED, plot_type_id=3,
        acknowledged=a.Held(who="ann", why="HV trip, expert called", since=at),
    )  # fmt: skip
    news(desk, seen)
    words = f"Acknowledged by ann at {at.astimezone():%H:%M}: HV trip, expert called."
    row = desk.run.model.row_of("FDC_wires")
    assert words in row.data(Qt.ItemDataRole.ToolTipRole)
    card = desk.run_page.lane.cards.model().index(0, 0)
    assert lane_words(card) == f"{words}\nNo action is set for this plot."
    desk.detail.open("FDC_wires")
    assert desk.detail_page.seen_by.text() == words
    news(desk, msgspec.structs.replace(seen, condition=C.NORMAL))
    assert desk.detail_page.seen_by.isHidden()
    assert lane_words(card) == "No action is set for this plot."


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"condition": C.SHELVED, "shelf": HOLD}, "Shelved by ann until {until}: Pump is out."),
        (
            {"condition": C.OUT_OF_SERVICE, "maintenance": HOLD},
            "Out of service by ann until {until}: Pump is out.",
        ),
        (
            {"condition": C.OUT_OF_SERVICE, "maintenance": msgspec.structs.replace(HOLD, until=None, why="")},
            "Out of service by ann.",
        ),
        ({"condition": C.SUPPRESSED, "suppressed_by": "no beam"}, "Suppressed by design: no beam."),
        ({}, ""),
    ],
)  # fmt: skip
def test_that_what_keeps_an_alarm_quiet_is_a_sentence(fields: dict, words: str) -> None:
    until = f"{HOLD.until.astimezone():%H:%M}"
    assert by(alarm(**fields)) == words.replace("{until}", until)


def test_that_a_card_of_the_lane_acknowledges_its_own_alarm(desk: Desktop, qtbot: QtBot) -> None:
    judged = tuple(
        verdict(number, "Bad", plot_type=KINDS[number - 1].name, judged_at=now())
        for number in (1, 3)
    )
    both = alarm(since=now()), alarm("FDC_wires", plot_type_id=3, since=now())
    desk.run.restore(Snapshot(session="s", sequence=1, plot_types=KINDS, verdicts=judged))
    shown(desk, *both)
    lane, dialog = desk.run_page.lane, desk.acts.acknowledge_dialog
    card = lane.cards.model().index(0, 0)
    lane.cards.scrollTo(card)
    place = lane.cards.visualRect(card)
    button = lane.cards.itemDelegate().button(place.adjusted(0, 0, 0, -CARD_GAP))
    qtbot.mouseClick(lane.cards.viewport(), Qt.MouseButton.LeftButton, pos=button.center())
    assert dialog.about.text() == f"{card.data(Role.NAME)} is Bad, 97 % sure"
    assert desk.window.page == "run"
    words = [action.text() for action in desk.arrange.menu("FDC_wires").actions()]
    assert words[:4] == ["Open", "Show in the bad lane", "Acknowledge", "Shelve"]
    news(desk, msgspec.structs.replace(both[1], condition=C.ACKNOWLEDGED))
    words = [action.text() for action in desk.arrange.menu("FDC_wires").actions()]
    assert "Acknowledge" not in words
    middle = place.center()
    qtbot.mouseClick(lane.cards.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert desk.window.page == "detail"


def test_that_its_place_is_remembered_for_each_screen(desk: Desktop, memory: Memory) -> None:
    desk.popup.popup.moved.emit(QPoint(40, 50))
    screen = desk.window.screen()
    assert memory.text(f"popup/{screen.name() or 'screen'}") == "40 50"
    news(desk, alarm(since=now()))
    assert desk.popup.popup.pos() == screen.availableGeometry().topLeft() + QPoint(40, 50)


def test_that_a_place_off_the_screen_is_not_used(desk: Desktop, memory: Memory) -> None:
    screen = desk.window.screen()
    memory.remember(f"popup/{screen.name() or 'screen'}", "90000 5")
    news(desk, alarm(since=now()))
    assert QGuiApplication.screenAt(desk.popup.popup.pos()) is not None


def test_that_its_picture_comes_from_the_server(
    desktop: Make, server: SmallServer, qtbot: QtBot
) -> None:
    server.speaking.pictures["a" * 64] = png(80, 60)
    server.speaking.snapshot = Snapshot(
        session="first", sequence=0, plot_types=KINDS, alarms=(alarm(since=now()),)
    )
    desk = desktop(Player(), server=server.address)
    desk.start()
    picture_label = desk.popup.popup.rows[0].picture
    qtbot.waitUntil(lambda: not picture_label.pixmap().isNull())


# ---------------------------------------------------------------- acknowledging


def test_that_ctrl_k_asks_who_and_an_empty_name_is_refused(desk: Desktop, qtbot: QtBot) -> None:
    shown(desk, alarm(since=now()))
    qtbot.keyClick(desk.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    dialog = desk.acts.acknowledge_dialog
    assert dialog.isVisible()
    assert not dialog.isModal()
    assert not dialog.go.isEnabled()
    dialog.person.setText("  ")
    assert not dialog.go.isEnabled()
    dialog.person.setText("ann")
    assert dialog.go.isEnabled()


def test_that_an_acknowledgement_goes_out_with_name_reason_and_what_was_seen(
    desktop: Make, server: SmallServer, qtbot: QtBot, memory: Memory
) -> None:
    seen = alarm(since=now())
    server.speaking.snapshot = Snapshot(
        session="first", sequence=0, plot_types=KINDS, alarms=(seen,)
    )
    server.speaking.answers[a.Acknowledge] = lambda _request: (
        Done(sentence="Acknowledged by ann."),
        (),
    )
    desk = desktop(Player(), server=server.address)
    desk.start()
    qtbot.waitUntil(lambda: bool(desk.alarms.waiting))
    desk.popup.popup.acknowledge.click()
    dialog = desk.acts.acknowledge_dialog
    dialog.person.setText("ann")
    dialog.why.setText("called CDC")
    dialog.go.click()
    qtbot.waitUntil(lambda: not dialog.isVisible())
    sent = [each for each in server.speaking.asked if isinstance(each, a.Acknowledge)]
    assert sent == [a.Acknowledge(alarms=(seen.ref,), person="ann", why="called CDC")]
    assert desk.alarm_page.result.text() == "Acknowledged by ann."
    desk.acts.acknowledge_all()
    assert desk.acts.acknowledge_dialog.person.text() == ""  # asked each time, suggested only
    completer = dialog.person.completer()
    assert completer.model().index(0, 0).data() == "ann"


def test_that_a_refusal_stays_in_the_dialog_with_its_reason(desk: Desktop) -> None:
    shown(desk, alarm(since=now()))
    desk.acts.acknowledge_all()
    dialog = desk.acts.acknowledge_dialog
    dialog.person.setText("ann")
    _asks(desk)  # nobody answers by himself
    dialog.go.click()
    assert dialog.result_line.text() == "Waits for the server."
    ticket = next(iter(desk.acts._asked))
    desk.acts.take_failure(ticket, Failure("invalid", "It called again meanwhile.", "Look again."))
    assert dialog.isVisible()
    assert dialog.result_line.text() == "It called again meanwhile. Look again."


def test_that_no_bare_key_acknowledges(desk: Desktop, qtbot: QtBot) -> None:
    shown(desk, alarm(since=now()))
    dialog = desk.acts.acknowledge_dialog
    for widget in (desk.window, desk.run_page.grid, desk.popup.popup):
        for key in (*range(Qt.Key.Key_A, Qt.Key.Key_Z + 1), Qt.Key.Key_Space, Qt.Key.Key_Return):
            qtbot.keyClick(widget, Qt.Key(key))
    assert not dialog.isVisible()
    assert desk.alarms.waiting != []


def test_that_only_the_chosen_ones_are_acknowledged_on_the_alarm_page(desk: Desktop) -> None:
    shown(desk, alarm(since=now()), alarm("FDC_wires", since=now() - timedelta(minutes=1)))
    desk.window.show_page("alarms")
    desk.alarm_page.standing.choose([1])
    desk.alarm_page.buttons["Acknowledge"].click()
    assert desk.acts.acknowledge_dialog.about.text() == "FDC_wires is Bad, 97 % sure"


def test_that_a_shelf_needs_name_and_reason_and_offers_the_five_spans(
    desk: Desktop, qtbot: QtBot
) -> None:
    shown(desk, alarm(since=now()))
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(desk.window, Qt.Key.Key_K, modifiers)
    dialog = desk.acts.shelve_dialog
    assert dialog.isVisible()
    words = [dialog.span.itemText(row) for row in range(dialog.span.count())]
    assert words == ["1 h", "6 h", "12 h", "1 d", "7 d"]
    dialog.person.setText("ann")
    assert not dialog.go.isEnabled()
    dialog.why.setText("noisy")
    asked = _asks(desk)
    dialog.span.setCurrentIndex(1)
    dialog.go.click()
    (wish,) = asked
    assert (wish.hours, wish.why, wish.plot_type) == (6, "noisy", "CDC_occupancy")


def _asks(desk: Desktop) -> list:
    """What is asked from here on, instead of being sent."""
    asked: list = []

    class Asker:
        def ask(self, request: object) -> int:
            asked.append(request)
            return 1000 + len(asked)

    for room in (desk.acts, desk.book, desk.sound, desk.rules):
        room._asker = Asker()
    return asked


def test_that_shelves_and_maintenance_are_listed_by_age_with_owner_and_end(desk: Desktop) -> None:
    old = a.Held(
        who="ann", why="noisy", since=now() - timedelta(hours=3), until=now() + timedelta(hours=3)
    )
    young = a.Held(who="bob", why="new HV", since=now() - timedelta(hours=1))
    shown(
        desk,
        alarm("FDC_wires", condition=C.OUT_OF_SERVICE, maintenance=young, plot_type_id=3),
        alarm(condition=C.SHELVED, shelf=old),
        alarm("FCAL_hits", condition=C.SUPPRESSED, suppressed_by="No run goes on."),
    )
    rows = [[desk.book.aside.index(row, column).data() for column in range(6)] for row in range(3)]
    assert [row[2:4] for row in rows] == [
        ["ann", "noisy"], ["bob", "new HV"], ["By design", "No run goes on."],
    ]  # fmt: skip
    assert desk.alarm_page.tabs.tabText(1) == "Set aside 3"
    asked = _asks(desk)
    desk.window.show_page("alarms")
    desk.alarm_page.aside.choose([0])
    desk.alarm_page.buttons["Take from the shelf"].click()
    desk.acts.unshelve_dialog.person.setText("cid")
    desk.acts.unshelve_dialog.go.click()
    desk.alarm_page.aside.choose([1])
    desk.alarm_page.buttons["Back into service"].click()
    desk.acts.unshelve_dialog.person.setText("cid")
    desk.acts.unshelve_dialog.go.click()
    assert [type(each).__name__ for each in asked] == ["Unshelve", "SetMaintenance"]
    assert (asked[1].plot_type_ids, asked[1].on, asked[1].person) == ((3,), False, "cid")


def test_that_a_detector_goes_out_of_service_with_all_its_plots(desk: Desktop) -> None:
    shown(desk)
    asked = _asks(desk)
    desk.acts.maintain()
    dialog = desk.acts.maintenance_dialog
    dialog.what.setCurrentIndex(dialog.what.findText("All of CDC"))
    dialog.person.setText("ann")
    dialog.why.setText("new HV")
    dialog.go.click()
    assert asked[0] == a.SetMaintenance(
        plot_type_ids=(1, 2), on=True, person="ann", why="new HV", hours=1.0
    )


def test_that_when_a_plot_calls_is_read_changed_and_sent_with_a_reason(desk: Desktop) -> None:
    shown(desk, alarm("FDC_wires", since=now()))
    asked = _asks(desk)
    desk.window.show_page("alarms")
    desk.alarm_page.buttons["When does it call"].click()
    dialog = desk.rules.dialog
    assert asked == [a.GetAlarmSettings(plot_type_id=3)]
    assert not dialog.go.isVisible()
    held = a.AlarmSettings(on_count=2, on_of=3, latch=False, chatter_raises=9)
    desk.rules.take_answer(1001, Answer(a.AlarmSettingsReply(plot_type_id=3, settings=held)))
    assert (dialog.on.count.value(), dialog.on.of.value()) == (2, 3)
    assert dialog.drawing.text().startswith("■ ● ■  calls")
    dialog.on.count.setValue(5)  # the second number follows
    dialog.beam.setValue(50)
    dialog.person.setText("ann")
    dialog.why.setText("flickers")
    dialog.go.click()
    wanted = msgspec.structs.replace(held, on_count=5, on_of=5, beam_minimum=50.0)
    assert asked[1] == a.SetAlarmSettings(
        plot_type_id=3, settings=wanted, person="ann", why="flickers"
    )
    desk.rules.take_answer(1002, Answer(Done(sentence="The alarm settings are in force.")))
    assert not dialog.isVisible()


# ---------------------------------------------------------------- two desktops


def test_that_acknowledging_at_one_desktop_silences_the_other(
    desktop: Make, tmp_path: Path, qtbot: QtBot
) -> None:
    from inference_server import config as settings
    from inference_server.bus import Bus
    from inference_server.protocol import keys
    from tests.ports import free_ports
    from tests.server.test_gateway import running
    from tests.server.test_gateway_alarms import judge

    config = settings.load(None, {"data_dir": str(tmp_path / "d"), "port": free_ports(2)})
    from db.session import migrate

    migrate(config.database)
    key_file = tmp_path / "key"
    keys.server_keys(config.keys_dir)
    keys.make_client(config.keys_dir, "room", key_file, "")
    address = f"tcp://127.0.0.1:{config.port}"
    players = Player(), Player()
    with running(config), Bus(config, "keeper", "keeper") as role:
        one, other = (desktop(each, server=address, key=key_file) for each in players)
        for desk in (one, other):
            desk.start()
        numbers = count(1)

        def both_call() -> bool:
            judge(role, next(numbers))
            return bool(one.alarms.waiting and other.alarms.waiting)

        qtbot.waitUntil(both_call)
        assert players[1].played[0] == ("major", 1.0)
        assert other.popup.popup.isVisible()
        heard = players[1].hushed
        tile = other.run.model.row_of("CDC_occupancy")
        one.acts.acknowledge_all()
        one.acts.acknowledge_dialog.person.setText("ann")
        one.acts.acknowledge_dialog.go.click()
        qtbot.waitUntil(lambda: not other.alarms.waiting)
        assert not other.popup.popup.isVisible()
        assert players[1].hushed > heard
        assert str(tile.data(Role.VERDICT)).endswith(", seen")
        (told,) = other.alarms.alarms
        assert (told.condition, told.acknowledged.who) == (C.ACKNOWLEDGED, "ann")
        for desk in (one, other):
            desk.stop()


# ---------------------------------------------------------------- the dead man's switch


def _lost(silent_s: float) -> LinkState:
    at = now() - timedelta(seconds=silent_s)
    return LinkState(stage=Stage.RECONNECTING, address="tcp://dqm:5700", changed_at=at, heard_at=at)


@pytest.mark.usefixtures("dead_man")
def test_that_a_silent_server_is_an_alarm_of_this_desktop(desk: Desktop, player: Player) -> None:
    desk.alarms.show_link(_lost(2))
    desk.alarms.tick()
    assert desk.alarms.waiting == []
    desk.alarms.show_link(_lost(DEAD_S + 0.1))
    desk.alarms.tick()
    (own,) = desk.alarms.waiting
    assert (own.severity, title(own)) == (
        S.UNDEFINED, "Server does not answer: no alarm can reach this station",
    )  # fmt: skip
    assert desk.popup.popup.isVisible()
    assert player.played == [("link", 1.0)]
    assert max(DEAD_S, SILENT_S) + 2 * 1.0 <= 10  # the promise, with a tick of the clock to spare


@pytest.mark.usefixtures("dead_man")
def test_that_a_feed_that_is_silent_by_itself_is_an_alarm_too(
    desktop: Make, server: SmallServer, qtbot: QtBot
) -> None:
    """The server answers each question, and its feed says nothing: a blocked port, say."""
    desk = desktop(Player(), server=server.address)
    desk.start()
    qtbot.waitUntil(lambda: bool(desk.alarms.waiting))
    (own,) = desk.alarms.waiting
    assert title(own) == ("Server answers, but sends no news: alarms can come late to this station")
    assert desk.link.state.server == "test-1"
    server.say(Heartbeat(at=now()))
    qtbot.waitUntil(lambda: not own_active(desk))


def own_active(desk: Desktop) -> bool:
    return any(each.active for each in desk.alarms.alarms)


@pytest.mark.usefixtures("dead_man")
def test_that_our_own_alarm_is_acknowledged_without_a_server_and_comes_again(desk: Desktop) -> None:
    desk.alarms.show_link(_lost(60))
    desk.alarms.tick()
    desk.acts.acknowledge_all()
    desk.acts.acknowledge_dialog.person.setText("ann")
    desk.acts.acknowledge_dialog.go.click()
    assert desk.alarms.waiting == []
    assert not desk.acts.acknowledge_dialog.isVisible()
    well = LinkState(stage=Stage.CONNECTED, address="x", changed_at=now(), heard_at=now())
    desk.alarms.show_link(well)
    assert len(desk.alarms.alarms) == 1  # it answers, but its feed has not spoken yet
    desk.alarms.receive([Arrival(Heartbeat(at=now()))])
    assert desk.alarms.alarms == ()
    desk.alarms.show_link(_lost(60))
    desk.alarms.tick()
    assert len(desk.alarms.waiting) == 1
    desk.alarms.show_link(well)
    desk.alarms.receive([Arrival(Heartbeat(at=now()))])
    assert desk.alarms.waiting[0].condition is C.RETURNED  # nobody has seen it


@pytest.mark.parametrize("name", [a.ALL_PLOTS, "Never_came"])
def test_that_show_leads_to_the_alarms_where_there_is_no_picture(desk: Desktop, name: str) -> None:
    shown(desk, alarm(name, line=a.AlarmLine.SUPPLY, severity=S.INVALID, since=now()))
    desk.window.show_page("run")
    desk.popup.popup.show_plot.click()
    assert desk.window.page == "alarms"


# ---------------------------------------------------------------- sound


def test_that_a_major_is_heard_and_a_mute_shows_how_long_it_lasts(
    desk: Desktop, player: Player
) -> None:
    button = desk.window.status_line.sound
    shown(desk, alarm(since=now()))
    assert player.played == [("major", 1.0)]
    button.actions_by_minutes[15].trigger()
    assert player.hushed
    assert button.text() in ("Muted 15:00", "Muted 14:59")
    assert sorted(button.actions_by_minutes) == [5, 15, 60]
    button.unmute.trigger()
    assert button.text() == "Sound on"


def test_that_a_station_without_sound_says_so_and_tells_the_server(
    desk: Desktop, player: Player
) -> None:
    asked = _asks(desk)
    player.works = False
    player.changed.emit(False, "This station has no working sound: no audio device.")
    assert desk.window.silence.isVisible()
    assert desk.window.silence.words.text() == "This station has no working sound: no audio device."
    assert desk.window.status_line.sound.text() == "No sound"
    assert asked == [
        a.StationReport(
            station="here",
            sound_works=False,
            sentence="This station has no working sound: no audio device.",
        )
    ]
    player.works = True
    player.changed.emit(True, "")
    assert not desk.window.silence.isVisible()
    assert asked[-1].sound_works


def test_that_what_was_read_about_the_sound_stays_as_a_badge(desk: Desktop, player: Player) -> None:
    banner, button = desk.window.silence, desk.window.status_line.sound
    asked = _asks(desk)
    player.works = False
    player.changed.emit(False, "This station has no working sound: no audio device.")
    banner.read.click()
    desk.sound.tick()
    assert not banner.isVisible()
    assert (button.text(), button.property("kind")) == ("No sound", "badge")
    assert "no audio device" in button.toolTip()
    assert not asked[-1].sound_works  # the server was told all the same
    desk.alarms.receive([Arrival(a.StationSound(station="room-3", works=False))])
    assert banner.isVisible()  # something new
    banner.read.click()
    button.explain.trigger()
    assert banner.isVisible()
    player.changed.emit(True, "")
    desk.alarms.receive([Arrival(a.StationSound(station="room-3", works=True))])
    assert button.property("kind") == "plain"
    assert not button.explain.isVisible()
    player.changed.emit(False, "This station has no working sound: no audio device.")
    assert banner.isVisible()  # it was well in between


def test_that_another_silent_station_is_shown(desk: Desktop) -> None:
    desk.alarms.receive([Arrival(a.StationSound(station="room-3", works=False))])
    assert desk.window.silence.words.text() == "No working sound at room-3."
    desk.alarms.receive([Arrival(a.StationSound(station="room-3", works=True))])
    assert not desk.window.silence.isVisible()


def test_that_volume_and_own_files_are_kept_and_tested(
    desk: Desktop, player: Player, memory: Memory, tmp_path: Path
) -> None:
    card = desk.settings_page.findChild(type(desk.sound._card))
    card.volume.setValue(40)
    assert player.volume == 0.4
    own = tmp_path / "own.wav"
    shutil.copy(resources.path("sounds/minor.wav"), own)
    card.file_chosen.emit("major", str(own))
    assert player.file == ("major", own)
    assert (memory.text("sound/volume"), memory.text("sound/major")) == ("40", str(own))
    card.tests["major"].click()
    assert player.played == [("major", 1.0)]
    broken = tmp_path / "song.mp3"
    broken.write_bytes(b"no sound")
    card.file_chosen.emit("major", str(broken))
    assert "song.mp3 is no WAV file" in card.note.text()
    assert (player.file, memory.text("sound/major")) == (("major", own), str(own))
    card.file_chosen.emit("major", "")
    assert player.file == ("major", resources.path("sounds/major.wav"))
    assert card.note.isHidden()


def test_that_an_own_sound_that_broke_and_a_volume_of_nothing_are_heard_all_the_same(
    desktop: Make, memory: Memory, tmp_path: Path
) -> None:
    broken = tmp_path / "own.wav"
    broken.write_bytes(b"half a copy")
    memory.remember("sound/major", str(broken))
    memory.remember("sound/volume", "0")
    desk = desktop(player := Player())
    desk.sound.start()
    assert player.files["major"] == resources.path("sounds/major.wav")
    assert player.volume > 0
    card = desk.settings_page.findChild(type(desk.sound._card))
    assert card.files["major"].text() == "Hydra's own: own.wav cannot be played"
    card.volume.setValue(0)
    assert player.volume > 0


def test_that_a_mute_ends_with_the_program(desk: Desktop, memory: Memory) -> None:
    desk.sound.mute(60)
    memory.sync()
    assert not any("mute" in name for name in memory._store.allKeys())
    assert Calling().muted_s(0) == 0


# ---------------------------------------------------------------- the page


def test_that_the_history_is_searched_and_paged(desk: Desktop) -> None:
    asked = _asks(desk)
    page = desk.alarm_page
    page.show_tab("history")
    page.search.setText("cdc")
    page.search.returnPressed.emit()
    assert asked[-1] == a.GetAlarmHistory(search="cdc")
    reply = a.AlarmHistory(events=(event(uid="s-2"), event(uid="s-1")), next=7)
    desk.book.take_answer(1000 + len(asked), Answer(reply))
    assert page.history_note.text() == '2 events with "cdc", the newest first.'
    assert not page.more.isHidden()
    page.more.click()
    assert asked[-1] == a.GetAlarmHistory(search="cdc", before=7)
    desk.book.take_answer(1000 + len(asked), Answer(a.AlarmHistory(events=(event(uid="s-0"),))))
    assert desk.book.history.rowCount() == 3
    assert page.more.isHidden()


def test_that_the_figures_of_a_shift_are_asked_for_and_judged(desk: Desktop) -> None:
    asked = _asks(desk)
    desk.alarm_page.show_tab("figures")
    assert asked[-1].until - asked[-1].since == timedelta(hours=8)
    figures = a.Figures(
        start=now(), end=now(), raised=20, per_10_min=0.4, worst_10_min=12, floods=1,
        by_severity={"major": 15, "minor": 5}, worst=(("CDC_occupancy", 18),),
        chattering=("CDC_occupancy",), stale=(), acknowledge_s=62.0,
    )  # fmt: skip
    desk.book.take_answer(1000 + len(asked), Answer(a.AlarmFigures(figures=figures)))
    told = dict(figure_rows(figures))
    assert told["By severity"] == "bad 15 (75 %), to look at 5 (25 %)"
    assert told["Acknowledged after, median"] == "1 min"
    assert "There was 1 flood" in desk.alarm_page.figures_note.text()


def test_that_it_tells_what_happened_while_nobody_was_there(desk: Desktop) -> None:
    presence = desk.book.presence
    left = now()
    presence.act(left)
    for number, minutes in enumerate((2, 4, 30)):
        told = event(uid=f"s-{number}", at=left + timedelta(minutes=minutes))
        news(desk, alarm(since=told.at), told)
    presence.act(left + timedelta(minutes=1))  # still there
    asked = _asks(desk)
    presence.act(left + timedelta(minutes=1) + AWAY_AFTER)
    bar = desk.window.away
    assert bar.window() is desk.window
    assert bar.isVisible()
    assert "for 5 min: 2 events. 1 not acknowledged." in bar.words.text()
    bar.show_button.click()
    assert not bar.isVisible()
    assert (desk.window.page, desk.alarm_page.tab) == ("alarms", "away")
    assert desk.book.away.rowCount() == 2
    assert "for 5 min: 2 events." in desk.alarm_page.away_note.text()
    wanted = asked[-1]  # the link may have been lost meanwhile
    assert (wanted.since, wanted.until) == (presence.left_at, presence.back_at)
    more = tuple(event(uid=f"s-{number}", at=left) for number in range(3))
    desk.book.take_answer(1000 + len(asked), Answer(a.AlarmHistory(events=more)))
    assert desk.book.away.rowCount() == 3
    assert "3 events." in desk.alarm_page.away_note.text()


def test_that_who_missed_nothing_is_told_nothing(desk: Desktop) -> None:
    presence = desk.book.presence
    presence.act(presence.last_act + 2 * AWAY_AFTER)
    assert not desk.window.away.isVisible()


@pytest.mark.parametrize("columns", [STANDING, HISTORY], ids=["standing", "history"])
def test_that_the_tables_keep_the_rules_of_qt(columns: tuple) -> None:
    table = Table(columns)
    tester = QAbstractItemModelTester(table, QAbstractItemModelTester.FailureReportingMode.Fatal)
    items = [alarm(), alarm("B")] if columns is STANDING else [event(), event(uid="s-2")]
    table.show(items, now())
    table.show(items, now())
    table.add(items[:1])
    table.show([], now())
    assert tester.model() is table


def test_that_the_same_rows_keep_their_choice(desk: Desktop) -> None:
    both = (alarm(since=now()), alarm("FDC_wires", since=now() - timedelta(minutes=1)))
    shown(desk, *both)
    desk.alarm_page.standing.choose([1])
    news(desk, msgspec.structs.replace(both[0], last_chunk=10))
    assert desk.alarm_page.standing.chosen == (1,)


def test_that_enter_on_an_alarm_opens_its_plot(desk: Desktop) -> None:
    judged = verdict(3, plot_type="FDC_wires")
    desk.run.restore(Snapshot(session="s", sequence=1, plot_types=KINDS, verdicts=(judged,)))
    shown(desk, alarm("FDC_wires", since=now()))
    desk.popup.popup.show_plot.click()
    assert desk.window.page == "detail"
    desk.window.show_page("alarms")
    desk.alarm_page.standing.opened.emit(0)
    assert desk.window.page == "detail"


def test_that_the_detail_page_acknowledges_and_shelves_its_own_plot(desk: Desktop) -> None:
    judged = verdict(3, plot_type="FDC_wires")
    desk.run.restore(Snapshot(session="s", sequence=1, plot_types=KINDS, verdicts=(judged,)))
    shown(desk, alarm(since=now()))
    desk.detail.open("FDC_wires")
    here = desk.detail_alarms
    assert not here.acknowledge.isVisible()  # another plot's alarm
    here.shelve.click()
    assert desk.acts.shelve_dialog.about.text() == "FDC_wires"
    news(desk, alarm("FDC_wires", since=now()))
    assert here.acknowledge.isVisible()
    here.acknowledge.click()
    assert desk.acts.acknowledge_dialog.about.text() == "FDC_wires is Bad, 97 % sure"
    news(desk, alarm("FDC_wires", condition=C.SHELVED))
    assert (here.shelve.text(), here.shelve.isEnabled()) == ("Shelved", False)


def test_that_the_count_is_on_every_page_and_leads_to_the_alarms(desk: Desktop) -> None:
    shown(desk, alarm(since=now()))
    waiting = desk.window.status_line.waiting
    for page in ("run", "status", "settings"):
        desk.window.show_page(page)
        assert waiting.isVisible()
    assert waiting.text() == "1 not acknowledged"
    waiting.click()
    assert desk.window.page == "alarms"


def test_that_a_returned_alarm_says_that_it_was_bad() -> None:
    told = alarm(condition=C.RETURNED, active=False)
    assert title(told) == "CDC_occupancy was Bad, good again"
    assert title(alarm(chattering=True)) == "CDC_occupancy chatters: it goes to and fro"


def test_that_the_tray_shows_the_number(qapp: QApplication, desk: Desktop) -> None:
    calm, loud = picture(0, TileState.EMPTY).toImage(), picture(3, TileState.MAJOR).toImage()
    assert calm != loud
    assert loud != picture(4, TileState.MAJOR).toImage()
    assert loud.format() != QImage.Format.Format_Invalid


def test_that_every_control_of_the_alarms_has_a_name(desk: Desktop) -> None:
    shown(desk, alarm(since=now()))
    acts, page = desk.acts, desk.alarm_page
    acts.acknowledge_all()
    acts.shelve(desk.alarms.waiting)
    acts.maintain()
    acts.unshelve([alarm(shelf=a.Held(who="ann", why="noisy", since=now()))])
    desk.rules.open("FDC_wires", [])
    seen: list[QWidget] = []
    desk.window.show_page("alarms")
    for tab in ("standing", "aside", "history", "figures", "away"):
        page.show_tab(tab)
        seen += _controls(desk.window)
    desk.window.show_page("settings")
    for root in (
        desk.window, desk.popup.popup, acts.acknowledge_dialog, acts.shelve_dialog,
        acts.maintenance_dialog, acts.unshelve_dialog, desk.rules.dialog,
    ):  # fmt: skip
        assert root.isVisible()
        seen += _controls(root)
    assert len(seen) > 40
    assert [each for each in seen if not _name(each)] == []


def test_that_tab_reaches_everything_of_the_alarm_page_the_popup_and_the_dialogs(
    desk: Desktop,
) -> None:
    shown(desk, alarm(since=now()))
    acts, page = desk.acts, desk.alarm_page
    acts.acknowledge_all()
    acts.shelve(desk.alarms.waiting)
    acts.maintain()
    desk.rules.open("FDC_wires", [])
    desk.window.show_page("alarms")
    for tab in ("standing", "aside", "history", "figures", "away"):
        page.show_tab(tab)
        assert _beyond_tab(page) == set()
    for root in (
        desk.popup.popup, acts.acknowledge_dialog, acts.shelve_dialog, acts.maintenance_dialog,
        desk.rules.dialog,
    ):  # fmt: skip
        assert _beyond_tab(root) == set()


def _beyond_tab(root: QWidget) -> set[QWidget]:
    """Controls that can be seen and used, but that Tab does not come to."""
    reached: set[QWidget] = set()
    here = root.nextInFocusChain()
    while here is not root:
        if here.focusPolicy() & Qt.FocusPolicy.TabFocus:
            reached.add(here)
        here = here.nextInFocusChain()
    return {each for each in _controls(root) if each.isEnabled()} - reached


def test_that_the_popup_is_reached_moved_and_minimised_by_keys(
    desk: Desktop, qtbot: QtBot, memory: Memory
) -> None:
    popup, screen = desk.popup.popup, desk.window.screen()
    qtbot.keyClick(desk.window, Qt.Key.Key_F6)
    assert not popup.isVisible()  # nothing waits
    shown(desk, alarm(since=now()))
    popup.minimise.click()
    qtbot.keyClick(desk.window, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is popup.show_plot)
    before = popup.pos()
    qtbot.keyClick(popup, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert popup.pos() - before == QPoint(40, 0)
    assert memory.text(f"popup/{screen.name() or 'screen'}").startswith(f"{popup.x()} ")
    qtbot.keyClick(popup, Qt.Key.Key_Escape)
    assert not popup.isVisible()


def _controls(root: QWidget) -> list[QWidget]:
    kinds = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, AlarmTable, QSlider)
    return [
        each
        for sort in kinds
        for each in root.findChildren(sort)
        if each.isVisible()
        and not each.objectName().startswith("qt_")
        and not isinstance(each.parent(), QLineEdit | QTableView | QTabBar)
    ]


def _name(control: QWidget) -> str:
    if isinstance(control, QAbstractButton):
        return control.accessibleName() or control.text()
    return control.accessibleName()


@pytest.mark.usefixtures("dead_man")
def test_that_alarms_of_another_server_are_forgotten(desk: Desktop) -> None:
    shown(desk, alarm(since=now()))
    desk.alarms.show_link(_lost(60))
    desk.alarms.tick()
    desk.alarms.forget()
    assert desk.alarms.alarms == ()
    assert not desk.popup.popup.isVisible()
