"""The trainer role: takes the trainings that were asked for, one at a time, and stays out of the way."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

import zmq
from sqlalchemy.orm import Session, sessionmaker

from db import models, session, trainings
from db.session import DatabaseAway, transaction
from db.values import TrainingJob
from inference_server import bus
from inference_server.config import Config
from inference_server.messages import CatalogueTouched, TrainingMoved, TrainJob
from inference_server.protocol.messages import TrainingState
from inference_server.protocol.wire import WireError
from inference_server.training import jobs
from inference_server.turn import turn

log = logging.getLogger(__name__)

NICE = 10  # judging comes first
POLL_MS = 200
PULSE_S = 1.0
LOOK_S = 15.0  # the queue is looked at so often even if no word of a job was heard
MOVE_S = 0.5  # how often a running training writes how far it is


def run(config: Config, threads: int, stop: threading.Event) -> None:
    """Take trainings until ``stop``; one that runs then is begun again at the next start."""
    os.nice(NICE)
    engine = session.connect(config.database)
    trainer = _Trainer(config, session.sessions(engine), threads)
    try:
        trainer.serve(stop)
    finally:
        engine.dispose()


class _Trainer:
    """The control socket and the clock on one thread, the training on another."""

    def __init__(self, config: Config, sessions: sessionmaker[Session], threads: int) -> None:
        self._config = config
        self._sessions = sessions
        self._threads = threads
        self._work = threading.Event()  # there may be a job
        self._now = ""  # what is being done, for people
        self._trouble = ""
        self._done = 0

    def serve(self, stop: threading.Event) -> None:
        worker = threading.Thread(
            target=self._train_all, args=(stop,), name="training", daemon=True
        )
        control = bus.control_socket(self._config)
        self._work.set()  # what waits from before
        worker.start()
        try:
            with bus.Bus(self._config, "trainer", "trainer") as voice:
                self._listen(control, voice, worker, stop)
        finally:
            control.close()
        # A fit cannot be interrupted; it is short, and what it has not stored yet begins again.
        self._work.set()
        worker.join(timeout=2.0)

    def _listen(
        self,
        control: zmq.Socket[bytes],
        voice: bus.Bus,
        worker: threading.Thread,
        stop: threading.Event,
    ) -> None:
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
                raise RuntimeError("the training thread has ended; see the log above")

    def _hear(self, frames: list[bytes]) -> None:
        try:
            if isinstance(bus.control(frames), TrainJob):
                self._work.set()
        except WireError as error:
            log.error("not a control message: %s", error)

    def _pulse(self, voice: bus.Bus) -> None:
        if self._trouble:
            voice.pulse("degraded", self._trouble, next_step="Check the database.", done=self._done)
        else:
            voice.pulse("running", self._now or "Waits for trainings.", done=self._done)

    def _train_all(self, stop: threading.Event) -> None:
        """The training thread: whatever waits in the database, oldest first."""
        self._resume(stop)
        with bus.Bus(self._config, "trainer", "trainer") as voice:
            while not stop.is_set():
                self._work.wait()
                self._work.clear()
                while not stop.is_set() and (job := self._next()) is not None:
                    self._train(job, voice)

    def _resume(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                with transaction(self._sessions) as opened:
                    trainings.put_back(opened)
                self._trouble = ""
            except DatabaseAway as error:
                self._trouble = str(error)
                stop.wait(2.0)
            else:
                return

    def _next(self) -> TrainingJob | None:
        try:
            with transaction(self._sessions) as opened:
                job = trainings.take(opened)
        except DatabaseAway as error:
            self._trouble = str(error)
            return None
        self._trouble = ""
        return job

    def _train(self, job: TrainingJob, voice: bus.Bus) -> None:
        say = _Teller(self._sessions, job, voice)
        self._now = f"Trains {job.plot_type}."
        try:
            with turn(self._config):  # explain computes on the same core where there are few
                model_id = self._one(job, say)
        except (jobs.NotTrainable, DatabaseAway, OSError) as error:
            say.ended("failed", str(error))
        except Exception as error:  # the thread's edge: one bad training must not end the role
            log.exception("training %d of %s failed", job.id, job.plot_type)
            say.ended("failed", f"The training broke off: {type(error).__name__}: {error}")
        else:
            say.ended("done", say.sentence, model_id, _figures(self._sessions, job, model_id))
            voice.say(CatalogueTouched())
        self._done += 1
        self._now = ""

    def _one(self, job: TrainingJob, progress: Callable[[str, float], None]) -> int:
        wanted = job.settings
        return jobs.train(
            self._config,
            self._sessions,
            job.plot_type_id,
            who=job.who,
            runs=str(wanted.get("runs", "")),
            run_periods=str(wanted.get("run_periods", "")),
            seed=int(wanted.get("seed", 1)),
            activate=bool(wanted.get("activate", False)),
            threads=max(1, self._threads),
            progress=progress,
        )


class _Teller:
    """Says how a training stands, to the database and to everybody who listens."""

    def __init__(self, sessions: sessionmaker[Session], job: TrainingJob, voice: bus.Bus) -> None:
        self._sessions = sessions
        self._job = job
        self._voice = voice
        self._next = 0.0
        self.sentence = ""

    def __call__(self, sentence: str, fraction: float) -> None:
        self.sentence = sentence
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + MOVE_S
            self._move("running", fraction, None, {})

    def ended(
        self,
        state: str,
        sentence: str,
        model_id: int | None = None,
        figures: dict[str, float] | None = None,
    ) -> None:
        self.sentence = sentence
        self._move(state, 1.0, model_id, figures or {})

    def _move(
        self, state: str, fraction: float, model_id: int | None, figures: dict[str, float]
    ) -> None:
        try:
            with transaction(self._sessions) as opened:
                trainings.move(
                    opened,
                    self._job.id,
                    state=state,
                    sentence=self.sentence,
                    fraction=fraction,
                    model_id=model_id,
                )
        except DatabaseAway as error:
            log.warning("training %d: %s", self._job.id, error)
        told = TrainingState(
            job_id=self._job.id,
            plot_type=self._job.plot_type,
            state=state,
            sentence=self.sentence,
            fraction=fraction,
            model_id=model_id,
            metrics=figures,
        )
        self._voice.say(TrainingMoved(training=told))


def _figures(sessions: sessionmaker[Session], job: TrainingJob, model_id: int) -> dict[str, float]:
    """The numbers among the metrics of a fresh model."""
    try:
        with transaction(sessions) as opened:
            known = {model.id: model for model in models.history(opened, job.plot_type_id)}
    except DatabaseAway:
        return {}
    found = known[model_id].metrics if model_id in known else {}
    return {name: float(value) for name, value in found.items() if isinstance(value, int | float)}
