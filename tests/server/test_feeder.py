"""Feeder and balancer, as they run, over their real sockets; the test plays workers and keeper."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys
import threading
import time

import msgspec
import pytest
import zmq

from inference_server import balancer
from inference_server.config import Config, Inbox, dump
from inference_server.feeder import files, service
from inference_server.messages import Bus, Free, Opinion, Pulse, SetAside, Settled, Work
from inference_server.protocol.keys import make_client, revoke_client
from inference_server.protocol.wire import pack, unpack
from inference_server.sockets import bound, connected
from tests.ports import free_ports

PATIENCE_MS = 60_000


def png(content: str) -> bytes:
    return files.PNG_START + content.encode() + files.PNG_END


def until(condition):
    deadline = time.monotonic() + PATIENCE_MS / 1e3
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


class Role:
    """A role on a thread, which can be ended."""

    def __init__(self, target, *args):
        self.stop = threading.Event()
        self.thread = threading.Thread(target=target, args=(*args, self.stop))
        self.thread.start()

    def end(self):
        self.stop.set()
        self.thread.join(PATIENCE_MS / 1e3)
        assert not self.thread.is_alive()


class Worker:
    """A predict worker and a keeper in one: it settles by hand."""

    def __init__(self, config, slots=1000, name="w0"):
        self.link = connected(config, zmq.DEALER, "balancer-workers", hwm=1000)
        self.keeper = connected(config, zmq.PUSH, "settled", hwm=1000)
        self.name = name
        self.free(slots, fresh=True)

    def free(self, slots, *, fresh=False):
        self.link.send_multipart(pack(Free(worker=self.name, slots=slots, fresh=fresh)))

    def work(self, number):
        got = []
        while len(got) < number:
            assert self.link.poll(PATIENCE_MS), f"only {len(got)} of {number}"
            work, (data,) = unpack(msgspec.msgpack.Decoder(Work), self.link.recv_multipart())
            got.append((work.frame, data))
        return got

    def settle(self, frame, outcome="stored"):
        self.keeper.send_multipart(pack(Settled(frame_id=frame.id, outcome=outcome)))

    def close(self):
        self.link.close()
        self.keeper.close()


@pytest.fixture
def config(tmp_path):
    return Config(
        data_dir=tmp_path / "data",
        inboxes=(Inbox(path=tmp_path / "inbox", rescan_s=0.2),),
        max_picture_mb=0.01,
        port=free_ports(3),
    )


@pytest.fixture
def start():
    with contextlib.ExitStack() as stack:

        def role(target, *args):
            role = Role(target, *args)
            stack.callback(role.end)
            return role

        yield role


@pytest.fixture
def worker(config):
    worker = Worker(config)
    yield worker
    worker.close()


def put(config, name, data):
    path = config.inboxes[0].path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name("." + path.name)
    part.write_bytes(data)
    part.rename(path)
    return path


def test_that_a_file_leaves_the_inbox_when_it_is_settled_and_not_before(config, start, worker):
    start(balancer.run, config)
    start(service.run, config, "feeder")
    path = put(config, "P/Run000042/CDC-1_0003.png", png("x"))
    ((frame, data),) = worker.work(1)
    assert (frame.plot_type, frame.run_period, frame.run, frame.chunk) == ("CDC", "P", 42, 3)
    assert data == png("x")
    assert frame.picture_hash == hashlib.sha256(data).hexdigest()
    assert path.exists()
    worker.settle(frame)
    until(lambda: not path.exists())
    assert path.parent.exists()


def test_that_a_file_replaced_meanwhile_is_submitted_too_before_it_goes(config, start, worker):
    start(balancer.run, config)
    start(service.run, config, "feeder")
    path = put(config, "Run1/x_1.png", png("first"))
    ((first, _),) = worker.work(1)
    put(config, "Run1/x_1.png", png("second"))
    worker.settle(first)
    ((second, data),) = worker.work(1)
    assert data == png("second")
    assert path.exists()
    worker.settle(second)
    until(lambda: not path.exists())


def test_that_frames_on_their_way_are_bounded_and_all_arrive(config, start, worker):
    start(balancer.run, config)
    start(service.run, config, "feeder")
    for number in range(200):
        put(config, f"Run1/x_{number}.png", png(str(number)))
    seen = []
    batch = worker.work(64)
    assert not worker.link.poll(200)
    while batch:
        seen += [frame.chunk for frame, _ in batch]
        for frame, _ in batch:
            worker.settle(frame)
        batch = worker.work(min(10, 200 - len(seen)))
    assert sorted(seen) == list(range(200))
    until(lambda: not list(config.inboxes[0].path.rglob("*.png")))


BALANCER = """
import sys, threading
from pathlib import Path
from inference_server import balancer, config
balancer.run(config.restore(Path(sys.argv[1])), threading.Event())
"""


@contextlib.contextmanager
def balancer_process(config):
    """A balancer that can be killed, as the supervisor's are."""
    settings = config.data_dir / "settings.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_bytes(dump(config))
    with subprocess.Popen([sys.executable, "-c", BALANCER, str(settings)]) as process:
        yield
        process.kill()


