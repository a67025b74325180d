"""The predict role: asks the balancer for frames, gives the keeper opinions."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import cv2
import msgspec
import zmq

from db import session
from db.session import DatabaseAway
from inference_server import bus, catalogue
from inference_server.bus import seconds_since
from inference_server.config import Config
from inference_server.messages import CatalogueRevision, Counts, Free, Measured, Work
from inference_server.predict.backbone import load_backbone
from inference_server.predict.device import Device
from inference_server.predict.library import Library
from inference_server.predict.patches import Patches
from inference_server.predict.pixels import Limits
from inference_server.predict.worker import Worker
from inference_server.protocol.wire import WireError, pack, unpack
from inference_server.sockets import connected, linked, unwatch, watched
from inference_server.store import PictureStore

log = logging.getLogger(__name__)

POLL_MS = 200
PULSE_S = 1.0
ANSWER_S = 10.0  # a database that is silent for longer is away: the catalogue's mirror will do
# Batches in hand: one in the network, one decoded, one on its way from the balancer.
AHEAD = 3
_WORK: msgspec.msgpack.Decoder[Work] = msgspec.msgpack.Decoder(Work)


def run(config: Config, name: str, threads: int, stop: threading.Event) -> None:
    """Judge frames until ``stop``.

    Raises NetworkError and BackboneError: the configured backbone cannot be used here.
    """
    cv2.setNumThreads(1)  # the pool is the parallelism; OpenCV's own on top would fight it
    with bus.Bus(config, "predict", name) as voice:
        voice.pulse("starting", "Loads the shared network and the models.")
        backbone = load_backbone(config.backbone, config.backbones_dir, threads)
        backbone.warm_up(config.backbone.batch)
        models = Library(config.models_dir, backbone, threads)
        patches = Patches(PictureStore(config.pictures_dir), Limits.of(config))
        reloader = _Reloader(config, models, patches)
        reloader.reload()
        pool = ThreadPoolExecutor(max(1, threads), thread_name_prefix="decode")
        worker = Worker(
            name,
            backbone,
            models,
            pool,
            patches,
            limits=Limits.of(config),
            batch=config.backbone.batch,
            deadline_s=config.backbone.deadline_ms / 1e3,
        )
        service = _Service(config, name, worker, reloader, voice, Device.of(backbone.device))
        try:
            service.serve(stop)
        finally:
            worker.after.close()
            pool.shutdown(cancel_futures=True)  # first: its threads write to what close() closes
            service.close()
            reloader.close()


class _Reloader:
    """Follows the catalogue on a thread of its own: a database that is away must not stop judging."""

    def __init__(self, config: Config, models: Library, patches: Patches) -> None:
        self._config = config
        self._models, self._patches = models, patches
        self._engine = session.connect(config.database, answer_s=ANSWER_S)
        self._sessions = session.sessions(self._engine)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="models")
        self._revision: int | None = None
        self.trouble = ""

    @property
    def loads(self) -> Counts:
        """How long loading took."""
        return self._models.loads.counts()

    @property
    def failures(self) -> int:
        """How often a model that should be active was not."""
        return self._models.failures

    def heard(self, revision: int) -> None:
        """The gateway's catalogue is at ``revision``."""
        if revision != self._revision:
            self._revision = revision
            self._thread.submit(self._safely)

    def reload(self) -> None:
        """Follow the catalogue now."""
        try:
            current = catalogue.load(self._config, self._sessions)
        except DatabaseAway as error:
            self.trouble = f"No models: {error}"
            self._revision = None  # ask again at the next word of the gateway
            return
        self._patches.follow(current)
        self._models.follow(current)
        self.trouble = self._models.troubles[0] if self._models.troubles else ""

    def _safely(self) -> None:
        try:
            self.reload()
        except Exception as error:  # the thread's edge: a future nobody reads would hide it
            log.exception("the models could not be reloaded")
            self.trouble = f"The models could not be reloaded: {error}"

    def close(self) -> None:
        self._thread.shutdown()
        self._engine.dispose()


