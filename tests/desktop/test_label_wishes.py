"""What the labeler asks for: times, several plot types, runs kept together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from desktop_factory import kind
from PySide6.QtCore import QDateTime
from test_labeler import CLASSES, Table, item, opened

from hydra_desktop.models import label_wishes
from inference_server.protocol import labelling as p
from inference_server.protocol.messages import Snapshot, TrainingChanged, TrainingState
from ui.label_roles import LabelRole
from ui.label_side import LabelSide


def queues(table):
    return [each for each in table.asked if isinstance(each, p.GetLabelQueue) and each.limit > 1]


def test_that_the_last_hours_or_two_moments_narrow_the_queue(desktop, server, qtbot):
    table = Table(server, (item(1),))
    time = opened(desktop, server, qtbot).label_page.side.time
    time.span.setCurrentText("Last 8 hours")
    qtbot.waitUntil(lambda: queues(table)[-1].filter.since is not None)
    late = datetime.now(UTC) - queues(table)[-1].filter.since
    assert timedelta(hours=8) <= late < timedelta(hours=8, minutes=5)
    assert not time.first.isVisible()
    time.span.setCurrentText("Between ...")
    assert time.first.isVisible()
    time.first.setDateTime(QDateTime.fromSecsSinceEpoch(1_700_000_000))
    time.last.setDateTime(QDateTime.fromSecsSinceEpoch(1_700_003_600))
    qtbot.waitUntil(lambda: queues(table)[-1].filter.until is not None)
    asked = queues(table)[-1].filter
    assert (asked.until - asked.since, asked.since.tzinfo) == (timedelta(hours=1), UTC)
    assert asked.since == datetime.fromtimestamp(1_700_000_000, UTC)


def test_that_several_plot_types_share_one_queue_and_the_classes_that_all_have(
    desktop, server, qtbot
):
    table = Table(server, (item(1), item(2, plot_type_id=2, plot_type="Plot_002")))
    server.speaking.snapshot = Snapshot(session="first", sequence=0, plot_types=(kind(1), kind(2)))
    few = {1: CLASSES, 2: CLASSES[1:]}
    server.speaking.answers[p.GetPalette] = lambda r: (
        p.Palette(
            plot_type_id=r.plot_type_id, classes=few[r.plot_type_id], may_label=True, may_edit=True
        ),
        (),
    )
    desk = opened(desktop, server, qtbot)
    (other,) = desk.label_page.side.more._menu.actions()
    assert other.text() == "Plot_002"
    other.trigger()
    qtbot.waitUntil(lambda: queues(table)[-1].plot_type_ids == (1, 2))
    qtbot.waitUntil(lambda: [each.name for each in desk.label.acts.brushes] == ["Bad", "LED"])
    assert desk.label_page.side.more.text() == "and 1 more"
    assert not desk.label_page.palette_bar.edit.isVisible()


def test_that_who_may_not_label_one_of_several_plot_types_labels_none():
    made = [
        p.Palette(plot_type_id=n, classes=CLASSES, may_label=n == 1, may_edit=True) for n in (1, 2)
    ]
    assert not label_wishes.common(made).may_label
    assert label_wishes.common(made[:1]).may_edit


def test_that_the_pictures_of_a_run_are_headed_with_how_many_the_queue_has(desktop, server, qtbot):
    table = Table(server, tuple(item(n, run=run) for n, run in enumerate((9, 8, 7, 7), 1)))
    plain = server.speaking.answers[p.GetLabelQueue]

    def by_run(request):
        page, blobs = plain(request)
        sizes = {9: 1, 8: 1, 7: 5} if request.by_run else {}
        return msgspec.structs.replace(page, sizes=sizes), blobs

    server.speaking.answers[p.GetLabelQueue] = by_run
    desk = opened(desktop, server, qtbot)
    model = desk.label.model

    def faces():
        found = [model.index(row).data(LabelRole.FACE) for row in range(model.rowCount())]
        return [(face.heading, face.shaded) for face in found]

    assert faces() == [("", False)] * 4
    desk.label_page.side.by_run.click()
    qtbot.waitUntil(lambda: faces()[0][0] == "Run 9: 1")
    assert faces()[1:] == [("Run 8: 1", True), ("Run 7: 5", False), ("", False)]
    assert queues(table)[-1].by_run
    model.extend([item(5, run=7), item(6, run=6)], {7: 4, 6: 1})  # the next page
    assert faces()[4:] == [("", False), ("Run 6: 1", True)]


def test_that_a_new_order_is_offered_and_never_shown_by_itself(desktop, server, qtbot):
    table = Table(server, (item(1), item(2)))
    desk = opened(desktop, server, qtbot)
    offer = desk.label_page.order
    desk.label.open(1, p.Queue.UNCERTAIN)
    qtbot.waitUntil(lambda: queues(table)[-1].queue == p.Queue.UNCERTAIN)
    qtbot.waitUntil(server.subscribed.is_set)
    asked = len(queues(table))
    for state, made in (("running", None), ("done", None), ("done", 2)):
        training = TrainingState(
            job_id=5, plot_type="Plot_001", plot_type_id=1, state=state, sentence=".", model_id=made
        )
        server.say(TrainingChanged(training=training))
    qtbot.waitUntil(offer.isVisible)
    assert "new order" in offer.text()
    assert len(queues(table)) == asked
    offer.click()
    qtbot.waitUntil(lambda: len(queues(table)) == asked + 1)
    assert not offer.isVisible()


@pytest.mark.parametrize(
    ("queue", "fields", "offered"),
    [
        (p.Queue.UNCERTAIN, {}, True),
        (p.Queue.SUSPECT, {}, True),
        (p.Queue.UNLABELLED, {}, False),
        (p.Queue.UNCERTAIN, {"plot_type_id": 2}, False),
        (p.Queue.UNCERTAIN, {"depth": "full"}, False),
        (p.Queue.SUSPECT, {"depth": "full"}, True),
        (p.Queue.UNCERTAIN, {"state": "failed"}, False),
    ],
)
def test_that_only_a_queue_that_follows_models_has_a_new_order(qtbot, queue, fields, offered):
    side = LabelSide([(each, each) for each in p.Queue])
    qtbot.addWidget(side)
    side.show_plot_types([(1, "Plot_001")])
    side.queues.setCurrentIndex(side.queues.findData(queue))
    side.stop()
    filled = {
        "job_id": 1,
        "plot_type": "Plot_001",
        "plot_type_id": 1,
        "state": "done",
        "sentence": ".",
    }
    training = TrainingState(**(filled | {"model_id": 3} | fields))
    assert label_wishes.is_reordered(side.wishes(), training) is offered
