"""Fetches a run for a replay: verdicts page by page, judged anew where wanted, and what would have called.

The first page is played while the others come. Steps are handed on only together with their calls; these are
asked for after 1, 2, 4, 8, ... pages and at the end, as each answer begins at the run's beginning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from hydra_desktop.asking import Asking
from hydra_desktop.link.arrival import Failure
from hydra_desktop.models.replay import Reel, Step
from inference_server.protocol.detail import RunInfo
from inference_server.protocol.replay import GetReplay, GetReplayCalls, Replay, ReplayCalls
from inference_server.protocol.verdicts import Verdict

PAGE = 500
AGAIN_MS = 1000  # until a page is asked for again whose pictures are being looked at


class ReplayLoader(QObject):
    """One run at a time; a new one forgets the one before."""

    told = Signal(str)  # how far it is
    ready = Signal(object)  # Reel: its beginning
    grew = Signal(object)  # the same with more
    failed = Signal(str)  # before anything was ready

    def __init__(self, asking: Asking) -> None:
        super().__init__(asking)
        self._asking = asking
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self._ask_page)
        self._generation = 0
        self._run: RunInfo | None = None
        self._models: dict[int, int] = {}
        self._reel = Reel(0, "")
        self._forget()

    def load(self, run: RunInfo, models: Mapping[int, int], by: str) -> None:
        """Fetch ``run``; ``by``: who judges it anew, in words. One that still loads ends with what came."""
        self._again.stop()
        if self._reel.steps and not self._reel.complete:
            self._end_with_what_came("Another run was chosen meanwhile.")
        self._generation += 1
        self._run, self._models = run, dict(models)
        self._forget()
        self._reel = Reel(run.run, run.run_period, by=by, complete=False)
        self._ask_page()

    def stop(self) -> None:
        """What comes now is no longer wanted."""
        self._generation += 1
        self._again.stop()

    def _forget(self) -> None:
        self._steps: list[Step] = []
        self._left_out, self._note, self._total = 0, "", 0
        self._pages, self._due = 0, 1  # how many came, and after how many calls are asked for
        self._all, self._calling = False, False

    # ------------------------------------------------------------ pages

    def _ask_page(self) -> None:
        if self._run is None:
            return
        last = self._steps[-1].then if self._steps else None
        request = GetReplay(
            run=self._run.run,
            run_period=self._run.run_period,
            models=self._models,
            after_at=last.judged_at if last else None,
            after_id=last.inference_id if last else None,
            limit=PAGE,
        )
        mine = self._generation
        self._asking.ask(
            request,
            lambda reply: self._take_page(reply) if mine == self._generation else None,
            lambda failure: self._fail(failure) if mine == self._generation else None,
        )

    def _take_page(self, found: Replay) -> None:
        if found.waiting:
            self.told.emit(f"{found.waiting} pictures are being judged anew.")
            self._again.start()
            return
        anew = {each.inference_id: each.verdict for each in found.anew}
        self._steps += [_step(each, anew, found.labels) for each in found.verdicts]
        self._left_out += found.left_out
        self._note = found.note or self._note
        self._total = found.total or self._total
        self._pages += 1
        self._all = not found.more
        if found.more:
            self.told.emit(f"Loading {len(self._steps)} of {self._total} pictures.")
            self._ask_page()
        self._ask_calls()

    # ------------------------------------------------------------ calls

    def _ask_calls(self) -> None:
        """What would have called until where the run is here, unless it is asked for already."""
        if self._run is None or self._calling or not (self._all or self._pages >= self._due):
            return
        if not self._steps:
            self.failed.emit(f"Run {self._run.run} has no verdicts.")
            return
        self._calling, self._due = True, 2 * self._pages
        last, count, whole = self._steps[-1].then, len(self._steps), self._all
        request = GetReplayCalls(
            run=self._run.run,
            run_period=self._run.run_period,
            models=self._models,
            until_at=None if whole else last.judged_at,
            until_id=None if whole else last.inference_id,
        )
        mine = self._generation
        self._asking.ask(
            request,
            lambda reply: (
                self._take_calls(reply, count, whole) if mine == self._generation else None
            ),
            lambda failure: self._fail(failure) if mine == self._generation else None,
        )

    def _take_calls(self, found: ReplayCalls, count: int, whole: bool) -> None:
        first, self._calling = not self._reel.steps, False
        self._reel = replace(
            self._reel,
            steps=tuple(self._steps[:count]),
            calls=found.calls,
            note=self._remark(),
            total=self._total,
            complete=whole,
        )
        (self.ready if first else self.grew).emit(self._reel)
        if not whole:
            self._ask_calls()

    def _remark(self) -> str:
        parts = [self._note] if self._note else []
        if self._left_out:
            parts.append(
                f"{self._left_out} pictures keep their verdict of then: they were not kept, so no"
                " model can look again."
            )
        return " ".join(parts)

    def _fail(self, failure: Failure) -> None:
        """Of a run that is played already the rest is missing, and that is said."""
        self.stop()
        if not self._reel.steps:
            self.failed.emit(failure.words)
            return
        self._end_with_what_came(failure.words)

    def _end_with_what_came(self, why: str) -> None:
        count = len(self._reel.steps)
        missing = f"Only the first {count} of {self._total} pictures could be loaded. {why}"
        self._reel = replace(self._reel, note=missing, complete=True)
        self.grew.emit(self._reel)


def _step(then: Verdict, anew: Mapping[int, Verdict], labels: Mapping[int, str]) -> Step:
    number = then.inference_id or 0
    return Step(then, anew.get(number, then), labels.get(number, ""))
