"""The explain role: a heat map for every Bad by itself, and for whatever else a person asks.

It never stands in the way of a verdict: a process of its own, one thread, the lowest priority of all
roles. What a Bad still lacks is read from the database, so nothing is forgotten over a restart.
"""

from __future__ import annotations

import hashlib
import logging
import os
import queue
import threading
import time
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session, sessionmaker

from db import heatmaps
from db import session as database
from db.session import DatabaseAway, transaction
from db.values import HeatmapSubject
from inference_server import bus
from inference_server.bus import Bus
from inference_server.config import Config
from inference_server.messages import ExplainJob, HeatmapMade, RerunJob
from inference_server.protocol.explain import HeatmapReady
from inference_server.protocol.wire import WireError
from inference_server.spread import Spread
from inference_server.store import PictureStore
from inference_server.turn import turn

if TYPE_CHECKING:
    from inference_server.explain.gradcam import Explainer
    from inference_server.explain.rejudge import Rejudge

log = logging.getLogger(__name__)

NICE = 15  # behind the trainer, which is behind judging
POLL_MS = 200
PULSE_S = 1.0
LOOK_S = 10.0  # how often the database is looked at when nobody says a word
BACK = timedelta(hours=1)  # Bad pictures older than this get a heat map only when asked for
PORTION = 20
RERUN_PORTION = 8  # pictures judged anew before somebody else may have a turn


def run(config: Config, threads: int, stop: threading.Event) -> None:
    """Make heat maps until ``stop``. ``threads`` 0: takes turns with the trainer."""
    step_back()
    engine = database.connect(config.database)
    role = _Role(config, database.sessions(engine), threads)
    try:
        role.serve(stop)
    finally:
        role.close()
        engine.dispose()


def step_back() -> None:
    """Let everybody else compute first."""
    os.nice(NICE)


