"""The trainer role: takes the trainings that were asked for, one at a time, and stays out of the way."""

from __future__ import annotations

import logging
import os
import threading
import time
from contextlib import nullcontext
from dataclasses import replace

import zmq
from sqlalchemy.orm import Session, sessionmaker

from db import models, session, trainings
from db.session import DatabaseAway, transaction
from db.values import TrainingJob
from inference_server import bus
from inference_server.config import Config
from inference_server.messages import CatalogueTouched, TrainingMoved, TrainJob
from inference_server.predict.weights import BackboneError, NetworkError
from inference_server.protocol.curves import CurvePoint
from inference_server.protocol.messages import TrainingState
from inference_server.protocol.wire import WireError
from inference_server.training import jobs
from inference_server.training.dataset import NotTrainable
from inference_server.training.launch import TuneFailed
from inference_server.training.outcome import Order
from inference_server.training.plan import Point
from inference_server.training.progress import Asked, Stopped, Tell, Told, Wish
from inference_server.training.recipe import BadRecipe, from_settings
from inference_server.turn import turn

log = logging.getLogger(__name__)

NICE = 10  # judging comes first
POLL_MS = 200
PULSE_S = 1.0
LOOK_S = 15.0  # the queue is looked at so often even if no word of a job was heard
MOVE_S = 0.5  # how often a running training writes how far it is
WISH_S = 0.5  # how often it looks whether it shall end
STOP_S = 4.0  # patience with a training when the server goes down

# What can go wrong with a training and is said in one sentence.
EXPECTED = (NotTrainable, BadRecipe, TuneFailed, NetworkError, BackboneError, DatabaseAway, OSError)


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
        # The training hears of it by itself and goes on, or begins again, at the next start.
        self._work.set()
        worker.join(timeout=STOP_S)

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
                    self._train(job, voice, stop)

    def _resume(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                with transaction(self._sessions) as opened:
                    trainings.put_back(opened)
                    unfinished = trainings.unfinished(opened)
                jobs.tidy(self._config, unfinished)
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

    def _train(self, job: TrainingJob, voice: bus.Bus, stop: threading.Event) -> None:
        say = _Teller(self._sessions, job, voice)
        self._now = f"Trains {job.plot_type}."
        ended = True
        try:
            # Explaining computes on the same core where there are few; it cannot wait for hours.
            alone = nullcontext() if job.settings.get("depth") == "full" else turn(self._config)
            with alone:
                model_id = self._one(job, say, _Wishes(self._sessions, job.id, stop))
        except Stopped as end:
            ended = not end.paused
            say.ended("waiting" if end.paused else "stopped", str(end))
        except EXPECTED as error:
            say.ended("failed", str(error))
        except Exception as error:  # the thread's edge: one bad training must not end the role
            log.exception("training %d of %s failed", job.id, job.plot_type)
            say.ended("failed", f"The training broke off: {type(error).__name__}: {error}")
        else:
            say.ended("done", say.sentence, model_id, _figures(self._sessions, job, model_id))
            voice.say(CatalogueTouched())
        if ended:
            jobs.forget(self._config, job.id)
            self._done += 1
        self._now = ""

    def _one(self, job: TrainingJob, tell: Tell, asked: Asked) -> int:
        wanted = job.settings
        return jobs.train(
            self._config,
            self._sessions,
            job.plot_type_id,
            Order(job.who, str(wanted.get("why", "")), bool(wanted.get("activate", False))),
            from_settings(wanted),
            threads=max(1, self._threads),
            tell=tell,
            asked=asked,
            work=jobs.work_dir(self._config, job.id),
        )


class _Wishes:
    """What shall become of a running training; looked up a few times a second at most."""

    def __init__(self, sessions: sessionmaker[Session], job_id: int, stop: threading.Event) -> None:
        self._sessions, self._job_id, self._stop = sessions, job_id, stop
        self._next = 0.0
        self._wish: Wish = ""

    def __call__(self) -> Wish:
        if self._stop.is_set():
            return "pause"
        if time.monotonic() >= self._next and not self._wish:
            self._next = time.monotonic() + WISH_S
            try:
                with transaction(self._sessions) as opened:
                    self._wish = trainings.wished(opened, self._job_id)
            except DatabaseAway as error:
                log.warning("training %d: %s", self._job_id, error)
        return self._wish


class _Teller:
    """Says how a training stands, to the database and to everybody who listens."""

    def __init__(self, sessions: sessionmaker[Session], job: TrainingJob, voice: bus.Bus) -> None:
        self._sessions = sessions
        self._job = job
        self._voice = voice
        self._next = 0.0
        self._last = Told("", 0.0)
        self.sentence = ""

    def __call__(self, told: Told) -> None:
        self.sentence = told.sentence
        longer = len(told.points) > len(self._last.points)
        self._last = told if told.points else replace(told, points=self._last.points)
        if longer or time.monotonic() >= self._next:
            self._next = time.monotonic() + MOVE_S
            self._move("running", self._last, None, {})

    def ended(
        self,
        state: str,
        sentence: str,
        model_id: int | None = None,
        figures: dict[str, float] | None = None,
    ) -> None:
        self.sentence = sentence
        fraction = self._last.fraction if state in {"waiting", "stopped"} else 1.0
        self._move(
            state, Told(sentence, fraction, points=self._last.points), model_id, figures or {}
        )

    def _move(
        self, state: str, told: Told, model_id: int | None, figures: dict[str, float]
    ) -> None:
        curve = [list(_row(point)) for point in told.points]
        try:
            with transaction(self._sessions) as opened:
                trainings.move(
                    opened, self._job.id, state=state, sentence=told.sentence,
                    fraction=told.fraction, model_id=model_id, curve=curve,
                )  # fmt: skip
        except DatabaseAway as error:
            log.warning("training %d: %s", self._job.id, error)
        moved = TrainingState(
            job_id=self._job.id,
            plot_type=self._job.plot_type,
            state=state,
            sentence=told.sentence,
            fraction=told.fraction,
            model_id=model_id,
            metrics=figures,
            plot_type_id=self._job.plot_type_id,
            who=self._job.who,
            depth=str(self._job.settings.get("depth", "quick")),
            asked_at=self._job.asked_at,
            seconds_left=told.seconds_left,
            can_keep=told.can_keep,
            curve=tuple(CurvePoint(*_row(point)) for point in told.points),
        )
        self._voice.say(TrainingMoved(training=moved))


def _row(point: Point) -> tuple[int, float, float, float]:
    return point.epoch, point.training_loss, point.validation_loss, point.accuracy


def _figures(sessions: sessionmaker[Session], job: TrainingJob, model_id: int) -> dict[str, float]:
    """The numbers among the metrics of a fresh model."""
    try:
        with transaction(sessions) as opened:
            known = {model.id: model for model in models.history(opened, job.plot_type_id)}
    except DatabaseAway:
        return {}
    found = known[model_id].metrics if model_id in known else {}
    return {name: float(value) for name, value in found.items() if isinstance(value, int | float)}
