"""Users, roles and the audit trail over the socket, with hydra-ctl as with a desktop, on both kinds of database."""
# ruff: noqa: F811 - fixtures are arguments

import json
from datetime import UTC, datetime

import msgspec
import pytest

from db import quarantine
from db.session import transaction
from inference_server import ctl
from inference_server.config import Inbox
from inference_server.protocol import administration as adm
from inference_server.protocol import keys
from inference_server.protocol.activity import GetStations
from inference_server.protocol.client import Refusal
from inference_server.protocol.people import Role
from inference_server.version import version
from tests.patience import PatientClient
from tests.server.both_databases import client, gateway, key  # noqa: F401 - fixtures
from tests.server.both_databases import config as any_config  # noqa: F401 - a fixture


@pytest.fixture
def config(any_config, tmp_path):
    return msgspec.structs.replace(any_config, inboxes=(Inbox(path=tmp_path / "inbox"),))


def test_that_an_admin_once_named_is_the_only_one_who_names_others(gateway, client, tmp_path):
    me = "counting-room-3"
    client.ask(adm.PutUser(name=me, full_name="Room 3"))
    client.ask(adm.SetRight(name=me, role=Role.ADMIN))
    other = keys.make_client(gateway.keys_dir, "ann", tmp_path / "ann", "")
    with (
        PatientClient(f"tcp://127.0.0.1:{gateway.port}", other) as ann,
        pytest.raises(Refusal, match="needs the role admin"),
    ):
        ann.ask(adm.GetUsers(), 20.0)
    reply, _ = client.ask(adm.GetUsers())
    assert reply.users[0].rights == (adm.Right(role=Role.ADMIN),)
    trail, _ = client.ask(adm.GetAudit(subject=me, limit=1))
    assert (trail.entries[0].what, trail.entries[0].who, trail.more) == ("right", me, True)
    older, _ = client.ask(adm.GetAudit(subject=me, before_id=trail.entries[0].id))
    assert [each.what for each in older.entries] == ["user"]


@pytest.fixture
def set_aside(gateway, sessions):
    """A picture in quarantine that came from the inbox."""
    kept = gateway.quarantine_dir / "Run000001" / "CDC_0001.png"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"png")
    kept.with_name("CDC_0001.png.reason.txt").write_text("unreadable")
    path = gateway.inboxes[0].path / "Run000001" / "CDC_0001.png"
    with transaction(sessions) as session:
        quarantine.add(
            session, path=str(path), reason="unreadable", at=datetime.now(UTC), kept_as=str(kept)
        )
    return kept, path


def test_that_a_picture_set_aside_goes_back_to_its_inbox(client, set_aside):
    kept, path = set_aside
    client.ask(adm.TryAgain(kept_as=str(kept)))
    assert path.read_bytes() == b"png"
    assert list(kept.parent.iterdir()) == []
    with pytest.raises(Refusal, match="does not know of this picture"):
        client.ask(adm.TryAgain(kept_as=str(kept)))
    trail, _ = client.ask(adm.GetAudit(what="quarantine"))
    assert trail.entries[0].before == {"kept_as": str(kept), "reason": "unreadable"}


def test_that_a_picture_tried_again_overwrites_nothing_and_a_reason_is_no_picture(
    client, set_aside, sessions
):
    kept, path = set_aside
    path.parent.mkdir(parents=True)
    path.write_bytes(b"a newer one")
    with pytest.raises(Refusal, match="lies in the inbox already"):
        client.ask(adm.TryAgain(kept_as=str(kept)))
    assert (path.read_bytes(), kept.read_bytes()) == (b"a newer one", b"png")
    note = str(kept.with_name("CDC_0001.png.reason.txt"))
    with transaction(sessions) as session:
        assert quarantine.count(session) == 1
        quarantine.add(session, path=str(path), reason="", at=datetime.now(UTC), kept_as=note)
    with pytest.raises(Refusal, match="only the reason was kept"):
        client.ask(adm.TryAgain(kept_as=note))


def test_that_a_picture_whose_file_is_gone_leaves_the_list(client, set_aside, sessions):
    kept, path = set_aside
    kept.unlink()
    done, _ = client.ask(adm.TryAgain(kept_as=str(kept)))
    assert done.sentence == "CDC_0001.png was no longer in the quarantine: it leaves the list."
    assert not path.exists()
    with transaction(sessions) as session:
        assert quarantine.count(session) == 0


def test_that_an_inbox_that_takes_nothing_is_named_and_the_picture_stays(
    client, set_aside, sessions
):
    kept, path = set_aside
    path.parent.parent.mkdir(parents=True, exist_ok=True)
    path.parent.write_text("a file where a folder has to be")
    with pytest.raises(Refusal, match="cannot be written: "):
        client.ask(adm.TryAgain(kept_as=str(kept)))
    assert kept.read_bytes() == b"png"
    with transaction(sessions) as session:
        assert quarantine.count(session) == 1


def test_that_nothing_outside_quarantine_and_inbox_is_touched(gateway, client, sessions, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("x")
    with pytest.raises(Refusal, match="does not know"):
        client.ask(adm.TryAgain(kept_as=str(secret)))
    with transaction(sessions) as session:
        for path, kept in (
            (tmp_path / "elsewhere.png", secret),
            (gateway.inboxes[0].path / "a.png", secret),
        ):
            quarantine.add(
                session, path=str(path), reason="", at=datetime.now(UTC), kept_as=str(kept)
            )
    with pytest.raises(Refusal, match="does not lie in the quarantine"):
        client.ask(adm.TryAgain(kept_as=str(secret)))
    assert secret.read_text() == "x"


def test_that_the_command_does_what_the_desktop_does(gateway, client, tmp_path, capsys):
    server = f"tcp://127.0.0.1:{gateway.port}"
    keys.make_client(gateway.keys_dir, "boss", tmp_path / "boss.key", server)
    start = ["--key", str(tmp_path / "boss.key")]
    assert ctl.main([*start, "user", "ann", "--email", "ann@lab", "--report"]) == 0
    assert (
        ctl.main([*start, "grant", "ann", "expert", "--plot-type", "1"]) == 1
    )  # no such plot type
    assert ctl.main([*start, "grant", "ann", "expert"]) == 0
    capsys.readouterr()
    assert ctl.main([*start, "users"]) == 0
    assert capsys.readouterr().out == "ann\t\tann@lab\texpert\n"
    here = next(each for each in client.ask(GetStations())[0].stations if each.name == "hydra-ctl")
    assert here.version == version()
    assert ctl.main([*start, "--json", "audit", "--subject", "ann"]) == 0
    assert json.loads(capsys.readouterr().out)["entries"][0]["who"] == "boss"
    out = tmp_path / "report.html"
    assert ctl.main([*start, "report", str(out)]) == 0
    assert b"No plot was bad" in out.read_bytes()
    for question in ("activity", "stations", "quarantine"):
        assert ctl.main([*start, question]) == 0
    assert ctl.main(["--key", str(tmp_path / "none"), "users"]) == 1
    assert "hydra-ctl:" in capsys.readouterr().err
