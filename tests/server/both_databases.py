"""A gateway on each of the two kinds of database, and a client of it."""

import pytest

from inference_server import config as settings
from tests.ports import free_ports
from tests.server.test_gateway import client, gateway, key

__all__ = ["client", "config", "gateway", "key"]


@pytest.fixture
def config(tmp_path, sessions, database_url):
    given = {"data_dir": str(tmp_path), "port": free_ports(2), "database_url": database_url}
    return settings.load(None, given)
