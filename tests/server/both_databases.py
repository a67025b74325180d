"""A gateway on each of the two kinds of database, and a client of it."""

import pytest

from inference_server import config as settings
from inference_server.protocol import keys
from inference_server.protocol import messages as m
from inference_server.protocol.client import ControlClient
from tests.ports import free_ports
from tests.server.test_gateway import PATIENCE_S, running


@pytest.fixture
def config(tmp_path, sessions, database_url, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    given = {"data_dir": str(tmp_path), "port": free_ports(2), "database_url": database_url}
    return settings.load(None, given)


@pytest.fixture
def gateway(config):
    with running(config):
        yield config


@pytest.fixture
def key(config, tmp_path):
    keys.server_keys(config.keys_dir)
    return keys.make_client(config.keys_dir, "counting-room-3", tmp_path / "key", "")


@pytest.fixture
def client(gateway, key):
    with ControlClient(f"tcp://127.0.0.1:{gateway.port}", key) as made:
        made.ask(m.Hello(client="counting-room-3", version="0.1.0"), PATIENCE_S)
        yield made
