"""Joins the settings of the site, its news and the forecast of its disk with the server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal, Slot

from hydra_desktop.asking import Asking
from hydra_desktop.link.arrival import Arrival, Failure
from hydra_desktop.rooms.run_room import Asker
from hydra_desktop.words import moment
from inference_server.protocol.activity import Activity, GetActivity
from inference_server.protocol.messages import Done, Reply, Request, Snapshot
from inference_server.protocol.notices import Notice, NoticePosted
from inference_server.protocol.site import (
    GetRetention,
    GetSiteSettings,
    RetentionPlan,
    SetSiteSetting,
    SiteSetting,
    SiteSettings,
    Value,
)
from ui.administration_page import AdministrationPage
from ui.site_card import SettingFacts


class SiteRoom(QObject):
    """Asks again after each change, so that what is shown is what the server has."""

    changed = Signal()  # somebody changed something: the trail is longer

    def __init__(self, page: AdministrationPage, asker: Asker) -> None:
        super().__init__(page)
        self._page, self.asking = page, Asking(asker, self)
        self._forecast, self._plan = "", ""
        page.site.change_wanted.connect(self._change)
        page.site.trial_wanted.connect(self._try)

    @Slot(object)
    def restore(self, snapshot: Snapshot) -> None:
        """The news as of a snapshot."""
        self._show_news(snapshot.notice)

    @Slot(list)
    def receive(self, batch: Sequence[Arrival]) -> None:
        """New news."""
        for arrival in batch:
            if isinstance(arrival.message, NoticePosted):
                self._show_news(arrival.message.notice)

    def look(self) -> None:
        """The page is being looked at."""
        self._page.site.result.setText("")
        self._reload()

    def _take(self, reply: Reply) -> None:
        match reply:
            case SiteSettings(settings=settings):
                self._page.site.show_settings([_facts(each) for each in settings])
            case Activity(forecast=forecast):
                self._forecast = forecast
                self._show_forecast()
            case RetentionPlan(sentence=sentence):
                self._plan = sentence
                self._show_forecast()
            case Done(sentence=sentence):
                self._page.site.result.setText(sentence)
                self._reload()
                self.changed.emit()

    def _fail(self, failure: Failure) -> None:
        self._page.site.result.setText(failure.words)

    def _reload(self) -> None:
        for request in (GetSiteSettings(), GetActivity(), GetRetention()):
            self._ask(request)

    def _change(self, key: str, value: Value, before: Value) -> None:
        self._ask(SetSiteSetting(key=key, value=value, expected=before))

    def _try(self, key: str, value: Value) -> None:
        self._page.site.result.setText("Asking the server ...")
        self._ask(SetSiteSetting(key=key, value=value, dry_run=True))

    def _ask(self, request: Request) -> None:
        self.asking.ask(request, self._take, self._fail)

    def _show_forecast(self) -> None:
        self._page.forecast.setText(f"{self._forecast} {self._plan}".strip())

    def _show_news(self, notice: Notice | None) -> None:
        if notice is None:
            self._page.news.setText("There are no news.")
            return
        posted = moment(notice.at, datetime.now(UTC))
        self._page.news.setText(f"{notice.text}\nPosted {posted} by {notice.who}.")


def _facts(each: SiteSetting) -> SettingFacts:
    at = each.at.astimezone() if each.at else None
    return SettingFacts(
        key=each.key,
        name=each.name,
        sentence=each.sentence,
        value=each.value,
        choices=tuple((choice.value, choice.words) for choice in each.choices),
        unit=each.unit,
        most=each.most,
        changed=f"Changed by {each.who}, {at:%d %b %Y}" if at else "As it came",
    )
