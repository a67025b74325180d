"""Settings of the site, over the socket and with hydra-ctl, on both kinds of database."""
# ruff: noqa: F811 - fixtures are arguments

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from db import catalogue, dropping, inferences, labels
from db.session import transaction
from db.tables.people import CurrentLabelRow
from inference_server import ctl, retention_rules
from inference_server.config import Store
from inference_server.protocol import administration as adm
from inference_server.protocol import keys
from inference_server.protocol import site as st
from inference_server.protocol.client import Refusal
from inference_server.protocol.people import Role
from inference_server.retention_rules import Plan, Rules
from tests.db.factories import START, inference
from tests.server.both_databases import client, config, gateway, key  # noqa: F401 - fixtures


def held(client, key):
    reply, _ = client.ask(st.GetSiteSettings())
    return next(each for each in reply.settings if each.key == key)


def test_that_a_setting_is_changed_checked_and_kept_in_the_trail(client):
    assert held(client, "retention.max_gb").value == 0.0
    client.ask(st.SetSiteSetting(key="retention.max_gb", value=500.0, expected=0.0))
    client.ask(st.SetSiteSetting(key="retention.max_age_days", value=90.0))
    now = held(client, "retention.max_gb")
    assert (now.value, now.who) == (500.0, "counting-room-3")
    trail, _ = client.ask(adm.GetAudit(what="setting"))
    assert trail.entries[0].subject == "retention"
    assert trail.entries[0].before == {"max_age_days": 0.0, "max_gb": 500.0}
    assert trail.entries[0].after == {"max_gb": 500.0, "max_age_days": 90.0}
    assert "setting" in trail.whats
    with pytest.raises(Refusal, match="is 500 GB by now"):
        client.ask(st.SetSiteSetting(key="retention.max_gb", value=9.0, expected=0.0))


WRONG = (
    ("retention.max_gb", -3.0, "0 or from 1"),
    ("retention.max_gb", float("nan"), "0 or from 1"),
    ("retention.max_age_days", "soon", "0 or from 1"),
    ("leader_board.shown", 1.0, "either on or off"),
    ("label_rule.rule", "loudest", "is one of latest, consensus, adjudication"),
    ("nonsense", True, "there is no setting nonsense"),
)


def test_that_a_value_that_cannot_be_is_refused(client):
    for setting, value, why in WRONG:
        with pytest.raises(Refusal, match=why):
            client.ask(st.SetSiteSetting(key=setting, value=value))
    trail, _ = client.ask(adm.GetAudit(what="setting"))
    assert trail.entries == ()


def test_that_a_setting_needs_its_role(client):
    client.ask(adm.PutUser(name="boss"))
    client.ask(adm.SetRight(name="boss", role=Role.ADMIN))
    for setting, value, role in (
        ("leader_board.shown", False, "admin"),
        ("retention.max_gb", 5.0, "maintainer"),
    ):
        with pytest.raises(Refusal, match=f"needs the role {role}"):
            client.ask(st.SetSiteSetting(key=setting, value=value))


def stored(sessions, count):
    """Pictures of a plot type with two classes; their ids."""
    with transaction(sessions) as session:
        for name in ("Good", "Bad"):
            catalogue.ensure_class(session, name, name.lower())
        plot = catalogue.register(session, "CDC", True, classes=("Good", "Bad"))
        rows = inferences.store(session, [inference(plot, n) for n in range(1, count + 1)])
        return [row.picture_id for row in rows]


def vote(sessions, picture, who, said):
    with transaction(sessions) as session:
        labels.vote(
            session, picture_id=picture, class_name=said, who=who, at=START,
            client_id=f"{picture}{who}",
        )  # fmt: skip


def label(sessions, picture):
    with transaction(sessions) as session:
        row = session.get(CurrentLabelRow, picture)
        return None if row is None else row.class_name


def test_that_a_new_rule_for_labels_holds_for_what_was_labelled_before(client, sessions):
    disputed, _ = stored(sessions, 2)
    for who, said in (("ann", "Bad"), ("bob", "Bad"), ("cid", "Good")):
        vote(sessions, disputed, who, said)
    assert label(sessions, disputed) == "Good"
    reply, _ = client.ask(st.SetSiteSetting(key="label_rule.rule", value="consensus"))
    assert "1 pictures with several votes were decided anew" in reply.sentence
    assert label(sessions, disputed) == "Bad"


