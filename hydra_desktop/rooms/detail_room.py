"""Joins one plot type's verdicts through time and the detail page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from PySide6.QtCore import (
    QObject,
    Signal,
    Slot,
)
from PySide6.QtGui import QImage

from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.links import Target
from hydra_desktop.models.arranged import ArrangedPlots
from hydra_desktop.models.chunks import Chain
from hydra_desktop.models.detail_facts import neighbour, point, shown
from hydra_desktop.models.plot_row import PlotRow
from hydra_desktop.rooms.heat_room import HeatRoom
from hydra_desktop.rooms.reference_room import ReferenceRoom
from hydra_desktop.rooms.run_room import Asker
from hydra_desktop.rooms.vote_room import VoteRoom
from hydra_desktop.thumbnails import KeptThumbnails
from inference_server.protocol.detail import (
    Detail,
    GetDetail,
    GetHistoryOf,
    History,
)
from inference_server.protocol.messages import (
    GetPicture,
    PlotTypeInfo,
    Request,
    Verdict,
)
from ui.detail_page import DetailPage
from ui.neighbours import SHOWN
from ui.roles import Role

PAGE = 60  # verdicts fetched at once
_THUMBNAILS = 200

Later = Callable[[Answer], None]


class DetailRoom(QObject):
    """Follows the newest picture of a plot type until the person walks into the past."""

    shown = Signal(str)
    hide_wanted = Signal(str)

    def __init__(
        self,
        page: DetailPage,
        model: ArrangedPlots,
        asker: Asker,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(page)
        self._page, self._model, self._asker, self._now = page, model, asker, now
        self.heat = HeatRoom(page.heat, page.picture, asker)
        self._reference = ReferenceRoom(page, asker)
        self._votes = VoteRoom(page.labels, asker)
        self._parts = (self.heat, self._reference, self._votes)
        self.server = ""
        self.anew: Mapping[
            str, Verdict
        ] = {}  # in a replay: what another model says, by picture hash
        self._kind: PlotTypeInfo | None = None
        self._colours: dict[str, str] = {}
        self._chain = Chain()
        self._hash = ""  # of the picture on the page
        self._detail: Detail | None = None
        self._small = KeptThumbnails(asker, _THUMBNAILS, self)
        self._small.came.connect(self._small_came)
        self._open: dict[int, tuple[Later, Callable[[Failure], None]]] = {}
        model.row_moved.connect(self._changed)
        self._connect_page()

    @property
    def verdict(self) -> Verdict | None:
        """The verdict whose picture is on the page."""
        return self._chain.shown

    # ------------------------------------------------------------ opening

    @Slot(str)
    def open(self, name: str) -> bool:
        """Show the newest picture of the plot type ``name``; False: there is none."""
        row = self._row(name)
        if row is None or row.verdict is None:
            return False
        self._begin(row, Chain().grown([row.verdict]))
        self._ask_history(at=None, before=SHOWN, thumbnails=True)
        self._ask_history(at=None, before=PAGE)
        return True

    def open_past(self, name: str) -> None:
        """Show the picture of ``name`` that stands in the grid, in a run that is over."""
        if (row := self._row(name)) is not None and (verdict := row.verdict) is not None:
            chain = replace(Chain(following=False, current=verdict.picture_hash)).grown([verdict])
            self._begin(row, chain)
            self._ask_history(at=verdict.judged_at, before=PAGE, after=PAGE)

    def open_at(self, target: Target) -> bool:
        """Show the picture of a link; False: there is no such plot type (yet)."""
        row = self._row(target.plot_type)
        if row is None or row.kind.chunked != target.chunked:
            return False
        known = [row.verdict] if row.verdict is not None else []
        self._begin(row, replace(Chain(following=False, current=target.picture_hash)).grown(known))
        self._ask_history(at=target.at, before=PAGE, after=PAGE)
        return True

    def _begin(self, row: PlotRow, chain: Chain) -> None:
        self._kind, self._chain, self._hash, self._open = row.kind, chain, "", {}
        if row.verdict is not None and row.image is not None:
            self._small.keep(row.verdict.picture_hash, row.image)
        self._small.restart()
        self._page.labels.show_classes(())
        self._show()
        self.shown.emit(row.kind.name)

    # ------------------------------------------------------------ what comes in

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """An answer to one of our questions about the plot that is still open."""
        for part in (*self._parts, self._small):
            part.take_answer(ticket, answer)
        if (asked := self._open.pop(ticket, None)) is not None:
            asked[0](answer)

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Why there is none."""
        for part in (*self._parts, self._small):
            part.take_failure(ticket, failure)
        if (asked := self._open.pop(ticket, None)) is not None:
            asked[1](failure)

    def _changed(self, row: PlotRow) -> None:
        if self._kind is None or not self._page.isVisible():
            return
        if row.kind.id == self._kind.id and row.verdict is not None:
            if row.image is not None:
                self._small.keep(row.verdict.picture_hash, row.image)
            self._kind = row.kind
            self._chain = self._chain.grown([row.verdict])
            self._show()

    # ------------------------------------------------------------ showing

    def _show(self) -> None:
        verdict, kind = self._chain.shown, self._kind
        if verdict is None or kind is None:
            return
        if verdict.picture_hash != self._hash:
            self._turn_to(verdict)
        past = not self._chain.at_newest
        self._page.show_shown(
            shown(kind, verdict, self._detail, self._colours, past=past, now=self._now())
        )
        self._show_strip(verdict)

    def _turn_to(self, verdict: Verdict) -> None:
        """Another picture: the small one at once, the rest when it comes."""
        self._hash, self._detail = verdict.picture_hash, None
        if (small := self._small.image(verdict.picture_hash)) is not None:
            self._page.show_picture(small, full=False)
        for part in self._parts:
            part.show(verdict)
        self._ask(GetPicture(picture_hash=verdict.picture_hash), self._picture, self._no_picture)
        self._ask_detail()

    def _show_strip(self, verdict: Verdict) -> None:
        window = self._chain.window(SHOWN)
        self._small.want([each.picture_hash for each in window])
        chunks = [
            replace(neighbour(each), image=self._small.image(each.picture_hash)) for each in window
        ]
        self._page.strip.show_chunks(chunks, verdict.picture_hash)
        threshold = verdict.scores[0] if verdict.scores else None
        near = self._chain.verdicts[-PAGE:] if self._chain.following else self._around()
        self._page.trend.show_points(
            [point(each) for each in near],
            verdict.judged_at,
            (threshold.name, threshold.threshold) if threshold else ("", 0.0),
        )

    def _around(self) -> tuple[Verdict, ...]:
        start = max(0, self._chain.place - PAGE // 2)
        return self._chain.verdicts[start : start + PAGE]

    # ------------------------------------------------------------ asking

    def _ask(
        self,
        request: Request,
        then: Later,
        failed: Callable[[Failure], None] = lambda _failure: None,
    ) -> None:
        self._open[self._asker.ask(request)] = (then, failed)

    def _ask_history(
        self, *, at: datetime | None, before: int, after: int = 0, thumbnails: bool = False
    ) -> None:
        assert self._kind is not None
        request = GetHistoryOf(
            plot_type_id=self._kind.id, at=at, before=before, after=after, thumbnails=thumbnails
        )
        self._ask(request, lambda answer: self._history(answer, asked=before))

    def _history(self, answer: Answer, *, asked: int) -> None:
        match answer.message:
            case History(verdicts=verdicts):
                for verdict, image in zip(verdicts, answer.images, strict=False):
                    if image is not None:
                        self._small.keep(verdict.picture_hash, image)
                earliest = self._chain.oldest
                told = [self.anew.get(each.picture_hash, each) for each in verdicts]
                self._chain = self._chain.grown(told)
                older = earliest is None or any(each.judged_at < earliest for each in verdicts)
                if len(verdicts) < asked or not older:
                    self._chain = replace(self._chain, first_known=True)
                self._show()

    def _small_came(self, _picture_hash: str, _image: QImage) -> None:
        if (verdict := self._chain.shown) is not None:
            self._show_strip(verdict)

    def _picture(self, answer: Answer) -> None:
        if answer.image is None:
            words = "The server's picture cannot be read. This is the small one."
            self._page.show_no_picture(words)
        else:
            self._page.show_picture(answer.image, full=True)

    def _no_picture(self, failure: Failure) -> None:
        self._page.show_no_picture(f"{failure.words} This is the small picture.")

    def _ask_detail(self) -> None:
        if (verdict := self._chain.shown) is not None:
            self._ask(
                GetDetail(plot_type_id=verdict.plot_type_id, picture_hash=verdict.picture_hash),
                self._detailed,
            )

    def _detailed(self, answer: Answer) -> None:
        match answer.message:
            case Detail(picture_hash=of) as detail if of == self._hash:
                self._detail = detail
                self._page.labels.show_classes(detail.classes if detail.may_label else ())
                self._page.entry.setEnabled(bool(detail.logbook))
                self._page.entry.setToolTip(detail.logbook or "No log book is set up.")
                self._show()

    # ------------------------------------------------------------ what a person does

    def _connect_page(self) -> None:
        self._page.step.connect(self._step)
        self._page.walk.connect(self._walk)
        self._page.newest_wanted.connect(self._newest)
        self._page.strip.chosen.connect(self._go_to)
        self._votes.saved.connect(self._ask_detail)
        self._page.hide_wanted.connect(self._hide)

    def _walk(self, by: int) -> None:
        self._chain = self._chain.stepped(by)
        if self._chain.wants_older() and self._chain.oldest is not None:
            self._ask_history(at=self._chain.oldest, before=PAGE)
        self._show()

    def _go_to(self, picture_hash: str) -> None:
        self._chain = self._chain.at(picture_hash)
        self._show()

    def _newest(self) -> None:
        self._chain = self._chain.stepped(len(self._chain.verdicts))
        self._show()

    def _hide(self) -> None:
        if self._kind is not None:
            self.hide_wanted.emit(self._kind.name)

    def _step(self, by: int) -> None:
        names = [self._model.index(row, 0).data(Role.NAME) for row in range(self._model.rowCount())]
        if self._kind is not None and self._kind.name in names:
            self.open(names[(names.index(self._kind.name) + by) % len(names)])

    def _row(self, name: str) -> PlotRow | None:
        """Also of a plot that the grid does not show: filtered away, or in a folded group."""
        return next((row for row in self._model.every if row.kind.name == name), None)
