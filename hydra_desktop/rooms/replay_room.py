"""Plays a past run as if it were live, marked as a replay everywhere; live alarms break through.

The server stores nothing of it, no alarm is made and nothing sounds: what would have called is told
in words only.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from hydra_desktop.asking import Asking
from hydra_desktop.link.arrival import Answer, Failure
from hydra_desktop.models import replay_words
from hydra_desktop.models.plots import PlotsModel, Seen, Update
from hydra_desktop.models.replay import SPEEDS, Player, Reel, Step, call_words, speed_words
from hydra_desktop.rooms.replay_choice import ReplayChoice
from hydra_desktop.rooms.replay_loader import ReplayLoader
from hydra_desktop.rooms.run_room import Asker, RunRoom
from hydra_desktop.thumbnails import KeptThumbnails
from inference_server.protocol.alarms import AlarmState
from ui.main_window import MainWindow
from ui.replay_summary import ReplaySummary
from ui.second_window import SecondWindow
from ui.states import TileState

BEAT_MS = 100
AHEAD = 60  # pictures fetched before they are due
KEPT = 400  # pictures held

_SPOKEN = [(speed, speed_words(speed)) for speed in SPEEDS]


class ReplayRoom(QObject):
    """One player; its plots stand in the grid and the lane in place of the live ones."""

    began = Signal()
    looked = Signal()  # the person wants to see the plots

    def __init__(
        self,
        window: MainWindow | SecondWindow,
        run: RunRoom,
        asker: Asker,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(window)
        self._window, self._run, self._clock = window, run, clock
        self.asking = Asking(asker, self)
        self.choice = ReplayChoice(window, run, self.asking, _SPOKEN)
        self._loader = ReplayLoader(self.asking)
        self.player: Player | None = None
        self.aside = False
        self.summary: ReplaySummary | None = None
        self._plots: PlotsModel | None = None
        self._pictures = KeptThumbnails(asker, KEPT, self)
        self._beat = QTimer(self, interval=BEAT_MS)
        self._beaten = 0.0
        self._live = ""
        self._join()

    @property
    def on(self) -> bool:
        """Whether a replay is loaded, playing or not."""
        return self.player is not None

    @property
    def shown(self) -> bool:
        """Whether the grid shows the replay (and not the live plots)."""
        return self.on and not self.aside

    # ------------------------------------------------------------ from outside

    @Slot(object)
    def break_in(self, alarm: AlarmState) -> None:
        """A live alarm called: the replay waits, and says so."""
        if self.player is None:
            return
        self.player = replace(self.player, playing=False)
        self._live = f"LIVE ALARM: {alarm.plot_type} {alarm.sentence}. The replay waits."
        self._show()

    def stand_aside(self) -> None:
        """Show the live plots; the replay waits."""
        if self.player is None or self.aside:
            return
        self.player = replace(self.player, playing=False)
        self.aside, self._live = True, ""
        self._run.stage(None)
        self._show()

    @Slot()
    def end(self) -> None:
        """Leave the replay."""
        self._beat.stop()
        self._loader.stop()
        self.player, self.aside, self._live = None, False, ""
        self._run.stage(None)
        if self._plots is not None:
            self._plots.deleteLater()
        self._plots = None
        self._pictures.forget()
        self._window.replay_bar.hide()
        self._window.show_replay("")

    # ------------------------------------------------------------ playing

    @Slot(object)
    def play(self, reel: Reel) -> None:
        """Begin ``reel`` from its first picture."""
        self.choice.close()
        self.began.emit()
        kinds = tuple(row.kind for row in self._run.model.rows)
        colours = {name: own for name, _severity, own in self._run.classes if own}
        self._plots, old = PlotsModel(self, replay=True), self._plots
        self.player = Player.at_start(reel, self.choice.speed)
        self.aside, self._live = False, ""
        self._pictures.forget()
        self._plots.apply(Update(self.player.now, known=kinds, complete=True, colours=colours))
        self._run.stage(self._plots)
        if old is not None:
            old.deleteLater()
        bar = self._window.replay_bar
        bar.show_speeds(_SPOKEN, self.player.speed)
        bar.show()
        self._window.show_replay(f"REPLAY of run {reel.run}")
        self.looked.emit()
        self._beaten = self._clock()
        self._beat.start()
        self._show()

    @Slot(object)
    def take_more(self, reel: Reel) -> None:
        """More of the run that is played came."""
        if self.player is None:
            return
        self.player = self.player.with_more(reel)
        self._fetch()
        self._show()
        if self.player.ended:
            self._finish()

    @Slot()
    def beat(self) -> None:
        """A tenth of a second went by."""
        now = self._clock()
        elapsed, self._beaten = now - self._beaten, now
        if self.player is not None and self.player.playing:
            self._move(self.player.advanced(elapsed))

    @Slot()
    def step(self) -> None:
        """One picture on."""
        if self.player is not None:
            self._back()
            self._move(self.player.stepped())

    def _move(self, player: Player) -> None:
        if self.player is None or self._plots is None:
            return
        due = player.reel.steps[self.player.place : player.place]
        self.player = player
        seen = tuple(self._seen(each) for each in due)
        words = replay_words.calling(player.calls_until_now(), self._plots.rows, due)
        self._plots.apply(Update(player.now, clock=True, seen=seen, alarms=words))
        self._run.show_staged()
        self._fetch()
        self._show()
        if player.ended:
            self._finish()

    def _seen(self, step: Step) -> Seen:
        return Seen(step.shown, self._pictures.image(step.shown.picture_hash))

    def _finish(self) -> None:
        self._beat.stop()
        if self.player is None:
            return
        told = replay_words.summary_words(self.player.reel)
        self.summary = ReplaySummary(
            told.sentences, told.columns, told.rows, told.calls, self._window
        )
        self.summary.again_wanted.connect(self._again)
        self.summary.open()

    # ------------------------------------------------------------ pictures

    def _fetch(self) -> None:
        """What is on the grid without a picture, and what comes next."""
        if self.player is None or self._plots is None:
            return
        shown = [
            row.verdict.picture_hash
            for row in self._plots.rows
            if row.verdict is not None and row.image is None and row.state is not TileState.EMPTY
        ]
        coming = self.player.reel.steps[self.player.place : self.player.place + AHEAD]
        self._pictures.want((*shown, *(step.shown.picture_hash for step in coming)))

    def _take_picture(self, picture_hash: str, image: QImage) -> None:
        if self._plots is not None and self.player is not None:
            self._plots.apply(Update(self.player.now, images={picture_hash: image}))

    # ------------------------------------------------------------ what a person does

    def _toggle(self) -> None:
        if self.player is None or self.player.ended:
            return
        playing = not self.player.playing
        self.player, self._live = replace(self.player, playing=playing), ""
        if playing:
            self._back()
            self._beaten = self._clock()
        self._show()

    def _back(self) -> None:
        """The replay stands in the grid again."""
        if self.aside:
            self.aside, self._live = False, ""
            self._run.stage(self._plots)

    def _aside(self) -> None:
        if self.aside:
            self._back()
            self._show()
        else:
            self.stand_aside()
        self.looked.emit()

    def _again(self) -> None:
        if self.player is not None:
            self.play(self.player.reel)

    def _set_speed(self, speed: float) -> None:
        if self.player is not None:
            self.player = replace(self.player, speed=speed)
            self.choice.speed = speed

    def _start(self) -> None:
        if self.choice.run is not None:
            self._loader.load(self.choice.run, self.choice.models, self.choice.by)

    def _failed(self, words: str) -> None:
        self.choice.show_note(f"The run cannot be replayed. {words}")

    def _show(self) -> None:
        player, bar = self.player, self._window.replay_bar
        if player is None:
            return
        bar.show_place(
            replay_words.place(player, aside=self.aside), player.place,
            max(player.reel.total, len(player.reel.steps)),
            playing=player.playing, ended=player.ended,
        )  # fmt: skip
        calls = player.calls_until_now()
        bar.show_calls([call_words(call) for call in calls])
        bar.show_below(
            self._live or replay_words.below(player, calls, aside=self.aside),
            live_alarm=bool(self._live),
        )
        bar.show_aside(self.aside)

    def _join(self) -> None:
        bar = self._window.replay_bar
        self._beat.timeout.connect(self.beat)
        self._pictures.came.connect(self._take_picture)
        self._window.replay_wanted.connect(self.choice.ask)
        self.choice.started.connect(self._start)
        self._loader.told.connect(self.choice.show_note)
        self._loader.ready.connect(self.play)
        self._loader.grew.connect(self.take_more)
        self._loader.failed.connect(self._failed)
        bar.play_wanted.connect(self._toggle)
        bar.step_wanted.connect(self.step)
        bar.speed_wanted.connect(self._set_speed)
        bar.end_wanted.connect(self.end)
        bar.again_wanted.connect(self._again)
        bar.aside_wanted.connect(self._aside)

    @Slot(int, object)
    def take_answer(self, ticket: int, answer: Answer) -> None:
        """An answer to one of our questions."""
        self.asking.take_answer(ticket, answer)
        self._pictures.take_answer(ticket, answer)

    @Slot(int, object)
    def take_failure(self, ticket: int, failure: Failure) -> None:
        """Why there is none."""
        self.asking.take_failure(ticket, failure)
        self._pictures.take_failure(ticket, failure)
