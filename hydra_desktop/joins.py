"""Which room hears which wish, by subject; the rooms know nothing of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hydra_desktop.calling import MUTES_MIN
from hydra_desktop.links import Target
from hydra_desktop.models.alarm_signs import signs
from ui.legend import Legend
from ui.roles import Role

if TYPE_CHECKING:
    from hydra_desktop.app import Desktop


def join_all(desk: Desktop) -> None:
    """Once, when everything is made."""
    for join in (_link, _pages, _arranging, _alarms, _calling, _masks):
        join(desk)


def _link(desk: Desktop) -> None:
    link = desk.link
    for room in (
        desk.run, desk.status, desk.notices, desk.label, desk.library, desk.training, desk.log,
        desk.alarms, desk.history, desk.activity, desk.site, desk.administration,
    ):  # fmt: skip
        link.restored.connect(room.restore)
        link.arrived.connect(room.receive)
    for hearing in (desk.detail.heat, desk.masks):
        link.arrived.connect(hearing.receive)
    for back in (desk.ways.follow, desk.sound.report):
        link.restored.connect(back)
    for asking in (
        desk.run, desk.detail, desk.share, desk.status, desk.activity, desk.past, desk.replay,
        desk.notices, desk.label, desk.popup, desk.acts, desk.book, desk.rules, desk.log,
        desk.library.asking, desk.training.asking, desk.history, desk.administration.asking,
        desk.site.asking, desk.masks.asking,
    ):  # fmt: skip
        link.answered.connect(asking.take_answer)
        link.failed.connect(asking.take_failure)
    link.changed.connect(desk.link_room.show_state)
    link.changed.connect(desk.alarms.show_link)
    link.counted.connect(desk.link_room.show_feed)
    for fade in (
        desk.run_page.set_link_lost, desk.second.set_link_lost, desk.detail_page.picture.set_faded
    ):  # fmt: skip
        desk.link_room.lost.connect(fade)


def _pages(desk: Desktop) -> None:
    window, ways = desk.window, desk.ways
    desk.run.opened.connect(ways.open_plot)
    desk.run.card_opened.connect(ways.open_card)
    desk.detail.shown.connect(ways.to_detail)
    desk.detail_page.back.connect(ways.back)
    desk.detail_page.action_wanted.connect(lambda: _say_what_to_do(desk))
    window.status_line.bad_clicked.connect(ways.to_bad)
    window.status_line.look_clicked.connect(ways.to_what_needs_a_look)
    window.foot.quarantine_clicked.connect(lambda: window.show_page("status"))
    window.page_shown.connect(lambda key: _look(desk, key))
    window.refresh_wanted.connect(lambda: _refresh(desk))
    desk.training.activate_wanted.connect(desk.release.activate)
    desk.training.open_wanted.connect(lambda kind, number: _open_model(desk, kind, number))
    for found in (desk.log.open_wanted, desk.history.open_wanted):
        found.connect(lambda target: _open_target(desk, target))
    desk.log.replay_wanted.connect(lambda run: desk.replay.choice.ask_for(str(run)))
    desk.log.streak.named.connect(desk.acts.remember)
    desk.settings_page.administration_wanted.connect(lambda: window.show_page("administration"))
    desk.administration_page.back.connect(lambda: window.show_page("settings"))
    desk.administration_page.news_wanted.connect(desk.notices.ask)
    desk.site.changed.connect(desk.administration.newest)
    desk.label.waiting_changed.connect(window.show_waiting)
    desk.label.at_risk.connect(window.closing.set_reason)
    desk.label.facts.unlabelled_counted.connect(window.show_unlabelled)


def _say_what_to_do(desk: Desktop) -> None:
    """The form of the plot type on the detail page, at the field for it."""
    row = desk.run.model.row_of(desk.ways.current).data(Role.ROW)
    if row is not None:
        desk.plot_type.edit(row.kind)
    if desk.plot_type.dialog is not None:
        desk.plot_type.dialog.guidance.setFocus()


def _look(desk: Desktop, page: str) -> None:
    """What a page asks for when it comes into view."""
    if page == "run":
        desk.run_page.grid.setFocus()
    if page == "log":
        desk.log_page.preview.show_names(desk.acts.names())
    looking = {
        "status": (desk.status.look, desk.activity.look),
        "administration": (desk.administration.look, desk.site.look),
        "masks": (desk.masks.look,),
        "log": (desk.log.look,),
        "history": (desk.history.look,),
    }
    for look in looking.get(page, ()):
        look()


def _refresh(desk: Desktop) -> None:
    desk.link.refresh()
    if desk.window.page == "log":
        desk.log.refresh()
    if desk.window.page == "history":
        desk.history.refresh()
    if desk.window.page == "label":
        desk.label.reload()  # a new snapshot alone throws nobody back to the start of a queue


def _open_model(desk: Desktop, kind: int, number: int) -> None:
    desk.window.show_page("library")
    desk.library.open_model(kind, number)


def _open_target(desk: Desktop, target: Target) -> None:
    if not desk.ways.open_target(target):
        desk.log_page.note.setText(f"{target.plot_type} is no plot of this server any more.")


def _arranging(desk: Desktop) -> None:
    window, arrange, ways = desk.window, desk.arrange, desk.ways
    desk.run.catalogue_moved.connect(arrange.catalogue_moved)
    arrange.changed.connect(desk.run.show_figures)
    desk.detail.hide_wanted.connect(lambda name: _hide(desk, name))
    window.hide_wanted.connect(lambda: _hide(desk, ways.current))
    window.bring_back_wanted.connect(lambda: arrange.bring_back(""))
    window.group_wanted.connect(lambda: ways.current and arrange.ask_group(ways.current))
    window.fold_wanted.connect(arrange.set_folding)
    window.lane_width_wanted.connect(desk.run_page.widen_lane)
    window.status_line.legend.clicked.connect(lambda: _show_legend(desk))
    window.follow_wanted.connect(desk.past.follow)
    window.window_wanted.connect(desk.second.open)
    window.closed.connect(desk.second.close)
    desk.second.opened.connect(ways.to_plot)
    desk.second.past_opened.connect(ways.to_past)
    desk.second.alarms_wanted.connect(ways.to_alarms)
    desk.second.acknowledge_wanted.connect(lambda: _acknowledge_from_afar(desk))


def _acknowledge_from_afar(desk: Desktop) -> None:
    """The question belongs to the first window, which another one may cover."""
    desk.ways.bring_forward()
    desk.acts.acknowledge_all()


def _hide(desk: Desktop, name: str) -> None:
    if name:
        desk.arrange.hide(name)
        desk.ways.to_run()


def _show_legend(desk: Desktop) -> None:
    Legend(desk.run.classes, desk.window).open_below(desk.window.status_line.legend)


def _alarms(desk: Desktop) -> None:
    window, page, acts, book = desk.window, desk.alarm_page, desk.acts, desk.book
    desk.alarms.changed.connect(lambda: desk.run.show_alarms(signs(desk.alarms.alarms)))
    for wanted in (window.acknowledge_wanted, page.acknowledge_wanted):
        wanted.connect(lambda: _acknowledge(desk))
    for wanted in (window.shelve_wanted, page.shelve_wanted):
        wanted.connect(lambda: _shelve(desk))
    for wanted in (desk.popup.popup.acknowledge_wanted, page.acknowledge_all_wanted):
        wanted.connect(acts.acknowledge_all)
    page.unshelve_wanted.connect(lambda: acts.unshelve(book.chosen_aside))
    page.service_wanted.connect(lambda: acts.back_into_service(book.chosen_aside))
    page.maintenance_wanted.connect(acts.maintain)
    page.rule_wanted.connect(lambda: _set_rule(desk))
    for told in (acts.told, desk.rules.told):
        told.connect(page.result.setText)
    desk.run_page.lane.acknowledge_wanted.connect(desk.plot_alarms.acknowledge)
    desk.detail.shown.connect(desk.detail_alarms.open)


def _acknowledge(desk: Desktop) -> None:
    """On the alarm page the chosen ones, everywhere else all that wait."""
    if desk.window.page == "alarms":
        desk.acts.acknowledge(desk.book.chosen)
    else:
        desk.acts.acknowledge_all()


def _shelve(desk: Desktop) -> None:
    on_page = desk.window.page == "alarms"
    desk.acts.shelve(desk.book.chosen if on_page else desk.alarms.waiting[:1])


def _set_rule(desk: Desktop) -> None:
    chosen = desk.book.chosen
    desk.rules.open(chosen[0].plot_type if chosen else "", desk.acts.names())


def _calling(desk: Desktop) -> None:
    """Pop-up, tray, sound, what was missed; and that something live ends a replay."""
    window, popup, ways = desk.window, desk.popup, desk.ways
    window.status_line.waiting_clicked.connect(ways.to_alarms)
    popup.tray.alarms_wanted.connect(ways.to_alarms)
    popup.tray.show_wanted.connect(ways.bring_forward)
    popup.popup.mute_wanted.connect(lambda: desk.sound.mute(MUTES_MIN[0]))
    for plot in (popup.plot_wanted, desk.book.plot_wanted):
        plot.connect(lambda name: _show_what_calls(desk, name))
    window.silence.settings_wanted.connect(lambda: window.show_page("settings"))
    desk.book.missed.connect(window.away.show_missed)
    window.away.show_wanted.connect(lambda: _show_missed(desk))
    desk.alarms.called.connect(desk.replay.break_in)
    desk.replay.began.connect(desk.past.follow)
    desk.replay.looked.connect(lambda: window.show_page("run"))
    for leave in (window.past_wanted, window.follow_wanted):
        leave.connect(desk.replay.end)


def _show_what_calls(desk: Desktop, name: str) -> None:
    """Its plot. "All plots", the server and a plot that never came have no picture: the list of alarms."""
    if not desk.ways.to_plot(name):
        desk.ways.to_alarms()


def _show_missed(desk: Desktop) -> None:
    desk.window.show_page("alarms")
    desk.alarm_page.show_tab("away")


def _masks(desk: Desktop) -> None:
    window, page, room = desk.window, desk.masks_page, desk.masks
    for wanted in (window.mask_wanted, desk.detail_page.mask_wanted):
        wanted.connect(lambda: room.open(desk.ways.current))
    window.masks_wanted.connect(lambda: window.show_page("masks"))
    desk.plot_type.mask_wanted.connect(room.open)
    room.told.connect(desk.detail_page.note.setText)
    page.plot_wanted.connect(desk.ways.to_plot)
    page.back.connect(desk.ways.to_run)