class _Service:
    """The sockets and the clock around a worker."""

    def __init__(
        self,
        config: Config,
        name: str,
        worker: Worker,
        reloader: _Reloader,
        voice: bus.Bus,
        device: Device,
    ) -> None:
        self._name = name
        self._device = device
        self._worker = worker
        self._reloader = reloader
        self._voice = voice
        self._capacity = AHEAD * config.backbone.batch
        self._frames, self._links = watched(config, zmq.DEALER, "balancer-workers")
        self._opinions = connected(config, zmq.PUSH, "keeper", linger_ms=1000)
        self._control = bus.control_socket(config)
        self._wake = os.eventfd(0, os.EFD_NONBLOCK)
        self._outbox: deque[list[bytes]] = deque()
        self._era = 0  # of the link to the balancer: what it gave before counts no more
        self._credit = 0  # slots to announce
        self._fresh = True
        self._done = 0
        self._pulse_at = 0.0

    def serve(self, stop: threading.Event) -> None:
        poller = zmq.Poller()
        for source in (self._frames, self._links, self._control, self._wake):
            poller.register(source, zmq.POLLIN)
        while not stop.is_set():
            poller.register(self._opinions, zmq.POLLOUT if self._outbox else 0)
            ready = dict(poller.poll(self._patience_ms()))
            if self._wake in ready:
                os.eventfd_read(self._wake)
            if self._links in ready and linked(self._links):
                self._linked()
            if self._control in ready:
                self._hear()
            self._receive()
            self._send()
            if self._worker.due_in(time.monotonic()) == 0.0 and not self._outbox:
                self._judge()
            self._think()
            self._tick()

    def close(self) -> None:
        unwatch(self._frames, self._links)
        for socket in (self._opinions, self._control):
            socket.close()
        os.close(self._wake)

    def _patience_ms(self) -> int:
        due = None if self._outbox else self._worker.due_in(time.monotonic())
        return POLL_MS if due is None else min(POLL_MS, int(due * 1e3 + 0.999))

    def _linked(self) -> None:
        """A balancer is there, the first or a new one: it knows nothing of our slots."""
        self._era += 1
        self._fresh = True
        self._announce()

    def _announce(self) -> None:
        """Say how many frames we can take; what is in hand comes on top, it is nearly done."""
        if not self._era:
            return  # nobody has ever been there to hear it
        slots = self._capacity if self._fresh else self._credit
        free = Free(worker=self._name, slots=slots, fresh=self._fresh)
        try:
            self._frames.send_multipart(pack(free), zmq.NOBLOCK)
        except zmq.Again:
            return  # no balancer for long: it hears a fresh one when it is back
        self._fresh, self._credit = False, 0

    def _receive(self) -> None:
        while self._frames.poll(0):
            try:
                work, (data,) = unpack(_WORK, self._frames.recv_multipart())
            except (WireError, ValueError) as error:
                log.error("not a frame: %s", error)
                continue
            self._worker.take(work.frame, data, self._nudge, self._era)

    def _nudge(self) -> None:
        os.eventfd_write(self._wake, 1)

    def _judge(self) -> None:
        reasoned = self._worker.judge()
        for each in reasoned:
            self._outbox.append(pack(each.opinion, *each.blobs))
            self._credit += each.era == self._era
        self._done += len(reasoned)
        self._send()
        if self._credit and not self._outbox:
            self._announce()

    def _think(self) -> None:
        """Candidates have their say while no verdict waits."""
        if (said := self._worker.after.take()) is not None:
            self._outbox.append(pack(said))
            self._send()
        if not len(self._worker) and not self._outbox:
            self._worker.after.begin(self._nudge)

    def _send(self) -> None:
        """Opinions to the keeper; while it takes none they stay, and no more slots are free."""
        while self._outbox:
            try:
                self._opinions.send_multipart(self._outbox[0], zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return
            self._outbox.popleft()

    def _hear(self) -> None:
        while self._control.poll(0):
            try:
                message = bus.control(self._control.recv_multipart())
            except WireError as error:
                log.error("not a control message: %s", error)
                continue
            if isinstance(message, CatalogueRevision):
                self._reloader.heard(message.revision)

    def _tick(self) -> None:
        now = time.monotonic()
        if now < self._pulse_at:
            return
        self._pulse_at = now + PULSE_S
        self._announce()  # also a sign of life; without news it says zero slots
        trouble = self._reloader.trouble
        if trouble:
            state, sentence = "degraded", trouble
        elif self._outbox:
            state, sentence = "degraded", "The keeper takes no opinions; they wait here."
        else:
            state, sentence = "running", "Judges pictures."
        oldest = self._worker.oldest
        self._voice.pulse(
            state,
            sentence,
            next_step="Activate another model of that plot type, or train one." if trouble else "",
            queue=len(self._worker),
            done=self._done,
            ms_per_item=round(self._worker.ms_per_picture, 2),
            oldest_s=seconds_since(oldest.closed_at) if oldest else 0.0,
            times=(self._worker.decoding.times(), self._worker.judging.times()),
            device=self._device.name,
            measured=self._measured(),
        )

    def _measured(self) -> Measured:
        memory = self._device.memory()
        return Measured(
            batches=self._worker.batches.counts(),
            loads=self._reloader.loads,
            load_failures=self._reloader.failures,
            gpu_used_bytes=memory.used if memory else None,
            gpu_total_bytes=memory.total if memory else 0,
        )
