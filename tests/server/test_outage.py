"""The database stopped in mid-feed: verdicts go on, and nothing is lost or doubled afterwards."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
import zmq

from db import inferences
from db import session as database
from inference_server import balancer
from inference_server.config import Config, Inbox
from inference_server.feeder import files
from inference_server.feeder import service as feeder
from inference_server.keeper import service as keeper
from inference_server.messages import Bus, Free, Opinion, Published, Work
from inference_server.protocol.wire import pack, unpack
from inference_server.sockets import bound, connected
from tests.ports import free_ports

PATIENCE_S = 60.0


def judge(config, stop):
    """A worker with the simplest of models: it has none. It says that it lives, as workers do."""
    with (
        connected(config, zmq.DEALER, "balancer-workers") as frames,
        connected(config, zmq.PUSH, "keeper") as opinions,
    ):
        opinions.sndtimeo = int(1e3 * PATIENCE_S / 2)
        frames.send_multipart(pack(Free(worker="w", slots=32, fresh=True)))
        while not stop.is_set():
            frames.send_multipart(pack(Free(worker="w", slots=0)))
            if frames.poll(50):
                work, (data,) = unpack(msgspec.msgpack.Decoder(Work), frames.recv_multipart())
                opinion = Opinion(frame=work.frame, worker="w", backbone="none")
                opinions.send_multipart(pack(opinion, data, b"thumbnail", b""))
                frames.send_multipart(pack(Free(worker="w", slots=1)))


class Site:
    """All roles but predict, and what the gateway would hear."""

    def __init__(self, config):
        self.config = config
        self.news = bound(config, zmq.SUB, "bus")
        self.news.subscribe(b"")
        self.verdicts = []
        self.fed = []
        self.stop = threading.Event()
        roles = [(keeper.run, ()), (balancer.run, ()), (judge, ()), (feeder.run, ("feeder",))]
        self.pool = ThreadPoolExecutor(len(roles))
        self.roles = [self.pool.submit(role, config, *names, self.stop) for role, names in roles]

    def feed(self, number, kinds=5):
        folder = self.config.inboxes[0].path / "P" / "Run000001"
        folder.mkdir(parents=True, exist_ok=True)
        for chunk in range(len(self.fed) + 1, len(self.fed) + 1 + number):
            self.fed.append((f"plot{chunk % kinds}", chunk))
            part = folder / f".{chunk}"
            part.write_bytes(files.PNG_START + str(chunk).encode() + files.PNG_END)
            part.rename(folder / f"plot{chunk % kinds}_{chunk:04d}.png")

    def hear(self, number):
        deadline = time.monotonic() + PATIENCE_S
        while len(self.verdicts) < number:
            assert time.monotonic() < deadline, f"only {len(self.verdicts)} of {number} verdicts"
            if self.news.poll(100):
                message, _ = unpack(msgspec.msgpack.Decoder(Bus), self.news.recv_multipart())
                self.verdicts += [message.verdict] if isinstance(message, Published) else []

    def close(self):
        self.stop.set()
        self.news.close()
        self.pool.shutdown()
        for role in self.roles:
            role.result()  # raises what ended it


@pytest.fixture
def site(fragile_mariadb, tmp_path):
    name = f"outage_{secrets.token_hex(4)}"
    fragile_mariadb.create(name)
    config = Config(
        data_dir=tmp_path / "data",
        database_url=fragile_mariadb.url(name),
        inboxes=(Inbox(path=tmp_path / "inbox"),),
        port=free_ports(3),
    )
    database.migrate(config.database)
    site = Site(config)
    with contextlib.closing(site):
        yield site


def stored(config):
    engine = database.connect(config.database)
    try:
        with database.transaction(database.sessions(engine)) as session:
            return sorted((row.plot_type, row.chunk) for row in inferences.export(session))
    except database.DatabaseAway:
        return []
    finally:
        engine.dispose()


@contextlib.contextmanager
def stopped(server):
    server.stop()
    yield
    server.start()


@contextlib.contextmanager
def frozen(server):
    """A host without power: connections stay open, and nothing answers."""
    os.kill(server._process.pid, signal.SIGSTOP)
    yield
    os.kill(server._process.pid, signal.SIGCONT)


@pytest.mark.mariadb
@pytest.mark.parametrize("outage", [stopped, frozen], ids=["stopped", "frozen"])
def test_that_an_outage_of_the_database_costs_no_verdict(site, fragile_mariadb, outage, caplog):
    site.feed(100)
    site.hear(50)
    with outage(fragile_mariadb):
        site.feed(100, kinds=6)  # one plot type is new, which nobody can enter into the catalogue
        site.hear(200)
        assert site.verdicts[-1].inference_id is None
        site.feed(50)
        site.hear(250)
        assert waits(caplog) == 1
    site.feed(50)
    site.hear(300)
    deadline = time.monotonic() + PATIENCE_S
    while len(stored(site.config)) < 300 and time.monotonic() < deadline:
        threading.Event().wait(0.2)
    assert stored(site.config) == sorted(site.fed)
    assert sorted((each.plot_type, each.chunk) for each in site.verdicts) == sorted(site.fed)
    assert not list(site.config.inboxes[0].path.rglob("*.png"))


def waits(caplog):
    """How often verdicts waited for a database that did not answer."""
    return sum(record.name == "inference_server.keeper.keeper" for record in caplog.records)
