"""History, figures and settings of alarms: what needs the database. Commands are the desk's."""

from __future__ import annotations

import msgspec
from sqlalchemy.orm import Session, sessionmaker

from db import alarms
from db.session import DatabaseAway, transaction
from inference_server.alarms.figures import figures
from inference_server.alarms.rules import Rule
from inference_server.gateway.alarm_desk import Command
from inference_server.gateway.alarm_store import event, from_base
from inference_server.gateway.answers import Handlers, Means, NotAllowed, Result, must
from inference_server.protocol.alarms import (
    AlarmFigures,
    AlarmHistory,
    AlarmSettings,
    AlarmSettingsChanged,
    AlarmSettingsReply,
    GetAlarmFigures,
    GetAlarmHistory,
    GetAlarmSettings,
    SetAlarmSettings,
    SetConditions,
    SetMaintenance,
    StationReport,
)
from inference_server.protocol.messages import Done, Refused


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {
        GetAlarmHistory: lambda request, _who: _history(means, request),
        GetAlarmFigures: lambda request, _who: _figures(means, request),
        GetAlarmSettings: lambda request, _who: _settings(means, request.plot_type_id),
        SetAlarmSettings: lambda request, who: _set_settings(means, request, who),
    }


def refusal(sessions: sessionmaker[Session], request: Command, who: str) -> Refused | None:
    """Why ``who`` may not give this command; None where it may be given.

    While the database is away nobody's rights are known, and an alarm must not wait for it.
    """
    if isinstance(request, StationReport):
        return None
    role = "expert" if isinstance(request, SetMaintenance | SetConditions) else "shifter"
    try:
        with transaction(sessions) as session:
            must(session, who, role)
    except NotAllowed as error:
        step = "Ask the administrator of this Hydra for the role."
        return Refused(code="forbidden-role", sentence=f"{error}.", next_step=step)
    except DatabaseAway:
        return None
    return None


def rules(sessions: sessionmaker[Session]) -> dict[int, Rule] | None:
    """The settings of all plot types; None while the database is away."""
    try:
        with transaction(sessions) as session:
            held = alarms.settings(session)
    except DatabaseAway:
        return None
    return {number: Rule.of(_wire(each)) for number, each in held.items()}


def _history(means: Means, request: GetAlarmHistory) -> Result:
    wanted = alarms.Search(
        text=request.search,
        since=request.since,
        until=request.until,
        kinds=tuple(kind.value for kind in request.kinds),
        before=request.before,
        limit=request.limit,
    )
    with transaction(means.sessions) as session:
        page, following = alarms.history(session, wanted)
    return Result(AlarmHistory(events=tuple(event(row) for row in page), next=following))


def _figures(means: Means, request: GetAlarmFigures) -> Result:
    if request.until <= request.since:
        raise ValueError("the end of the shift is before its start")
    with transaction(means.sessions) as session:
        rows = alarms.between(session, request.since, request.until)
        standing = from_base(alarms.states(session))
    made = figures([event(row) for row in rows], standing, request.since, request.until)
    return Result(AlarmFigures(figures=made))


def _settings(means: Means, plot_type_id: int) -> Result:
    with transaction(means.sessions) as session:
        held = alarms.settings(session).get(plot_type_id)
    wire = _wire(held) if held is not None else AlarmSettings()
    return Result(AlarmSettingsReply(plot_type_id=plot_type_id, settings=wire))


def _set_settings(means: Means, request: SetAlarmSettings, who: str) -> Result:
    Rule.of(request.settings)
    if not request.why.strip():
        raise ValueError("a change of alarm settings needs a reason")
    wanted = alarms.StoredSettings(**msgspec.structs.asdict(request.settings))
    with transaction(means.sessions) as session:
        must(session, who, "expert", request.plot_type_id)
        alarms.set_settings(
            session, request.plot_type_id, wanted, who=request.person or who, reason=request.why
        )
    told = AlarmSettingsChanged(plot_type_id=request.plot_type_id, settings=request.settings)
    done = Done(sentence="The alarm settings are in force.")
    return Result(done, catalogue_changed=True, news=(told,))


def _wire(held: alarms.StoredSettings) -> AlarmSettings:
    return msgspec.convert(held, AlarmSettings, from_attributes=True)