def test_that_a_plan_counts_what_would_go_and_never_what_is_labelled_or_logged(sessions):
    first, second, *_ = stored(sessions, 4)
    vote(sessions, first, "ann", "Good")
    late = START + timedelta(days=30)
    with transaction(sessions) as session:
        old = retention_rules.plan(session, Rules(10.0, 0.0), late)
        assert (old.pictures, old.size, old.stored) == (3, 120_000, 160_000)
        few = retention_rules.plan(session, Rules(10.0, 0.0), late, most=2)
        assert (few.pictures, few.more, few.stored) == (2, True, None)
        large = retention_rules.plan(session, Rules(0.0, 0.00001), late)  # 10 kB
        assert (large.pictures, large.size) == (3, 120_000)
        assert "That leaves 30 kB more than the limit" in large.sentence
        assert len(dropping.candidates(session)) == 3
        assert second in {each.id for each in dropping.candidates(session)}


def test_that_a_plan_is_said_in_words():
    assert Plan(Rules(0.0, 0.0), 0, 0, stored=5_000_000).sentence == (
        "No rule removes pictures. 5 MB are stored now."
    )
    assert Plan(Rules(9.0, 0.0), 0, 0).sentence.startswith("Nothing would go.")
    many = Plan(Rules(9.0, 0.0), 5000, 2_500_000_000, more=True).sentence
    assert many.startswith("More than 5000 pictures (2.5 GB) would go.")
    assert many.endswith(retention_rules.STAYS)


def test_that_the_rules_of_the_desktop_go_before_those_of_the_file(sessions, client):
    file = Store(max_age_days=7.0, max_gb=3.0)
    client.ask(st.SetSiteSetting(key="retention.max_age_days", value=0.0))
    with transaction(sessions) as session:
        assert retention_rules.in_force(session, file) == Rules(7.0, 3.0)
    client.ask(st.SetSiteSetting(key="retention.max_age_days", value=90.0))
    with transaction(sessions) as session:
        assert retention_rules.in_force(session, file) == Rules(90.0, 3.0)


def test_that_a_dry_run_says_what_would_go_and_changes_nothing(client, sessions):
    stored(sessions, 3)
    asked = st.SetSiteSetting(key="retention.max_age_days", value=1.0, dry_run=True)
    reply, _ = client.ask(asked)
    assert "would change from 0 days to 1 days" in reply.sentence
    assert held(client, "retention.max_age_days").value == 0.0
    planned, _ = client.ask(st.GetRetention(max_age_days=1.0))
    assert planned.sentence in reply.sentence
    assert planned.pictures in (0, 3)  # by the date of this test, they are old or not yet there


def test_that_the_command_shows_and_changes_settings_and_news(gateway, client, tmp_path, capsys):
    server = f"tcp://127.0.0.1:{gateway.port}"
    keys.make_client(gateway.keys_dir, "boss", tmp_path / "boss.key", server)

    def told(*words):
        status = ctl.main(["--key", str(tmp_path / "boss.key"), *words])
        out = capsys.readouterr()
        return status, out.out + out.err

    assert told("set", "leader_board.shown", "off", "--dry-run")[1].endswith("to off.\n")
    assert "leader_board.shown\ton" in told("settings")[1]
    assert told("set", "leader_board.shown", "off") == (0, "Show who labels most is changed.\n")
    assert "leader_board.shown\toff\tShow who labels most\tboss," in told("settings")[1]
    assert told("set", "retention.max_gb", "much")[0] == 1
    assert told("news", "The beam is back", "--dry-run")[1].startswith(
        'Would show "The beam is back"'
    )
    assert told("news")[1] == "There are no news.\n"
    assert told("news", "The beam is back")[0] == 0
    assert told("news")[1].startswith("The beam is back\tboss\t")
    assert told("news", "")[1] == "The news are taken away.\n"
    assert told("retention")[1].startswith("No rule removes pictures.")
    assert told("grant", "ann", "expert", "--dry-run") == (
        0, "Would give ann the role expert.\nboss may do this: it needs the role admin.\n",
    )  # fmt: skip
    assert "ann" not in told("users")[1]
    before = told("label-rules")
    assert before == (0, "rule\tlatest\nleader board\toff\n")
    trial = ("label-rules", "--rule", "consensus", "--leader-board", "on", "--dry-run")
    status, said = told(*trial)
    assert status == 0
    assert said.startswith("Would make consensus the rule (if it is another now, pictures with ")
    assert said.endswith("; show the leader board.\nboss may do this: it needs the role admin.\n")
    assert told("label-rules") == before
    assert told("label-rules", "--dry-run")[1] == "This changes nothing.\n"
    today = datetime.now(UTC).date()
    assert "leader_board" in told("audit", "--who", "boss", "--since", str(today))[1]
    assert told("audit", "--until", "2020-01-01")[1] == "\n"