def test_that_a_new_balancer_hears_again_of_what_is_on_its_way(config, start, worker):
    with balancer_process(config):
        start(service.run, config, "feeder")
        path = put(config, "Run1/x_1.png", png("x"))
        worker.work(1)
    with balancer_process(config):
        until(lambda: worker.free(10, fresh=True) or worker.link.poll(200))
        ((frame, _),) = worker.work(1)
        worker.settle(frame, "duplicate")
        until(lambda: not path.exists())


def test_that_what_a_dead_keeper_had_is_given_out_again_at_once(config, start, worker):
    keeper = bound(config, zmq.PULL, "keeper")
    start(balancer.run, config)
    start(service.run, config, "feeder")
    path = put(config, "Run1/x_1.png", png("x"))
    ((first, _),) = worker.work(1)
    keeper.close()
    keeper = _bound_again(config)
    ((again, _),) = worker.work(1)
    assert again == first
    worker.settle(again)
    until(lambda: not path.exists())
    keeper.close()


def _bound_again(config):
    """An address is free some time after its socket was closed."""
    while True:
        with contextlib.suppress(zmq.ZMQError):
            return bound(config, zmq.PULL, "keeper")
        threading.Event().wait(0.01)


def test_that_the_frames_of_a_dead_worker_go_to_the_next(config, start, worker):
    start(balancer.run, config)
    start(service.run, config, "feeder")
    put(config, "Run1/x_1.png", png("x"))
    worker.work(1)
    worker.link.close()
    successor = Worker(config)
    ((frame, _),) = successor.work(1)
    assert frame.chunk == 1
    successor.settle(frame)
    successor.close()
    until(lambda: not list(config.inboxes[0].path.rglob("*.png")))


def test_that_a_picture_that_kills_its_workers_goes_to_the_keeper_to_be_set_aside(
    config, start, worker
):
    with bound(config, zmq.PULL, "keeper") as keeper:
        start(balancer.run, config)
        start(service.run, config, "feeder")
        put(config, "Run1/x_1.png", png("x"))
        for _ in range(4):
            worker.work(1)
            worker.close()
            worker.__init__(config)
        assert keeper.poll(PATIENCE_MS)
        opinion, blobs = unpack(msgspec.msgpack.Decoder(Opinion), keeper.recv_multipart())
        assert "ended 4 workers" in opinion.error
        assert blobs[0] == png("x")


