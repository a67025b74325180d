"""Joins the administration page and the server; the server alone decides who may do what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Slot

from hydra_desktop.asking import Asking
from hydra_desktop.link.arrival import Arrival, Failure
from hydra_desktop.models.log import when
from hydra_desktop.rooms.run_room import Asker
from inference_server.protocol.administration import (
    Audit,
    AuditEntry,
    GetAudit,
    GetUsers,
    PutUser,
    Right,
    SetRight,
    UserInfo,
    Users,
)
from inference_server.protocol.messages import (
    Done,
    PlotTypeInfo,
    PlotTypesChanged,
    Reply,
    Request,
    Snapshot,
)
from inference_server.protocol.people import Role
from ui.administration_page import AdministrationPage, Person
from ui.audit_view import TrailFilter


class AdministrationRoom(QObject):
    """Asks again after each change, so that what is shown is what the server has."""

    def __init__(self, page: AdministrationPage, asker: Asker) -> None:
        super().__init__(page)
        self._page, self.asking = page, Asking(asker, self)
        self._names: dict[int, str] = {}
        self._wanted = TrailFilter()
        self._last: int | None = None
        page.person_given.connect(self._put)
        page.right_given.connect(self._set_right)
        page.trail.older_wanted.connect(self._older)
        page.trail.filter_wanted.connect(self._look_for)

    @Slot(object)
    def restore(self, snapshot: Snapshot) -> None:
        """Learn the plot types."""
        self._learn(snapshot.plot_types)

    @Slot(list)
    def receive(self, batch: Sequence[Arrival]) -> None:
        """There are other plot types now."""
        for arrival in batch:
            if isinstance(arrival.message, PlotTypesChanged):
                self._learn(arrival.message.plot_types)

    def _learn(self, plot_types: Sequence[PlotTypeInfo]) -> None:
        self._names = {each.id: each.name for each in plot_types}
        choices = sorted(self._names.items(), key=lambda item: item[1])
        self._page.show_choices([role.value for role in Role], choices)

    def look(self) -> None:
        """The page is being looked at."""
        self._page.note.setText("")
        self._ask(GetUsers())
        self.newest()

    def _take(self, reply: Reply) -> None:
        match reply:
            case Users(users=users):
                self._page.show_people([self._person(each) for each in users])
            case Done(sentence=sentence):
                self.look()
                self._page.note.setText(sentence)

    def _fail(self, failure: Failure) -> None:
        self._page.note.setText(failure.words)

    def _put(self, person: Person) -> None:
        self._ask(
            PutUser(
                name=person.name, full_name=person.full_name, email=person.email,
                wants_report=person.wants_report,
            )
        )  # fmt: skip

    def _set_right(self, name: str, role: str, plot_type: int | None, given: bool) -> None:
        self._ask(SetRight(name=name, role=Role(role), plot_type_id=plot_type, given=given))

    @Slot()
    def newest(self) -> None:
        """Ask for the newest changes that fit the filter."""
        self._ask_trail(None)

    def _older(self) -> None:
        self._ask_trail(self._last)

    def _look_for(self, wanted: TrailFilter) -> None:
        self._wanted = wanted
        self.newest()

    def _ask_trail(self, before_id: int | None) -> None:
        asked = self._wanted
        request = GetAudit(
            before_id=before_id, subject=asked.subject, who=asked.who, what=asked.what, since=asked.since
        )  # fmt: skip
        further = before_id is not None
        self.asking.ask(
            request, lambda reply: self._show_trail(reply, asked, further=further), self._fail
        )

    def _show_trail(self, reply: Reply, asked: TrailFilter, *, further: bool) -> None:
        """Show a page of it, unless somebody has filtered otherwise since it was asked for."""
        if not isinstance(reply, Audit) or asked != self._wanted:
            return
        self._last = reply.entries[-1].id if reply.entries else self._last
        rows = [_line(each) for each in reply.entries]
        self._page.trail.show_rows(rows, more=reply.more, further=further)
        self._page.trail.show_kinds(reply.whats)

    def _ask(self, request: Request) -> None:
        self.asking.ask(request, self._take, self._fail)

    def _person(self, user: UserInfo) -> Person:
        roles = ", ".join(self._words(right) for right in user.rights)
        return Person(user.name, user.full_name, user.email, user.wants_report, roles)

    def _words(self, right: Right) -> str:
        if right.plot_type_id is None:
            return right.role.value
        return f"{right.role.value} of {self._names.get(right.plot_type_id, right.plot_type_id)}"


def _line(entry: AuditEntry) -> tuple[str, ...]:
    return (
        when(entry.at), entry.who, entry.what, entry.subject, _facts(entry.before), _facts(entry.after),
    )  # fmt: skip


def _facts(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')}: {_said(value)}" for name, value in values.items())


def _said(value: Any) -> str:
    """A value in words: what is empty is said to be, and lists are no brackets."""
    match value:
        case None | "" | [] | {}:
            return "none"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case list():
            return " ".join(_said(each) for each in value)
        case dict():
            return " ".join(f"{name} {_said(each)}" for name, each in value.items())
    return str(value)
