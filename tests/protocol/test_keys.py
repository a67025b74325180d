"""Key files: private, or refused."""

import stat

import pytest

from inference_server.protocol import keys


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_that_the_servers_key_is_made_once_and_private(tmp_path):
    made = keys.server_keys(tmp_path / "keys")
    assert keys.server_keys(tmp_path / "keys") == made
    assert (mode(tmp_path / "keys"), mode(tmp_path / "keys" / "server.key")) == (0o700, 0o600)


def test_that_a_key_that_others_can_read_is_refused_with_the_remedy(tmp_path):
    keys.server_keys(tmp_path)
    (tmp_path / "server.key").chmod(0o640)
    with pytest.raises(keys.KeyTrouble, match="chmod 600"):
        keys.server_keys(tmp_path)


def test_that_a_client_gets_one_private_file_that_holds_all_it_needs(tmp_path):
    made = keys.make_client(tmp_path, "counting-room-3", tmp_path / "c.hydra-key", "tcp://dqm:5700")
    assert mode(tmp_path / "c.hydra-key") == 0o600
    assert keys.read_key_file(tmp_path / "c.hydra-key") == made
    assert made.server_public_key == keys.server_keys(tmp_path).public
    assert [client.name for client in keys.list_clients(tmp_path)] == ["counting-room-3"]
    assert made.client.secret not in (tmp_path / "clients" / "counting-room-3.json").read_text()


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "a b"])
def test_that_a_name_cannot_lead_out_of_the_directory(tmp_path, name):
    with pytest.raises(keys.KeyTrouble, match="letters"):
        keys.make_client(tmp_path, name, tmp_path / "k", "")


def test_that_a_name_is_given_once_until_it_is_revoked(tmp_path):
    keys.make_client(tmp_path, "ann", tmp_path / "1", "")
    with pytest.raises(keys.KeyTrouble, match="already"):
        keys.make_client(tmp_path, "ann", tmp_path / "2", "")
    keys.revoke_client(tmp_path, "ann")
    assert keys.list_clients(tmp_path) == []
    keys.make_client(tmp_path, "ann", tmp_path / "2", "")


def test_that_revoking_an_unknown_client_names_the_known_ones(tmp_path):
    keys.make_client(tmp_path, "ann", tmp_path / "1", "")
    with pytest.raises(keys.KeyTrouble, match="Known: ann"):
        keys.revoke_client(tmp_path, "bob")


def test_that_a_file_of_another_kind_is_not_taken_for_a_key(tmp_path):
    path = tmp_path / "x"
    path.write_text("{}")
    path.chmod(0o600)
    with pytest.raises(keys.KeyTrouble, match="not a key file"):
        keys.read_key_file(path)
