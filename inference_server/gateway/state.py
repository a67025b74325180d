"""What every desktop shows, and the numbered news that keep it up to date. Pure; one thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

import msgspec

from inference_server.gateway.parts import Parts
from inference_server.protocol.administration import TriedAgain
from inference_server.protocol.messages import (
    ClassInfo,
    ComponentsChanged,
    Heartbeat,
    Judged,
    News,
    PlotTypeInfo,
    PlotTypesChanged,
    Preparation,
    Preparing,
    Quarantined,
    QuarantineItem,
    Snapshot,
    TrainingChanged,
    TrainingState,
    Verdict,
)
from inference_server.protocol.notices import Notice, NoticePosted

REMEMBERED = 200  # quarantine items and trainings


@dataclass(frozen=True, slots=True)
class Item:
    """One numbered piece of news with its blob."""

    sequence: int
    news: News
    blob: bytes = b""


@dataclass(slots=True)
class State:
    """Every change of what a snapshot says also gives a numbered item for the feed."""

    session: str
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _last: int = 0
    _plot_types: tuple[PlotTypeInfo, ...] = ()
    _classes: tuple[ClassInfo, ...] = ()
    _verdicts: dict[int, tuple[Verdict, bytes]] = field(default_factory=dict)
    parts: Parts = field(default_factory=Parts)
    _quarantine: deque[QuarantineItem] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _quarantined: int = 0
    _returned: set[str] = field(default_factory=set)  # ``kept_as`` of what was tried again
    _trainings: dict[int, TrainingState] = field(default_factory=dict)
    _preparation: Preparation | None = None
    _notice: Notice | None = None
    logo: bytes = b""  # of the experiment
    experiment: str = ""

    def snapshot(self, now: float) -> Snapshot:
        """Everything, as of the last number given out. ``now``: monotonic seconds."""
        return Snapshot(
            session=self.session,
            sequence=self._last,
            plot_types=self._plot_types,
            classes=self._classes,
            verdicts=tuple(verdict for verdict, _ in self._verdicts.values()),
            components=self.parts.components(now),
            quarantined=self._quarantined,
            preparation=self._preparation,
            trainings=tuple(self._trainings.values()),
            notice=self._notice,
            logo=self.logo,
            experiment=self.experiment,
        )

    def thumbnail(self, picture_hash: str) -> tuple[Verdict, bytes] | None:
        """A newest verdict and the thumbnail of its picture."""
        for verdict, blob in self._verdicts.values():
            if verdict.picture_hash == picture_hash and blob:
                return verdict, blob
        return None

    def quarantine(self, limit: int) -> tuple[tuple[QuarantineItem, ...], int]:
        """The newest ones first, and how many there are in all."""
        return tuple(self._quarantine)[-limit:][::-1], self._quarantined

    @property
    def plot_types(self) -> tuple[PlotTypeInfo, ...]:
        """The catalogue as told."""
        return self._plot_types

    def knows(self, plot_type_id: int) -> bool:
        """Whether the catalogue here has this plot type."""
        return any(each.id == plot_type_id for each in self._plot_types)

    # ------------------------------------------------------------ changes

    def beat(self, at: datetime) -> Item:
        """The sign of life."""
        return self._item(Heartbeat(at=at))

    def is_told(self, verdict: Verdict) -> bool:
        """Whether this is what was told last of its plot type: it may come from two sides at once."""
        held = self._verdicts.get(verdict.plot_type_id)
        return held is not None and _what(held[0]) == _what(verdict)

    def judged(self, verdict: Verdict, thumbnail: bytes) -> Item:
        """A new verdict; the last one that comes is the newest of its plot type."""
        self._verdicts[verdict.plot_type_id] = (verdict, thumbnail)
        return self._item(Judged(verdict=verdict), thumbnail)

    def catalogue(
        self, plot_types: tuple[PlotTypeInfo, ...], classes: tuple[ClassInfo, ...]
    ) -> Item | None:
        """The catalogue as it is now; None where nothing changed."""
        self._classes = classes
        if plot_types == self._plot_types:
            return None
        self._plot_types = plot_types
        self._forget_provisional()
        return self._item(PlotTypesChanged(plot_types=plot_types))

    def recall(self, verdicts: Sequence[tuple[Verdict, bytes]]) -> list[Item]:
        """Verdicts read from the database: those newer than ours are news."""
        items = []
        for verdict, thumbnail in verdicts:
            held = self._verdicts.get(verdict.plot_type_id)
            if held is None or held[0].judged_at < verdict.judged_at:
                items.append(self.judged(verdict, thumbnail))
        return items

    def tell_components(self, now: float) -> Item:
        """How all roles are, for the feed."""
        return self._item(ComponentsChanged(components=self.parts.components(now)))

    def set_aside(self, item: QuarantineItem) -> Item:
        """A picture went to quarantine."""
        self._quarantine.append(item)
        self._returned.discard(item.kept_as)
        self._quarantined += 1
        return self._item(Quarantined(item=item, total=self._quarantined))

    def recall_quarantine(self, items: Sequence[QuarantineItem], total: int) -> None:
        """What the database knew of it, newest first; what went back meanwhile stays away."""
        kept = [item for item in items if item.kept_as not in self._returned]
        self._quarantine.extendleft(item for item in kept if item not in self._quarantine)
        self._quarantined = max(total - (len(items) - len(kept)), len(self._quarantine))

    def training(self, training: TrainingState) -> Item:
        """A training moved on."""
        self._trainings[training.job_id] = training
        if len(self._trainings) > REMEMBERED:
            del self._trainings[min(self._trainings)]
        return self._item(TrainingChanged(training=training))

    def recall_notice(self, notice: Notice | None) -> Item | None:
        """What the database has as the news banner; None where that is no news."""
        if notice == self._notice:
            return None
        self._notice = notice
        return self._item(NoticePosted(notice=notice))

    def told(self, news: News) -> Item:
        """News of a handler or a role; banner and quarantine are also in the snapshot, the rest in none."""
        match news:
            case NoticePosted(notice=notice):
                self._notice = notice
            case TriedAgain(kept_as=kept_as):
                return self._item(msgspec.structs.replace(news, total=self._left_without(kept_as)))
        return self._item(news)

    def prepared(self, preparation: Preparation) -> Item:
        """The start-up moved on."""
        self._preparation = None if preparation.fraction >= 1 else preparation
        return self._item(Preparing(preparation=preparation))

    def _left_without(self, kept_as: str) -> int:
        """Take a picture from the quarantine; how many are left."""
        self._returned.add(kept_as)
        left = [each for each in self._quarantine if each.kept_as != kept_as]
        self._quarantine = deque(left, maxlen=REMEMBERED)
        self._quarantined = max(self._quarantined - 1, len(left))
        return self._quarantined

    def _forget_provisional(self) -> None:
        """Verdicts given under a made-up id while the database was away come again under the real one."""
        for key in [key for key in self._verdicts if key < 0 and not self.knows(key)]:
            verdict, blob = self._verdicts.pop(key)
            for each in self._plot_types:
                if (each.name, each.chunked) == (verdict.plot_type, verdict.chunked):
                    real = msgspec.structs.replace(verdict, plot_type_id=each.id)
                    self._verdicts.setdefault(each.id, (real, blob))

    def _item(self, news: News, blob: bytes = b"") -> Item:
        self._last = next(self._numbers)
        return Item(self._last, news, blob)


def _what(verdict: Verdict) -> tuple[object, ...]:
    return (
        verdict.run_period, verdict.run, verdict.chunk, verdict.picture_hash, verdict.judged_at,
    )  # fmt: skip
