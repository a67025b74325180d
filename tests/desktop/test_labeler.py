"""The labeler in the window: keys, mouse, undo, what others say, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from desktop_factory import NOW, kind, png
from desktop_server import SmallServer
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QImage, QKeySequence, QTransform
from PySide6.QtWidgets import QApplication, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from hydra_desktop.app import Desktop
from hydra_desktop.label_keys import ACTIONS, Clash, KeyMap
from hydra_desktop.models import label_facts
from hydra_desktop.models.label_facts import Pace
from inference_server.protocol import labelling as p
from inference_server.protocol.base import Severity
from inference_server.protocol.library import GetModels, ModelInfo, Models
from inference_server.protocol.matrix import Share
from inference_server.protocol.messages import (
    Done,
    GetPicture,
    Refused,
    Snapshot,
    StartTraining,
    TrainingChanged,
    TrainingState,
)
from ui.hover_picture import HoverPicture
from ui.label_roles import LabelRole, Standing
from ui.picture_view import PictureView

Make = Callable[..., Desktop]
CLASSES = tuple(
    p.PaletteClass(name=name, severity=severity, key=key)
    for name, severity, key in (
        ("Good", Severity.GOOD, ""),
        ("Bad", Severity.BAD, ""),
        ("LED", Severity.NEUTRAL, "l"),
    )
)


def item(number: int, **fields: object) -> p.LabelItem:
    filled: dict[str, object] = {
        "picture_id": number, "plot_type_id": 1, "plot_type": "Plot_001", "run_period": "2026",
        "run": 92317, "chunk": 100 - number, "picture_hash": f"{number:064x}",
        "picture_time": NOW - timedelta(minutes=number), "why": "Not labelled yet.", "said": "Bad",
        "confidence": 0.9, "confirmed": True,
    }  # fmt: skip
    return p.LabelItem(**(filled | fields))  # type: ignore[arg-type]


class Table:
    """Plays the gateway: keeps the votes and says what the current labels are."""

    def __init__(
        self, server: SmallServer, items: tuple[p.LabelItem, ...], may: bool = True
    ) -> None:
        self.votes: list[p.Vote] = []
        self.asked: list[object] = []
        palette = p.Palette(plot_type_id=1, classes=CLASSES, may_label=may, may_edit=may)
        server.speaking.snapshot = Snapshot(session="first", sequence=0, plot_types=(kind(1),))
        server.speaking.answers |= {
            p.GetLabelQueue: lambda r: (
                self._asked(r, p.LabelPage(items=items, left=len(items))),
                (),
            ),
            p.GetPalette: lambda _r: (palette, ()),
            p.GetLabelProgress: lambda _r: (
                p.LabelProgress(plot_type_id=1, by_class={}, left=9),
                (),
            ),
            p.CastVotes: lambda r: (self._cast(r), ()),
            p.SetClass: lambda r: (self._asked(r, Done(sentence="Bad is stored.")), ()),
        }

    def _asked(self, request: object, reply):
        self.asked.append(request)
        return reply

    def _cast(self, request: p.CastVotes):
        self.votes += request.votes
        moves = tuple(
            p.LabelMove(
                picture_id=v.picture_id, plot_type_id=1, class_name=v.class_name or "", who="here",
                at=NOW, label_id=len(self.votes),
            )
            for v in request.votes
        )  # fmt: skip
        return p.VotesKept(client_ids=tuple(v.client_id for v in request.votes), moves=moves)

    def said(self) -> list[tuple[int, str | None, str]]:
        return [(vote.picture_id, vote.class_name, vote.kind) for vote in self.votes]


def opened(make: Make, server: SmallServer, qtbot: QtBot) -> Desktop:
    desk = make(server=server.address)
    desk.start()
    desk.window.show_page("label")
    qtbot.waitUntil(lambda: desk.label.model.rowCount() > 0 and bool(desk.label.acts.brushes))
    return desk


@pytest.fixture
def table(server: SmallServer) -> Table:
    return Table(server, tuple(item(n) for n in range(1, 7)))


def press(qtbot: QtBot, desk: Desktop, *keys: object) -> None:
    for key in keys:
        modifier, plain = key if isinstance(key, tuple) else (NONE, key)
        qtbot.keyClick(desk.label_page.grid, plain, modifier)


def settled(qtbot: QtBot, desk: Desktop) -> None:
    qtbot.waitUntil(lambda: desk.label.outbox.waiting == 0)


NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def test_that_a_key_labels_and_goes_on_and_the_server_confirms(desktop, server, qtbot, table):
    desk = opened(desktop, server, qtbot)
    press(qtbot, desk, Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_L)
    assert desk.label_page.grid.currentIndex().row() == 3
    settled(qtbot, desk)
    assert table.said() == [(1, "Good", "label"), (2, "Bad", "label"), (3, "LED", "label")]
    standings = [row.standing for row in desk.label.model.rows[:4]]
    assert standings == [Standing.SAVED] * 3 + [Standing.NONE]


def test_that_the_next_picture_is_on_the_screen_before_any_answer_is_taken(
    desktop, server, qtbot, table
):
    desk = opened(desktop, server, qtbot)
    QApplication.processEvents()
    page = desk.label_page
    painted = [Painted(page.preview.viewport()), Painted(page.grid.viewport())]
    press(qtbot, desk, Qt.Key.Key_1)  # sends the key; no answer can be taken meanwhile
    assert [each.seen for each in painted] == [True, True]
    assert desk.label.outbox.waiting == 1
    settled(qtbot, desk)


class Painted(QObject):
    """Notes that a widget was painted."""

    def __init__(self, watched: QObject) -> None:
        super().__init__(watched)
        self.seen = False
        watched.installEventFilter(self)

    def eventFilter(self, _watched: QObject, happened: QEvent) -> bool:
        self.seen = self.seen or happened.type() == QEvent.Type.Paint
        return False


def test_that_ctrl_a_and_a_key_label_all_and_one_undo_takes_all_back(desktop, server, qtbot, table):
    desk = opened(desktop, server, qtbot)
    press(qtbot, desk, (CTRL, Qt.Key.Key_A), Qt.Key.Key_2)
    press(qtbot, desk, (CTRL, Qt.Key.Key_Z))
    press(qtbot, desk, (CTRL | Qt.KeyboardModifier.ShiftModifier, Qt.Key.Key_Z))
    settled(qtbot, desk)
    assert [v.kind for v in table.votes] == ["label"] * 6 + ["taken_back"] * 6 + ["label"] * 6
    assert {row.label for row in desk.label.model.rows} == {"Bad"}
    assert len({v.client_id for v in table.votes}) == 18  # an undo is a new vote


def test_that_backspace_takes_back_and_stands_there_again(desktop, server, qtbot, table):
    desk = opened(desktop, server, qtbot)
    press(qtbot, desk, Qt.Key.Key_1, Qt.Key.Key_1, Qt.Key.Key_Backspace)
    assert desk.label_page.grid.currentIndex().row() == 1
    settled(qtbot, desk)
    assert table.said()[-1] == (2, None, "taken_back")


def test_that_enter_agrees_with_the_model_and_u_s_f_leave_the_label_alone(
    desktop, server, qtbot, table
):
    desk = opened(desktop, server, qtbot)
    press(qtbot, desk, Qt.Key.Key_Return, Qt.Key.Key_U, Qt.Key.Key_S, Qt.Key.Key_F)
    settled(qtbot, desk)
    assert table.said() == [
        (1, "Bad", "label"),
        (2, None, "unsure"),
        (3, None, "skip"),
        (4, None, "flag"),
    ]
    assert desk.label.model.rows[3].marks == "flagged"


def test_that_the_near_copies_of_what_was_labelled_are_offered(desktop, server, qtbot):
    table = Table(server, (item(1, twins=(11, 12)), item(2), item(3)))
    desk = opened(desktop, server, qtbot)
    press(qtbot, desk, Qt.Key.Key_2)
    assert desk.label_page.copies.text() == "Label 2 near copies Bad too (T)"
    assert desk.label_page.copies.isVisible()
    press(qtbot, desk, Qt.Key.Key_T)
    press(qtbot, desk, Qt.Key.Key_T)  # once is enough
    assert not desk.label_page.copies.isVisible()
    settled(qtbot, desk)
    assert table.said() == [(n, "Bad", "label") for n in (1, 11, 12)]


def test_that_an_offer_ends_with_the_next_label_and_with_taking_back(desktop, server, qtbot):
    table = Table(server, (item(1, twins=(11,)), item(2), item(3, twins=(13,)), item(4)))
    desk = opened(desktop, server, qtbot)
    press(qtbot, desk, Qt.Key.Key_1)
    press(qtbot, desk, Qt.Key.Key_1)
    press(qtbot, desk, Qt.Key.Key_T)
    press(qtbot, desk, Qt.Key.Key_1)
    press(qtbot, desk, Qt.Key.Key_Backspace)
    press(qtbot, desk, Qt.Key.Key_T)
    settled(qtbot, desk)
    assert {vote.picture_id for vote in table.votes} == {1, 2, 3}


def test_that_the_most_alike_are_labelled_with_one_key_after_a_look(desktop, server, qtbot, table):
    found = p.Similar(items=(item(4), item(5), item(6)), likeness=(0.99, 0.981, 0.9))
    server.speaking.answers[p.GetSimilar] = lambda _r: (found, ())
    desk = opened(desktop, server, qtbot)
    press(qtbot, desk, Qt.Key.Key_V)
    qtbot.waitUntil(lambda: "The 2 most alike are chosen" in desk.label_page.count.text())
    press(qtbot, desk, Qt.Key.Key_2)
    settled(qtbot, desk)
    assert table.said() == [(n, "Bad", "label") for n in (1, 4, 5)]


def test_that_shift_and_a_click_paint_a_range_and_a_held_space_shows_one_large(
    desktop, server, qtbot, table
):
    desk = opened(desktop, server, qtbot)
    page = desk.label_page
    page.palette_bar.choose("LED")
    for row, held in ((1, NONE), (3, Qt.KeyboardModifier.ShiftModifier)):
        at = page.grid.visualRect(desk.label.model.index(row)).center()
        qtbot.mouseClick(page.grid.viewport(), Qt.MouseButton.LeftButton, held, at)
    settled(qtbot, desk)
    assert {(picture, name) for picture, name, _ in table.said()} == {
        (2, "LED"), (3, "LED"), (4, "LED"),
    }  # fmt: skip
    qtbot.keyPress(page.grid, Qt.Key.Key_Space)
    assert page.single
    qtbot.keyRelease(page.large, Qt.Key.Key_Space)
    assert not page.single


def test_that_the_single_view_asks_for_the_next_pictures_ahead_and_for_each_once(
    desktop, server, qtbot, table
):
    server.speaking.pictures |= {f"{n:064x}": png() for n in range(1, 7)}
    desk = opened(desktop, server, qtbot)

    def fetched():
        return [r.picture_hash for r in server.speaking.asked if isinstance(r, GetPicture)]

    press(qtbot, desk, Qt.Key.Key_Z)
    qtbot.waitUntil(lambda: len(fetched()) >= 6)
    press(qtbot, desk, Qt.Key.Key_D, Qt.Key.Key_D)
    assert desk.label_page.single
    settled(qtbot, desk)
    assert sorted(fetched()) == [f"{n:064x}" for n in range(1, 7)]


def test_that_the_brush_paints_what_is_clicked(desktop, server, qtbot, table):
    desk = opened(desktop, server, qtbot)
    desk.label_page.palette_bar.choose("LED")
    grid = desk.label_page.grid
    box = grid.visualRect(desk.label.model.index(1))
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(box.center()))
    settled(qtbot, desk)
    assert table.said() == [(2, "LED", "label")]


def test_that_the_random_queue_hides_what_the_model_said_until_it_is_asked_for(
    desktop, server, qtbot, table
):
    desk = opened(desktop, server, qtbot)
    assert desk.label.model.index(0).data(LabelRole.SAID) == "AI: Bad 90 %"
    desk.label.open(1, p.Queue.UNBIASED)
    assert desk.label.model.index(0).data(LabelRole.SAID) == ""
    qtbot.waitUntil(lambda: desk.label_page.count.text() == "Drawn at random: 6 pictures")
    press(qtbot, desk, Qt.Key.Key_1)
    settled(qtbot, desk)
    assert not table.votes[-1].verdict_visible
    press(qtbot, desk, Qt.Key.Key_Return)  # nobody can agree with what is hidden
    assert "What the AI said is hidden" in desk.label_page.count.text()
    press(qtbot, desk, Qt.Key.Key_B)
    assert desk.label.model.index(3).data(LabelRole.SAID) == "AI: Bad 90 %"
    press(qtbot, desk, Qt.Key.Key_Return)
    settled(qtbot, desk)
    assert table.said() == [(1, "Good", "label"), (2, "Bad", "label")]


def test_that_without_the_right_keys_do_nothing_and_the_page_says_so(desktop, server, qtbot):
    table = Table(server, (item(1),), may=False)
    desk = opened(desktop, server, qtbot)
    press(qtbot, desk, Qt.Key.Key_1, Qt.Key.Key_F)
    assert table.votes == []
    assert "may look, but not label" in desk.label_page.palette_bar._notice.text()


def test_that_what_another_labeller_changed_under_the_hands_is_shown(desktop, server, qtbot, table):
    desk = opened(desktop, server, qtbot)
    press(qtbot, desk, Qt.Key.Key_1)
    settled(qtbot, desk)
    qtbot.waitUntil(server.subscribed.is_set)
    move = p.LabelMove(
        picture_id=1, plot_type_id=1, class_name="Bad", who="bob", at=NOW, label_id=9
    )
    server.say(p.LabelsMoved(moves=(move,)))
    qtbot.waitUntil(lambda: desk.label.model.rows[0].label == "Bad")
    assert desk.label.model.rows[0].alarm == "bob changed Good to Bad"


def test_that_a_refused_vote_is_loud_and_does_not_hold_up_the_others(desktop, server, qtbot, table):
    keep = server.speaking.answers[p.CastVotes]

    def refuse_two(request):
        if any(vote.picture_id == 2 for vote in request.votes):
            return Refused(code="invalid", sentence="There is no picture 2."), ()
        return keep(request)

    server.speaking.answers[p.CastVotes] = refuse_two
    desk = opened(desktop, server, qtbot)
    press(qtbot, desk, Qt.Key.Key_1, Qt.Key.Key_1, Qt.Key.Key_1)
    settled(qtbot, desk)
    assert [vote.picture_id for vote in table.votes] == [1, 3]
    assert desk.label.model.rows[1].standing is Standing.REFUSED
    assert "There is no picture 2" in desk.label_page._waiting.text()


def test_that_labels_made_without_a_link_wait_are_counted_and_survive(
    desktop, server, qtbot, table
):
    desk = opened(desktop, server, qtbot)
    server.speaking.answers[p.CastVotes] = lambda _r: (
        Refused(code="database-away", sentence="x"),
        (),
    )
    press(qtbot, desk, Qt.Key.Key_1, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: desk.window.windowTitle() == "Hydra: 2 not yet sent")
    desk.stop()
    del server.speaking.answers[p.CastVotes]
    server.speaking.answers[p.CastVotes] = lambda r: (table._cast(r), ())
    again = opened(desktop, server, qtbot)
    settled(qtbot, again)
    assert table.said() == [(1, "Good", "label"), (2, "Bad", "label")]


def test_that_a_key_that_clashes_is_not_taken_and_the_reason_is_said(desktop, server, qtbot, table):
    desk = opened(desktop, server, qtbot)
    dialog = desk.label_dialogs.keys
    press(qtbot, desk, Qt.Key.Key_Question)
    qtbot.waitUntil(dialog.isVisible)
    dialog.fields["flag"].setKeySequence(QKeySequence("D"))
    dialog.fields["flag"].editingFinished.emit()
    assert "D is the key for: Next picture" in dialog.notice.text()
    dialog.fields["flag"].setKeySequence(QKeySequence("X"))
    dialog.fields["flag"].editingFinished.emit()
    press(qtbot, desk, Qt.Key.Key_X)
    settled(qtbot, desk)
    assert table.said() == [(1, None, "flag")]
    dialog.reset.click()
    assert desk.label.acts.keys.action("F") == "flag"
    dialog.close()


def test_that_a_class_is_changed_from_its_dialog(desktop, server, qtbot, table):
    desk = opened(desktop, server, qtbot)
    desk.label_page.palette_bar.edit.click()
    dialog = desk.label_dialogs.classes
    qtbot.waitUntil(dialog.isVisible)
    dialog.classes.setCurrentRow(1)
    dialog.key.setText("b")
    dialog.name.setText("Broken")
    dialog.store.click()
    qtbot.waitUntil(lambda: dialog.notice.text() == "Bad is stored.")
    (request,) = [each for each in table.asked if isinstance(each, p.SetClass)]
    assert (request.name, request.rename_to, request.key) == ("Bad", "Broken", "b")
    dialog.close()


def test_that_chosen_pictures_are_split_off_into_a_new_class_and_one_undo_gives_them_back(
    desktop, server, qtbot
):
    table = Table(server, (item(1, class_name="Bad"), item(2, class_name="Bad"), item(3)))

    def split(request):
        table.asked.append(request)
        moves = tuple(
            p.LabelMove(
                picture_id=n,
                plot_type_id=1,
                class_name=request.into,
                who="here",
                at=NOW,
                label_id=9,
            )
            for n in request.picture_ids
        )
        return p.ClassSplit(moves=moves, sentence="Done."), ()

    server.speaking.answers[p.SplitClass] = split
    desk = opened(desktop, server, qtbot)
    dialog = desk.label_dialogs.classes
    desk.label_page.palette_bar.edit.click()
    qtbot.waitUntil(dialog.isVisible)
    dialog.classes.setCurrentRow(1)
    dialog.off.setText("Dead board")
    desk.label_page.grid.go_to(2)
    dialog.split.click()
    assert "Choose pictures that are labelled Bad" in dialog.notice.text()
    desk.label_page.grid.selectAll()
    dialog.split.click()
    qtbot.waitUntil(lambda: "Ctrl+Z" in dialog.notice.text())
    dialog.close()
    assert table.asked[-1].picture_ids == (1, 2)
    rows = desk.label.model.rows
    assert [(row.label, row.alarm) for row in rows] == [
        ("Dead board", ""), ("Dead board", ""), ("", ""),
    ]  # fmt: skip
    press(qtbot, desk, (CTRL, Qt.Key.Key_Z))
    settled(qtbot, desk)
    assert sorted(table.said()) == [(1, "Bad", "label"), (2, "Bad", "label")]


def test_that_no_two_actions_share_a_key_and_none_takes_a_reserved_one():
    keys = KeyMap()
    for action in ACTIONS:
        keys.choose(action.name, keys.keys_of(action), [str(digit) for digit in range(10)])
    with pytest.raises(Clash, match="labels a class"):
        keys.choose("flag", ("1",), ["1"])
    with pytest.raises(Clash, match="belongs to the window"):
        keys.choose("flag", ("F5",))


def test_that_chosen_keys_survive_and_nonsense_counts_as_none():
    keys = KeyMap()
    keys.choose("flag", ("X",))
    assert KeyMap.load(keys.dump()).action("X") == "flag"
    assert KeyMap.load("[1").action("F") == "flag"


def test_that_a_picture_is_left_out_of_training_and_taken_in_again(desktop, server, qtbot, table):
    asked = []

    def teach(request):
        asked.append(request.weight)
        return Done(sentence="1 picture is marked."), ()

    server.speaking.answers[p.SetTeaching] = teach
    desk = opened(desktop, server, qtbot)
    press(qtbot, desk, Qt.Key.Key_I)
    qtbot.waitUntil(lambda: desk.label.model.rows[0].marks == "left out of training")
    press(qtbot, desk, Qt.Key.Key_I)
    qtbot.waitUntil(lambda: desk.label.model.rows[0].marks == "")
    assert asked == [0, 1]


def test_that_the_class_that_does_not_teach_has_the_key_0():
    ignore = p.PaletteClass(name="Ignore", severity=Severity.NEUTRAL, teaches=False)
    keys = {brush.name: brush.key for brush in label_facts.brushes((ignore, *CLASSES))}
    assert keys == {"Ignore": "0", "Good": "1", "Bad": "2", "LED": "l"}


def test_that_the_tenth_class_and_on_have_letters_that_no_action_has():
    many = [p.PaletteClass(name=f"c{n}", severity=Severity.BAD) for n in range(14)]
    keys = KeyMap()
    keys.choose("flag", ("G",))
    given = [brush.key for brush in label_facts.brushes(many, keys.all())]
    assert given[8:] == ["9", "E", "H", "J", "K", "L"]
    assert len({*given} & keys.all()) == 0


def test_that_delete_takes_ones_label_off_and_can_be_undone(desktop, server, qtbot, table):
    desk = opened(desktop, server, qtbot)
    press(qtbot, desk, Qt.Key.Key_1, Qt.Key.Key_2, (CTRL, Qt.Key.Key_A), Qt.Key.Key_Delete)
    settled(qtbot, desk)
    assert table.said()[2:] == [(1, None, "taken_back"), (2, None, "taken_back")]
    press(qtbot, desk, (CTRL, Qt.Key.Key_Z))
    settled(qtbot, desk)
    assert [row.label for row in desk.label.model.rows[:3]] == ["Good", "Bad", ""]
    assert [vote.undoes for vote in table.votes[4:]] == [
        vote.client_id for vote in table.votes[2:4]
    ]


def test_that_what_others_labelled_in_a_gap_of_the_news_is_shown(desktop, server, qtbot, table):
    desk = opened(desktop, server, qtbot)
    press(qtbot, desk, Qt.Key.Key_1)
    settled(qtbot, desk)
    moves = tuple(
        p.LabelMove(
            picture_id=n, plot_type_id=1, class_name="Bad", who="bob", at=NOW, label_id=9 + n
        )
        for n in (1, 2)
    )
    server.speaking.answers[p.GetCurrentLabels] = lambda _r: (p.CurrentLabels(moves=moves), ())
    qtbot.waitUntil(server.subscribed.is_set)
    server.say(p.LabelsMoved(moves=()), lost=3)
    rows = desk.label.model.rows
    qtbot.waitUntil(lambda: [row.label for row in rows[:3]] == ["Bad", "Bad", ""])
    assert [row.alarm for row in rows[:2]] == ["bob changed Good to Bad", ""]


def test_that_whoever_rests_on_a_labelled_picture_sees_who_said_what(desktop, server, qtbot):
    Table(server, (item(1, class_name="Bad", who="bob", label_id=3), item(2)))
    votes = (
        ("ann", "Good", "label", ""),
        ("bob", "Bad", "label", ""),
        ("cem", "", "comment", "dim"),
    )
    records = tuple(
        p.VoteRecord(
            id=n, who=who, class_name=name, kind=kind, comment=words, verdict_visible=True,
            seconds=None, at=NOW,
        )
        for n, (who, name, kind, words) in enumerate(votes)
    )  # fmt: skip
    server.speaking.answers[p.GetVotes] = lambda _r: (p.Votes(votes=records), ())
    desk = opened(desktop, server, qtbot)
    press(qtbot, desk, Qt.Key.Key_A)
    facts = desk.label_page.facts

    def shown():
        return [each.text() for each in facts.findChildren(QLabel)]

    qtbot.waitUntil(lambda: "ann Good, bob Bad, cem “dim”" in shown())
    press(qtbot, desk, Qt.Key.Key_D)
    qtbot.waitUntil(
        lambda: (
            "Said so far"
            not in [each.text() for each in facts.findChildren(QLabel) if each.isVisible()]
        )
    )
    assert [r.picture_id for r in server.speaking.asked if isinstance(r, p.GetVotes)] == [1]


def test_that_a_click_on_the_large_picture_paints_it_and_goes_on(desktop, server, qtbot, table):
    desk = opened(desktop, server, qtbot)
    page = desk.label_page
    press(qtbot, desk, Qt.Key.Key_Z)
    qtbot.mouseClick(page.large.viewport(), Qt.MouseButton.LeftButton)  # no brush: nothing
    page.palette_bar.choose("LED")
    for _ in range(2):
        qtbot.mouseClick(page.large.viewport(), Qt.MouseButton.LeftButton)
    settled(qtbot, desk)
    assert table.said() == [(1, "LED", "label"), (2, "LED", "label")]


def test_that_a_double_click_labels_only_the_picture_that_was_seen(desktop, server, qtbot, table):
    desk = opened(desktop, server, qtbot)
    large, left = desk.label_page.large, Qt.MouseButton.LeftButton
    press(qtbot, desk, Qt.Key.Key_Z)
    desk.label_page.palette_bar.choose("LED")
    qtbot.mouseClick(large.viewport(), left)
    large.closer()
    qtbot.mouseDClick(large.viewport(), left)
    qtbot.mouseRelease(large.viewport(), left)
    assert large.transform() == fitted(large)
    qtbot.mouseClick(large.viewport(), left)  # one by one as before
    settled(qtbot, desk)
    assert [picture for picture, _, _ in table.said()] == [1, 2]


def fitted(view: PictureView) -> QTransform:
    view.fit()
    return view.transform()


def test_that_no_message_makes_the_window_wider(desktop, server, qtbot, table):
    page = opened(desktop, server, qtbot).label_page
    narrow = page.minimumSizeHint().width()
    page.say("The new model is compared with the active one. " * 8)
    page.layout().activate()
    assert page.minimumSizeHint().width() == narrow


def test_that_the_line_below_says_first_what_needs_a_person():
    assert label_facts.kept(0, (), "") == "Every label is saved."
    assert label_facts.kept(2, (), "").startswith("2 labels wait.")
    full = label_facts.kept(2, (), "No space left on device")
    assert "cannot keep them: No space left on device. Leave Hydra open" in full
    assert label_facts.kept(2, ("no class X",), "full") == "1 label was refused: no class X"


def test_that_the_rate_is_that_of_the_last_minutes():
    pace = Pace()
    assert label_facts.own(pace, 0.0) == "None yet"
    for second in range(0, 120, 2):
        pace.add(1, float(second))
    assert label_facts.own(pace, 120.0) == "60, 30 a minute"
    assert label_facts.own(pace, 1000.0) == "60, 0 a minute"


def test_that_the_rail_says_how_many_pictures_wait_for_a_label(desktop, server, qtbot, table):
    desk = opened(desktop, server, qtbot)
    button = next(b for b in desk.window.rail.findChildren(QToolButton) if "Label" in b.text())
    qtbot.waitUntil(lambda: button.text() == "Label 9")
    assert button.accessibleName() == "Label, 9 pictures without a label"
    desk.label.facts.count()  # as it does now and then; six stand in the queue
    qtbot.waitUntil(lambda: button.text() == "Label 6")


@pytest.mark.parametrize(
    ("left", "short"), [(0, ""), (1, "1"), (999, "999"), (4_321, "4k"), (10_000, "10k")]
)
def test_that_a_number_on_the_rail_is_short(left, short):
    assert label_facts.unlabelled(left)[0] == short


def test_that_the_leader_board_is_shown_only_where_the_site_wants_it(desktop, server, qtbot, table):
    score = p.LabellerScore(who="ann", labels=7, last_hour=2)
    pair = p.Agreement(first="ann", second="bob", pictures=9, kappa=0.61)
    said = {"shown": p.LabelProgress(plot_type_id=1, by_class={}, left=9, scores=(score,), agreements=(pair,))}  # fmt: skip
    server.speaking.answers[p.GetLabelProgress] = lambda _r: (said["shown"], ())
    desk = opened(desktop, server, qtbot)
    side = desk.label_page.side
    qtbot.waitUntil(side.leaders_head.isVisible)
    assert side.agreement_head.isVisible()
    said["shown"] = p.LabelProgress(plot_type_id=1, by_class={}, left=9)
    desk.label.reload()
    qtbot.waitUntil(lambda: not side.leaders_head.isVisible())


def test_that_a_training_from_here_ends_with_what_it_changed(desktop, server, qtbot, table):
    models = Models(
        plot_type_id=1,
        models=(made(2, "new", 0.93), made(1, "old", 0.9, active=True)),
    )
    server.speaking.answers |= {
        StartTraining: lambda _r: (Done(sentence="The training waits.", id=5), ()),
        GetModels: lambda _r: (models, ()),
    }
    desk = opened(desktop, server, qtbot)
    desk.label_page.side.train.click()
    qtbot.waitUntil(lambda: desk.label_page.count.text() == "The training waits.")
    qtbot.waitUntil(server.subscribed.is_set)
    for job, state in ((4, "done"), (5, "running"), (5, "done")):
        training = TrainingState(
            job_id=job, plot_type="Plot_001", plot_type_id=1, state=state, sentence=f"{state}.",
            model_id=2,
        )  # fmt: skip
        server.say(TrainingChanged(training=training))
    qtbot.waitUntil(lambda: "The new model new" in desk.label_page.count.text())
    assert "93 % (91 % to 95 %); the active one old: 90 %" in desk.label_page.count.text()


def made(number: int, name: str, accuracy: float, **fields: object) -> ModelInfo:
    share = Share(value=accuracy, low=accuracy - 0.02, high=accuracy + 0.02, of=100)
    return ModelInfo(
        id=number, name=name, kind="head", created_at=NOW, who="ann", accuracy=share, **fields
    )  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [180, 300, 460])
def test_that_the_tiles_fill_the_grid_at_any_size(desktop, server, qtbot, table, width):
    desk = opened(desktop, server, qtbot)
    grid = desk.label_page.grid
    grid.set_width(width)
    qtbot.waitUntil(lambda: grid.visualRect(desk.label.model.index(0)).width() > 0)
    many = grid.columns
    last = desk.label.model.index(min(many, 6) - 1)
    qtbot.waitUntil(
        lambda: grid.visualRect(last).top() == grid.visualRect(desk.label.model.index(0)).top()
    )
    left = grid.viewport().width() - many * grid.gridSize().width()
    assert 0 <= left < many + 3


def test_that_a_picture_under_the_resting_mouse_is_shown_larger(desktop, server, qtbot, table):
    desk = opened(desktop, server, qtbot)
    grid = desk.label_page.grid
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    desk.label.model.add_image(f"{2:064x}", image)
    at = grid.visualRect(desk.label.model.index(1)).center()
    rest = QHelpEvent(QEvent.Type.ToolTip, at, grid.viewport().mapToGlobal(at))
    QApplication.sendEvent(grid.viewport(), rest)
    (shown,) = grid.findChildren(HoverPicture)
    assert shown.isVisible()
    assert "92317.98" in shown.words.text()
    press(qtbot, desk, Qt.Key.Key_D)
    assert not shown.isVisible()