class _Role:
    """The control socket and the clock on one thread, the computing on another."""

    def __init__(self, config: Config, sessions: sessionmaker[Session], threads: int) -> None:
        self._config, self._sessions, self._threads = config, sessions, threads
        self._pictures = PictureStore(config.pictures_dir)
        self._maps = PictureStore(config.heatmaps_dir, durable=False)
        self._asked: queue.SimpleQueue[ExplainJob] = queue.SimpleQueue()
        self._reruns: dict[int, dict[int, None]] = {}  # model id to picture ids, in order
        self._rerun_lock = threading.Lock()
        self._rejudge: Rejudge | None = None
        self._work = threading.Event()
        self._explainer: Explainer | None = None
        self._hopeless: set[tuple[int, int, str]] = set()  # not tried again by itself
        self._trouble, self._now, self._done, self._ms = "", "", 0, 0.0
        self._taken = Spread("gradcam")

    def serve(self, stop: threading.Event) -> None:
        worker = threading.Thread(target=self._explain_all, args=(stop,), name="explain")
        control = bus.control_socket(self._config)
        self._work.set()  # what waits from before
        worker.start()
        try:
            with Bus(self._config, "explain", "explain") as voice:
                pulse_at = look_at = 0.0
                while not stop.is_set():
                    if control.poll(POLL_MS):
                        self._hear(control.recv_multipart())
                    now = time.monotonic()
                    if now >= pulse_at:
                        pulse_at = now + PULSE_S
                        self._pulse(voice)
                    if now >= look_at:
                        look_at = now + LOOK_S
                        self._work.set()
                    if not worker.is_alive() and not stop.is_set():
                        raise RuntimeError("the computing thread has ended; see the log above")
        finally:
            control.close()
            self._work.set()
            worker.join()

    def close(self) -> None:
        self._pictures.close()
        self._maps.close()

    def _hear(self, frames: list[bytes]) -> None:
        try:
            message = bus.control(frames)
        except WireError as error:
            log.error("not a control message: %s", error)
            return
        if isinstance(message, RerunJob):
            with self._rerun_lock:
                waiting = self._reruns.setdefault(message.model_id, {})
                waiting.update(dict.fromkeys(message.picture_ids))
            self._work.set()
        if isinstance(message, ExplainJob):
            if message.picture_hash:
                self._asked.put(message)
            self._work.set()

    def _pulse(self, voice: Bus) -> None:
        state = "degraded" if self._trouble else "running"
        sentence = self._trouble or self._now or "Waits for pictures to explain."
        voice.pulse(
            state,
            sentence,
            next_step="Check the database." if self._trouble else "",
            queue=self._asked.qsize(),
            done=self._done,
            ms_per_item=round(self._ms, 1),
            times=(self._taken.times(),),
        )

    # ------------------------------------------------------------ the computing thread

    def _explain_all(self, stop: threading.Event) -> None:
        with Bus(self._config, "explain", "explain") as voice:
            while not stop.is_set():
                self._work.wait()
                self._work.clear()
                while not stop.is_set():
                    # A heat map for a Bad or a person goes before a replay.
                    if (subject := self._next(voice)) is not None:
                        self._explain(subject, voice)
                    elif not self._judge_anew():
                        break

    def _judge_anew(self) -> bool:
        """A few pictures for a replay; False: nobody waits."""
        with self._rerun_lock:
            if not self._reruns:
                return False
            model_id, waiting = next(iter(self._reruns.items()))
            portion = list(waiting)[:RERUN_PORTION]
            left = {picture: None for picture in waiting if picture not in portion}
            if left:
                self._reruns[model_id] = left
            else:
                del self._reruns[model_id]
        self._now = (
            f"Model {model_id} judges {len(portion) + len(left)} pictures anew for a replay."
        )
        try:
            with nullcontext() if self._threads else turn(self._config):
                self._rejudger().judge(model_id, portion)
        except DatabaseAway as error:
            self._trouble = str(error)
            return False
        except Exception:  # the thread's edge: one odd network must not end the role
            log.exception("no replay with model %s", model_id)
        self._now = ""
        return True

    def _rejudger(self) -> Rejudge:
        from inference_server.explain.rejudge import Rejudge

        if self._rejudge is None:
            self._rejudge = Rejudge(self._config, self._sessions, self._pictures, self._threads)
        return self._rejudge

    def _next(self, voice: Bus) -> HeatmapSubject | None:
        """What a person waits for comes first; then the newest Bad without a heat map."""
        try:
            while not self._asked.empty():
                if (asked := self._wanted(self._asked.get(), voice)) is not None:
                    return asked
            since = datetime.now(UTC) - BACK
            with transaction(self._sessions) as session:
                found = heatmaps.waiting(session, since, PORTION + len(self._hopeless))
        except DatabaseAway as error:
            self._trouble = str(error)
            return None
        self._trouble = ""
        return next((each for each in found if _key(each) not in self._hopeless), None)

    def _wanted(self, job: ExplainJob, voice: Bus) -> HeatmapSubject | None:
        with transaction(self._sessions) as session:
            try:
                found = heatmaps.subject(
                    session, job.picture_hash, job.class_name, job.plot_type_id
                )
            except (KeyError, ValueError) as error:
                log.warning("no heat map: %s", error)
                return None
            file_hash = heatmaps.file_of(session, found)
        if file_hash is not None and self._maps.read(file_hash, "png") is not None:
            _tell(voice, found)  # somebody asked twice
            return None
        return found

    def _explain(self, subject: HeatmapSubject, voice: Bus) -> None:
        self._now = f"Looks where model {subject.model_id} looked for {subject.class_name}."
        began = time.perf_counter()
        trouble = ""
        try:
            self._make(subject)
        except DatabaseAway as error:
            self._trouble = str(error)
            return
        except (ValueError, OSError) as error:  # no file, unreadable, a damaged model
            trouble = str(error)
        except Exception as error:  # the thread's edge: one odd network must not end the role
            log.exception("no heat map of %s", subject.picture_hash)
            trouble = f"The heat map could not be made: {type(error).__name__}."
        if trouble:
            self._hopeless.add(_key(subject))
        self._ms = 1e3 * (time.perf_counter() - began)
        if not trouble:
            self._taken.add(self._ms)
        self._done += not trouble
        self._now = ""
        _tell(voice, subject, trouble)

    def _make(self, subject: HeatmapSubject) -> None:
        from inference_server.explain import gradcam
        from inference_server.explain.seen import laid_over
        from inference_server.predict.pixels import Limits

        limits = Limits.of(self._config)
        data = self._pictures.read(subject.picture_hash, subject.extension)
        if data is None:
            raise gradcam.HeatmapError("This picture was not kept, so nobody can look again.")
        with nullcontext() if self._threads else turn(self._config):
            if self._explainer is None:
                self._explainer = gradcam.Explainer(
                    self._config.backbone,
                    self._config.models_dir,
                    limits,
                    self._threads,
                )
            laid = laid_over(self._sessions, self._pictures, limits, subject.masked)
            found = self._explainer.heatmap(data, subject.folder, subject.class_name, laid)
        blob = gradcam.png(found)
        file_hash = hashlib.sha256(blob).hexdigest()
        self._maps.put(file_hash, "png", blob)
        with transaction(self._sessions) as session:
            heatmaps.put(session, subject, file_hash, datetime.now(UTC))


def _key(subject: HeatmapSubject) -> tuple[int, int, str]:
    return subject.picture_id, subject.model_id, subject.class_name


def _tell(voice: Bus, subject: HeatmapSubject, trouble: str = "") -> None:
    ready = HeatmapReady(
        picture_hash=subject.picture_hash,
        class_name=subject.class_name,
        model_id=subject.model_id,
        trouble=trouble,
    )
    voice.say(HeatmapMade(ready=ready))
