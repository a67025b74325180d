"""The settings of the site, and what the retention would remove."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from db import labels
from db import session as database
from db.session import transaction
from inference_server import retention_rules, site_settings
from inference_server.config import Config
from inference_server.gateway.answers import Handlers, Means, Result, must
from inference_server.gateway.label_rule_requests import decide_anew
from inference_server.protocol.labelling import LabelsMoved
from inference_server.protocol.messages import Done
from inference_server.protocol.site import (
    GetRetention,
    GetSiteSettings,
    RetentionPlan,
    SetSiteSetting,
    SiteSettings,
    Value,
)
from inference_server.retention_rules import Plan, Rules
from inference_server.site_settings import Kind

PATIENT_S = 60.0  # each picture may be needed by somebody: that takes longer than other questions
MOST = 5000  # pictures that are counted for a person who waits


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    return {
        GetSiteSettings: lambda _request, _who: _all(means),
        SetSiteSetting: lambda request, who: _set(means, request, who),
        GetRetention: lambda request, _who: _retention(means, request),
    }


def _all(means: Means) -> Result:
    with transaction(means.sessions) as session:
        found = [site_settings.shown(session, each) for each in site_settings.kinds(means.config)]
    return Result(SiteSettings(settings=tuple(found)))


def _set(means: Means, request: SetSiteSetting, who: str) -> Result:
    each = site_settings.kind(means.config, request.key)
    value = site_settings.checked(each, request.value)
    with transaction(means.sessions) as session:
        must(session, who, each.role)
        before = site_settings.shown(session, each).value
        if request.expected is not None and request.expected != before:
            raise ValueError(f"{each.name} is {_said(each, before)} by now")
        if request.dry_run:
            return Result(Done(sentence=_would(session, means.config, each, before, value)))
        if before == value:
            return Result(Done(sentence=f"{each.name} is {_said(each, value)} already."))
        site_settings.change(session, each, value, who=who)
    if each.key != labels.RULE:
        return Result(Done(sentence=f"{each.name} is changed."))
    decided, moves = decide_anew(means)
    words = f"{each.name} is changed; {decided} pictures with several votes were decided anew."
    return Result(Done(sentence=words), news=(LabelsMoved(moves=moves),))


def _would(session: Session, config: Config, each: Kind, before: Value, value: Value) -> str:
    words = f"{each.name} would change from {_said(each, before)} to {_said(each, value)}."
    if each.key != retention_rules.KEY:
        return words
    rules = retention_rules.in_force(session, config.store)
    other = {"max_age_days": rules.max_age_days, "max_gb": rules.max_gb, each.field: float(value)}
    return f"{words} {_planned(config, Rules(**other)).sentence}"


def _retention(means: Means, request: GetRetention) -> Result:
    with transaction(means.sessions) as session:
        rules = retention_rules.in_force(session, means.config.store)
    days = rules.max_age_days if request.max_age_days is None else request.max_age_days
    size = rules.max_gb if request.max_gb is None else request.max_gb
    found = _planned(means.config, Rules(days, size))
    return Result(
        RetentionPlan(
            pictures=found.pictures,
            bytes=found.size,
            sentence=found.sentence,
            max_age_days=days,
            max_gb=size,
        )
    )


def _planned(config: Config, rules: Rules) -> Plan:
    engine = database.connect(config.database, answer_s=PATIENT_S)
    try:
        with transaction(database.sessions(engine)) as session:
            return retention_rules.plan(session, rules, datetime.now(UTC), most=MOST)
    finally:
        engine.dispose()


def _said(each: Kind, value: Value) -> str:
    """A value in words."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return f'"{dict(each.choices)[value]}"'
    return f"{value:g} {each.unit}"
