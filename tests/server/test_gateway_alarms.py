# ruff: noqa: F811 - the fixtures of another module are imported by their name
"""Alarms through the gateway's real sockets: what calls, who may acknowledge, what a restart keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from db import catalogue
from db.session import transaction
from inference_server import config as settings
from inference_server.bus import Bus
from inference_server.messages import CatalogueTouched, Published, SetAside
from inference_server.protocol import alarms as a
from inference_server.protocol import keys
from inference_server.protocol import messages as m
from inference_server.protocol.client import FeedClient, Refusal
from tests.patience import PatientClient
from tests.ports import free_ports
from tests.protocol.examples import ITEM, verdict
from tests.server.test_gateway import (  # noqa: F401 - fixtures
    PATIENCE_S,
    client,
    config,
    feed,
    gateway,
    heard,
    key,
    role,
    running,
    tries,
)

BAD = {"label": "Bad", "severity": m.Severity.BAD, "confirmed": True}
GOOD = {"label": "Good", "severity": m.Severity.GOOD, "confirmed": True}


def judge(role, number: int, what=BAD, **fields):
    at = datetime.now(UTC)
    told = verdict(chunk=number, judged_at=at, picture_time=at, **{**what, **fields})
    role.say(Published(verdict=told, sequence=number), b"")


def called(feed, kind=a.AlarmEventKind.RAISED):
    _, _, news, _ = heard(feed, a.AlarmChanged, lambda n: n.event and n.event.kind is kind)
    return news.alarm


def until(ask, done):
    """Ask again until it is so: a condition, and no time."""
    return next(answer for _ in tries() if done(answer := ask()))


def test_that_a_bad_verdict_calls_and_stands_in_the_snapshot(client, feed, role):
    judge(role, 1)
    alarm = called(feed)
    assert (alarm.plot_type, alarm.severity, alarm.sentence) == (
        "CDC_occupancy", a.AlarmSeverity.MAJOR, "is Bad, 97 % sure",
    )  # fmt: skip
    assert client.snapshot().alarms[0].ref == alarm.ref


def test_that_acknowledging_at_one_station_reaches_the_other(gateway, key, client, feed, role):
    judge(role, 1)
    alarm = called(feed)
    with PatientClient(f"tcp://127.0.0.1:{gateway.port}", key) as other:
        reply, _ = other.ask(a.Acknowledge(alarms=(alarm.ref,), person="ann", why="called CDC"))
    assert reply.sentence == "Acknowledged by ann."
    told = called(feed, a.AlarmEventKind.ACKNOWLEDGED)
    assert (told.condition, told.acknowledged.who, told.acknowledged.why) == (
        a.AlarmCondition.ACKNOWLEDGED, "ann", "called CDC",
    )  # fmt: skip


def test_that_an_acknowledgement_needs_a_name_and_what_was_seen(client, feed, role):
    judge(role, 1)
    alarm = called(feed)
    with pytest.raises(Refusal, match="name of the person"):
        client.ask(a.Acknowledge(alarms=(alarm.ref,), person=" "))
    judge(role, 2, GOOD)
    called(feed, a.AlarmEventKind.RETURNED)
    judge(role, 3)
    called(feed)
    with pytest.raises(Refusal, match="called again meanwhile"):
        client.ask(a.Acknowledge(alarms=(alarm.ref,), person="ann"))


def test_that_a_restart_finds_alarms_acknowledgements_and_what_was_judged_meanwhile(
    config, key, tmp_path
):
    address = f"tcp://127.0.0.1:{config.port}"
    with running(config), PatientClient(address, key) as client, Bus(config, "k", "k") as role:
        client.ask(m.GetSnapshot(), PATIENCE_S)
        shown = _call_until_shown(client, role)
        client.ask(a.Acknowledge(alarms=(shown.ref,), person="ann"), PATIENCE_S)
    with running(config), PatientClient(address, key) as client:
        client.ask(m.GetSnapshot(), PATIENCE_S)
        (alarm,) = client.snapshot().alarms
    assert (alarm.condition, alarm.acknowledged.who) == (a.AlarmCondition.ACKNOWLEDGED, "ann")
    (config.data_dir / "alarms.json").unlink()
    with running(config), PatientClient(address, key) as client:
        client.ask(m.GetSnapshot(), PATIENCE_S)
        (alarm,) = until(lambda: client.snapshot().alarms, len)
    assert alarm.acknowledged.who == "ann"  # from the database, without the file


def _call_until_shown(client, role):
    for number, _ in enumerate(tries(), 1):  # the bus drops what comes before it is joined
        judge(role, number)
        if alarms := client.snapshot().alarms:
            return alarms[0]
    raise AssertionError("no alarm")


def test_that_alarms_go_out_and_are_acknowledged_while_the_database_is_away(tmp_path):
    away = settings.load(
        None,
        {
            "data_dir": str(tmp_path),
            "port": free_ports(2),
            "database_url": "mysql+pymysql://root@127.0.0.1:1/none",
        },
    )
    key = keys.make_client(away.keys_dir, "room", tmp_path / "key", "")
    address = f"tcp://127.0.0.1:{away.port}"
    with running(away), PatientClient(address, key) as client, Bus(away, "k", "k") as role:
        client.ask(m.GetSnapshot(), PATIENCE_S)
        shown = _call_until_shown(client, role)
        client.ask(a.Acknowledge(alarms=(shown.ref,), person="ann"), PATIENCE_S)
        with pytest.raises(Refusal, match="Check that it runs"):
            client.ask(a.GetAlarmHistory(), PATIENCE_S)
    with running(away), PatientClient(address, key) as client:
        client.ask(m.GetSnapshot(), PATIENCE_S)
        assert client.snapshot().alarms[0].acknowledged.who == "ann"


def test_that_an_unreadable_picture_calls_on_the_supply_line(client, feed, role):
    role.say(SetAside(item=ITEM, plot_type="CDC_occupancy", chunked=True))
    alarm = called(feed)
    assert (alarm.line, alarm.severity) == (a.AlarmLine.SUPPLY, a.AlarmSeverity.INVALID)
    assert alarm.sentence == "cannot be read: The file ends too early"


def test_that_history_and_figures_tell_what_happened_and_who_did_it(client, feed, role):
    start = datetime.now(UTC)
    judge(role, 1)
    alarm = called(feed)
    client.ask(a.Acknowledge(alarms=(alarm.ref,), person="ann", why="called CDC"), PATIENCE_S)
    history = until(
        lambda: client.ask(a.GetAlarmHistory(search="cdc"))[0].events, lambda found: len(found) == 2
    )
    assert [event.kind for event in history] == ["acknowledged", "raised"]
    end = datetime.now(UTC) + timedelta(minutes=1)
    figures = client.ask(a.GetAlarmFigures(since=start, until=end))[0].figures
    assert (figures.raised, figures.worst) == (1, (("CDC_occupancy", 1),))
    assert figures.acknowledge_s is not None
    with pytest.raises(Refusal, match="before its start"):
        client.ask(a.GetAlarmFigures(since=end, until=start))


def test_that_shelving_needs_a_reason_and_is_told(client, feed, role):
    judge(role, 1)
    called(feed)
    wish = a.Shelve(
        plot_type="CDC_occupancy", chunked=True, line=a.AlarmLine.VERDICT, hours=6, person="ann", why=""
    )  # fmt: skip
    with pytest.raises(Refusal, match="needs a reason"):
        client.ask(wish)
    client.ask(msgspec.structs.replace(wish, why="noisy since Monday"))
    shelf = called(feed, a.AlarmEventKind.SHELVED).shelf
    assert (shelf.who, shelf.until - shelf.since) == ("ann", timedelta(hours=6))
    client.ask(
        a.Unshelve(plot_type="CDC_occupancy", chunked=True, line=a.AlarmLine.VERDICT, person="bob")
    )
    assert called(feed).condition is a.AlarmCondition.UNACKNOWLEDGED


def test_that_settings_are_checked_kept_and_in_force_at_once(
    client, feed, role, gateway, sqlite_sessions
):
    with transaction(sqlite_sessions) as session:
        number = catalogue.register(session, "CDC_occupancy", chunked=True)
    role.say(CatalogueTouched())
    heard(feed, m.PlotTypesChanged)
    wanted = a.AlarmSettings(on_count=2, on_of=3)
    with pytest.raises(Refusal, match="4 in 3 pictures is not possible"):
        client.ask(
            a.SetAlarmSettings(
                plot_type_id=number, settings=a.AlarmSettings(on_count=4, on_of=3), why="x"
            )
        )
    client.ask(
        a.SetAlarmSettings(plot_type_id=number, settings=wanted, person="ann", why="flickers")
    )
    reply, _ = client.ask(a.GetAlarmSettings(plot_type_id=number))
    assert reply.settings == wanted
    heard(feed, a.AlarmSettingsChanged)
    judge(role, 1)
    heard(feed, m.Judged)
    assert client.snapshot().alarms == ()
    judge(role, 2)
    assert called(feed).last_chunk == 2


def test_that_maintenance_and_conditions_are_told_to_all(client, feed, role, sqlite_sessions):
    with transaction(sqlite_sessions) as session:
        number = catalogue.register(session, "CDC_occupancy", chunked=True)
    role.say(CatalogueTouched())
    heard(feed, m.PlotTypesChanged)
    judge(role, 1)
    alarm = called(feed)
    client.ask(a.SetMaintenance(plot_type_ids=(number,), on=True, person="ann", why="new HV"))
    assert called(feed, a.AlarmEventKind.OUT_OF_SERVICE).maintenance.why == "new HV"
    client.ask(a.SetMaintenance(plot_type_ids=(number,), on=False, person="ann"))
    assert called(feed, a.AlarmEventKind.IN_SERVICE).condition is alarm.condition
    client.ask(a.SetConditions(conditions=a.Conditions(beam_current=2.0, running=False)))
    _, _, news, _ = heard(feed, a.ConditionsChanged)
    assert (news.conditions.beam_current, news.conditions.source) == (2.0, "counting-room-3")
    assert client.snapshot().conditions.running is False


def test_that_beam_and_run_are_taken_from_the_file_of_the_settings(config, key, tmp_path):
    told = tmp_path / "conditions.toml"
    told.write_text("beam_current = 210.0\nrunning = true\n")
    watching = msgspec.structs.replace(config, conditions=settings.ConditionSource(file=told))
    with running(watching), PatientClient(f"tcp://127.0.0.1:{config.port}", key) as client:
        client.ask(m.GetSnapshot(), PATIENCE_S)
        with FeedClient(f"tcp://127.0.0.1:{config.port + 1}", key) as feed:
            heard(feed, m.Heartbeat)
            told.write_text("beam_current = 12.5\nrunning = false\n")
            heard(feed, a.ConditionsChanged, lambda n: n.conditions.beam_current == 12.5)
        assert client.snapshot().conditions.running is False


def test_that_a_station_without_sound_is_told_to_all_stations(client, feed):
    client.ask(a.StationReport(station="room-3", sound_works=False, sentence="No audio device."))
    _, _, news, _ = heard(feed, a.StationSound)
    assert (news.station, news.works) == ("room-3", False)
    assert client.snapshot().silent_stations == ("room-3",)
    client.ask(a.StationReport(station="room-3", sound_works=True))
    assert client.snapshot().silent_stations == ()


def test_that_the_feed_client_understands_alarms(gateway, key, client, role):
    with FeedClient(f"tcp://127.0.0.1:{gateway.port + 1}", key) as other:
        heard(other, m.Heartbeat)
        judge(role, 1)
        assert called(other).plot_type == "CDC_occupancy"
