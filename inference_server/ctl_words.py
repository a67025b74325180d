"""What ``hydra-ctl`` prints: answers as lines with tabs between the columns, and what a dry run would do."""

from __future__ import annotations

from collections.abc import Sequence

from inference_server.protocol.activity import Activity, Stations
from inference_server.protocol.administration import Audit, PutUser, SetRight, TryAgain, Users
from inference_server.protocol.label_rules import LabelRules, SetLabelRules
from inference_server.protocol.messages import Done, Quarantine, Reply, Request
from inference_server.protocol.notices import NoticeIs, SetNotice
from inference_server.protocol.people import MyRights, Role
from inference_server.protocol.site import RetentionPlan, SiteSetting, SiteSettings, Value

Lines = list[str]


def told(reply: Reply) -> Lines:
    """An answer, as lines with tabs between the columns."""
    match reply:
        case Users(users=users):
            return [
                "\t".join((each.name, each.full_name, each.email, _rights(each.rights)))
                for each in users
            ]
        case Audit(entries=entries):
            return [
                "\t".join(
                    (f"{each.at:%Y-%m-%d %H:%M:%S}", each.who, each.what, each.subject,
                     f"{each.before} -> {each.after}")
                )
                for each in entries
            ]  # fmt: skip
        case Quarantine(items=items):
            return [f"{each.kept_as}\t{each.reason}" for each in items]
        case Activity(last_minute=minute, today=today, forecast=forecast):
            return [f"{minute} pictures in the last minute, {today} today (UTC).", forecast]
        case Stations(stations=stations):
            return [
                "\t".join(
                    (each.name, each.version, f"{each.heard_at:%H:%M:%S} UTC", _sound(each.sound))
                )
                for each in stations
            ]
        case Done(sentence=sentence):
            return [sentence]
    return _site(reply)


def _site(reply: Reply) -> Lines:
    match reply:
        case NoticeIs(notice=notice):
            if notice is None:
                return ["There are no news."]
            return [f"{notice.text}\t{notice.who}\t{notice.at:%Y-%m-%d %H:%M} UTC"]
        case LabelRules(rule=rule, leader_board=shown):
            return [f"rule\t{rule.value}", f"leader board\t{'on' if shown else 'off'}"]
        case SiteSettings(settings=settings):
            return [_setting(each) for each in settings]
        case RetentionPlan(sentence=sentence):
            return [sentence]
    return [str(reply)]


def _rights(rights: Sequence[object]) -> str:
    words = []
    for each in rights:
        kind = getattr(each, "plot_type_id", None)
        role = str(getattr(each, "role", ""))
        words.append(role if kind is None else f"{role} of plot type {kind}")
    return ", ".join(words)


def _sound(works: bool | None) -> str:
    return {None: "sound not known", True: "sound works", False: "no sound"}[works]


def _setting(each: SiteSetting) -> str:
    unit = f" {each.unit}" if each.unit else ""
    by = f"{each.who}, {each.at:%Y-%m-%d %H:%M} UTC" if each.at else "default"
    return f"{each.key}\t{value_words(each.value)}{unit}\t{each.name}\t{by}"


def value_words(value: Value) -> str:
    """As it is typed."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return value if isinstance(value, str) else f"{value:g}"


def would(request: Request, mine: MyRights) -> Lines:
    """What a change would do, and whether this key may ask for it."""
    match request:
        case PutUser(name=name):
            role, words = Role.ADMIN, f"keep the user {name}: {_fields(request)}"
        case SetRight(name=name, role=given, given=True):
            role, words = Role.ADMIN, f"give {name} the role {given}{_where(request.plot_type_id)}"
        case SetRight(name=name, role=given):
            role, words = (
                Role.ADMIN,
                f"take the role {given}{_where(request.plot_type_id)} from {name}",
            )
        case TryAgain(kept_as=kept_as):
            role, words = Role.MAINTAINER, f"put {kept_as} back into its inbox"
        case SetNotice(text=text):
            role, words = (
                Role.EXPERT,
                f'show "{text}" on every desktop' if text else "take the news away",
            )
        case SetLabelRules():
            role, words = Role.ADMIN, _rule_words(request)
        case _:
            return ["This changes nothing."]
    may = "may" if mine.may(role) else "may not"
    return [f"Would {words}.", f"{mine.who} {may} do this: it needs the role {role}."]


def _fields(request: PutUser) -> str:
    report = "wants the daily report" if request.wants_report else "no daily report"
    return f"full name {request.full_name or 'none'}, e-mail {request.email or 'none'}, {report}"


def _rule_words(request: SetLabelRules) -> str:
    words = []
    if request.rule is not None:
        words.append(
            f"make {request.rule} the rule (if it is another now, pictures with several votes are"
            " decided anew)"
        )
    if request.leader_board is not None:
        words.append("show the leader board" if request.leader_board else "hide the leader board")
    return "; ".join(words)


def _where(plot_type_id: int | None) -> str:
    return "" if plot_type_id is None else f" for plot type {plot_type_id}"