def test_that_what_cannot_be_judged_is_set_aside_and_told_and_nothing_stops(config, start, worker):
    with bound(config, zmq.SUB, "bus") as news:
        news.subscribe(b"")
        start(balancer.run, config)
        start(service.run, config, "feeder")
        put(config, "Run1/large_1.png", png("x" * 20_000))
        put(config, "nowhere.png", png("x"))
        put(config, "Run1/x_1.gif", b"GIF89a")
        put(config, "Run1/text_1.png", b"some text, no picture")
        told = []
        while len(told) < 4:
            assert news.poll(PATIENCE_MS)
            message, _ = unpack(msgspec.msgpack.Decoder(Bus), news.recv_multipart())
            told += [message.item] if isinstance(message, SetAside) else []
    assert all("." in item.reason for item in told)
    kept = {
        path.relative_to(config.quarantine_dir).as_posix()
        for path in config.quarantine_dir.rglob("*.*")
    }
    wanted = {"Run1/large_1.png", "nowhere.png", "Run1/x_1.gif", "Run1/text_1.png"}
    assert kept == wanted | {f"{name}.reason.txt" for name in wanted}
    put(config, "Run1/x_1.png", png("x"))
    assert worker.work(1)


def test_that_an_inbox_of_somebody_else_is_left_as_it_is(config, start, worker):
    (inbox,) = config.inboxes
    config = msgspec.structs.replace(
        config, inboxes=(msgspec.structs.replace(inbox, remove=False),)
    )
    start(balancer.run, config)
    first = start(service.run, config, "feeder")
    paths = [put(config, "Run1/x_1.png", png("x")), put(config, "nowhere.png", png("x"))]
    ((frame, _),) = worker.work(1)
    worker.settle(frame)
    until(lambda: list(config.quarantine_dir.rglob("*.reason.txt")))
    put(config, "Run1/x_2.png", png("y"))
    ((frame, _),) = worker.work(1)
    worker.settle(frame)
    memory = config.data_dir / "feeder"
    until(lambda: sum(path.stat().st_size for path in memory.iterdir()) == 3 * 8)
    first.end()
    start(service.run, config, "feeder")
    put(config, "Run1/x_3.png", png("z"))
    ((frame, _),) = worker.work(1)
    assert frame.chunk == 3
    assert all(path.exists() for path in paths)


@pytest.fixture
def elsewhere(config, tmp_path):
    """The settings of a feeder on another host, and a key for it."""
    key = tmp_path / "feeder.key"
    make_client(config.keys_dir, "hall-feeder", key, "")
    far = Config(data_dir=tmp_path / "far", inboxes=(Inbox(path=tmp_path / "far-inbox"),))
    return far, f"tcp://127.0.0.1:{config.port + 2}", key


def test_that_a_feeder_on_another_host_pushes_with_its_key(config, start, worker, elsewhere):
    far, address, key = elsewhere
    with bound(config, zmq.SUB, "bus") as bus:
        bus.subscribe(b"")
        start(balancer.run, config)
        start(service.run_remote, far, address, key, "hall")
        path = put(far, "P/Run000042/CDC_0003.png", png("far"))
        ((frame, data),) = worker.work(1)
        assert (frame.plot_type, frame.run, frame.chunk, data) == ("CDC", 42, 3, png("far"))
        assert path.exists()
        worker.settle(frame)
        until(lambda: not path.exists())
        said = ""
        while said != "hall":
            assert bus.poll(PATIENCE_MS)
            message, _ = unpack(msgspec.msgpack.Decoder(Bus), bus.recv_multipart())
            said = message.component.name if isinstance(message, Pulse) else ""


def test_that_a_feeder_with_an_unknown_key_is_refused_and_keeps_its_files(
    config, start, worker, elsewhere, caplog
):
    far, address, key = elsewhere
    revoke_client(config.keys_dir, "hall-feeder")
    start(balancer.run, config)
    start(service.run_remote, far, address, key, "hall")
    path = put(far, "P/Run000042/CDC_0003.png", png("far"))
    until(lambda: "refuses this feeder's key" in caplog.text)
    assert path.exists()
    assert not worker.link.poll(0)
