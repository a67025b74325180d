"""Turns opinions into durable verdicts: files first, then the database or the journal, then the world."""

from __future__ import annotations

import logging
import math
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath

import msgspec
from sqlalchemy.orm import Session, sessionmaker

from db import afterthoughts
from db import catalogue as catalogues
from db.session import DatabaseAway, transaction
from db.values import Catalogue, PlotType, StoredInference
from inference_server import catalogue, quarantine
from inference_server.config import Config
from inference_server.keeper import late as late_words
from inference_server.keeper import records
from inference_server.keeper.decide import Arrival, Decided, Key, Known, decide, key_of
from inference_server.keeper.journal import Journal
from inference_server.keeper.records import Record
from inference_server.messages import Afterthought, Frame, SetAside, Settled
from inference_server.protocol.messages import Verdict
from inference_server.spread import Spread
from inference_server.store import Item, PictureStore

log = logging.getLogger(__name__)

RECENT = 20_000  # pictures that are known without asking the database, also while it is away


@dataclass(slots=True)
class Outcome:
    """What a batch came to; all of it is durable."""

    settled: list[Settled] = field(default_factory=list)
    published: list[tuple[Verdict, bytes]] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    new_plot_types: bool = False


class Keeper:
    """Decides and stores; ``away`` and ``trouble`` say how that goes.

    A batch that can be stored nowhere (disk full) is dropped and settles nothing, so its frames come
    back by way of the balancer, again and again, until somebody made room.
    """

    def __init__(self, config: Config, sessions: sessionmaker[Session], journal: Journal) -> None:
        self.away = False
        self.trouble = ""
        self.storing = Spread("database")  # of each verdict, its share of the transaction
        self.files = threading.Lock()  # the retention must not remove what a batch relies on
        self._config = config
        self._sessions = sessions
        self._journal = journal
        self._pictures = PictureStore(config.pictures_dir)
        self._thumbnails = PictureStore(config.thumbnails_dir, durable=False)
        self._recent: OrderedDict[Key, str] = OrderedDict()
        self._provisional: dict[tuple[str, bool], PlotType] = {}
        self._known = Known({}, {}, {})
        self._unheard_of: set[int | None] = set()
        self.reload()

    def reload(self) -> None:
        """Take over the catalogue as it is now; while the database is away, as last seen."""
        try:
            current = catalogue.load(self._config, self._sessions)
        except DatabaseAway as error:
            log.warning("%s Every plot is NoModel until it is back.", error)
            current = Catalogue(plot_types=(), models=(), classes=())
        self._known = Known.of(current, before=self._known)
        self._provisional = {
            key: each
            for key, each in self._provisional.items()
            if key not in self._known.plot_types
        }

    def keep(self, batch: Sequence[Arrival]) -> Outcome:
        """Make a batch durable, in one transaction, and say what came of it."""
        outcome = Outcome()
        fresh = [_checked(each) for each in self._fresh(batch)]
        try:
            self._keep([each for each in fresh if not each.opinion.error], outcome)
            for each in fresh:
                if each.opinion.error:
                    self._set_aside(each, outcome)
            self.trouble = ""
        except OSError as error:
            place = error.filename or self._config.data_dir
            self.trouble = f"{place} cannot be written: {error.strerror}."
            log.error("%s", self.trouble)
        self._answer_repeats(batch, outcome)
        return outcome

    def keep_late(self, late: Sequence[Afterthought]) -> None:
        """What candidates say afterwards; of pictures that the database lacks now it is dropped.

        It compares two models and calls nobody, so it is not worth a journal.
        """
        found = late_words.usable(late, self._known.plot_types)
        if not found or self.away or not self._journal.is_empty():
            return
        try:
            with transaction(self._sessions) as session:
                afterthoughts.keep(session, found)
        except DatabaseAway as error:
            log.warning("%s What candidates in the shadow said is not kept.", error)

    def close(self) -> None:
        """End the threads of the stores."""
        self._pictures.close()
        self._thumbnails.close()

    # -------------------------------------------------------------- one batch

    def _fresh(self, batch: Sequence[Arrival]) -> list[Arrival]:
        """What was not settled lately; of twins in one batch the first."""
        first: dict[Key, Arrival] = {}
        for each in batch:
            first.setdefault(key_of(each.opinion.frame), each)
        return [each for key, each in first.items() if key not in self._recent]

    def _answer_repeats(self, batch: Sequence[Arrival], outcome: Outcome) -> None:
        answered = {each.frame_id for each in outcome.settled}
        for each in batch:
            frame = each.opinion.frame
            if frame.id not in answered and (how := self._recent.get(key_of(frame))) is not None:
                outcome.settled.append(Settled(frame_id=frame.id, outcome=how))

    def _keep(self, batch: Sequence[Arrival], outcome: Outcome) -> None:
        if not batch:
            return
        # Nothing may overtake what waits in the journal. The first statement of a batch that fails
        # sets this too, so that a database that never answers costs a batch one wait and not two.
        self.away = not self._journal.is_empty()
        self._learn_models(batch)
        outcome.new_plot_types = self._register(batch)
        now = datetime.now(UTC)
        decided = [
            decide(
                each,
                self._plot_type(each.opinion.frame),
                self._known,
                self._config.store,
                now,
            )
            for each in batch
        ]
        to_store = [_record(arrival, fate) for arrival, fate in zip(batch, decided, strict=True)]
        with self.files:
            self._write_files(batch, decided)
            places = self._commit(to_store)
        for arrival, fate, place in zip(batch, decided, places, strict=True):
            self._tell(arrival, fate.verdict, place, outcome)

    def _tell(
        self, arrival: Arrival, verdict: Verdict, place: StoredInference | None, outcome: Outcome
    ) -> None:
        frame = arrival.opinion.frame
        duplicate = place is not None and place.duplicate
        self._settle(frame, "duplicate" if duplicate else "stored", outcome)
        if not duplicate:
            since_closed = datetime.now(UTC) - frame.closed_at
            verdict = msgspec.structs.replace(
                verdict,
                inference_id=place.id if place else None,
                latency_ms=1e3 * since_closed.total_seconds(),
            )
            outcome.published.append((verdict, arrival.thumbnail))

    def _settle(self, frame: Frame, how: str, outcome: Outcome, reason: str = "") -> None:
        outcome.settled.append(Settled(frame_id=frame.id, outcome=how, reason=reason))
        self._recent[key_of(frame)] = "duplicate" if how == "stored" else how
        if len(self._recent) > RECENT:
            self._recent.popitem(last=False)

    def _set_aside(self, arrival: Arrival, outcome: Outcome) -> None:
        frame, reason = arrival.opinion.frame, arrival.opinion.error
        relative = (
            f"{frame.run_period or 'pictures'}/Run{frame.run:06d}/{PurePosixPath(frame.path).name}"
        )
        item = quarantine.write_in(
            self._config.quarantine_dir, relative, frame.path, arrival.picture, reason
        )
        log.warning("set aside %s: %s", frame.path, reason)
        outcome.set_aside.append(
            SetAside(item=item, plot_type=frame.plot_type, chunked=frame.chunked)
        )
        self._settle(frame, "quarantined", outcome, reason)

    # -------------------------------------------------------------- places

    def _write_files(self, batch: Sequence[Arrival], decided: Sequence[Decided]) -> None:
        """The files go first: a row without its picture would be a lie, the reverse is only litter."""
        pairs = list(zip(batch, decided, strict=True))
        self._pictures.put_many(
            Item(fate.verdict.picture_hash, fate.inference.extension, arrival.picture)
            for arrival, fate in pairs
            if fate.kept
        )
        self._thumbnails.put_many(
            Item(fate.verdict.picture_hash, "jpg", arrival.thumbnail)
            for arrival, fate in pairs
            if arrival.thumbnail
        )

    def _commit(self, batch: Sequence[Record]) -> Sequence[StoredInference | None]:
        """Into the database; while that is away or behind, into the journal, to keep the order."""
        if not self.away:
            began = time.perf_counter()
            try:
                stored = records.commit(self._sessions, batch, self._config.collect_fraction)
            except DatabaseAway as error:
                log.warning("%s Verdicts go to the journal.", error)
                self.away = True
            else:
                self.storing.add(1e3 * (time.perf_counter() - began) / len(batch), len(batch))
                return stored
        self._journal.append([records.encode(each) for each in batch])
        return [None] * len(batch)

    def _learn_models(self, batch: Sequence[Arrival]) -> None:
        """A worker may hear of a new model before we do; without its thresholds nothing is Confirmed."""
        used = {each.opinion.model_id for each in batch} - {None}
        missing = used - self._known.thresholds.keys() - self._unheard_of
        if missing and not self.away:
            self.reload()
            self._unheard_of = used - self._known.thresholds.keys()

    def _register(self, batch: Sequence[Arrival]) -> bool:
        """Enter new plot types into the catalogue; whether it changed."""
        named = {(each.opinion.frame.plot_type, each.opinion.frame.chunked) for each in batch}
        new = sorted(named - self._known.plot_types.keys() - self._provisional.keys())
        if not new:
            return False
        if not self.away:
            try:
                with transaction(self._sessions) as session:
                    for name, chunked in new:
                        catalogues.register(
                            session, name, chunked, collect_fraction=self._config.collect_fraction
                        )
            except DatabaseAway as error:
                log.warning("%s New plot types wait for it.", error)
                self.away = True
            else:
                self.reload()
        missing = [key for key in new if key not in self._known.plot_types]
        for key in missing:
            self._provisional[key] = _provisional(*key, self._config.collect_fraction)
        return len(missing) < len(new)

    def _plot_type(self, frame: Frame) -> PlotType:
        key = (frame.plot_type, frame.chunked)
        return self._known.plot_types.get(key) or self._provisional[key]


def _record(arrival: Arrival, fate: Decided) -> Record:
    collected = fate.inference.collected is not None
    return Record(
        inference=fate.inference,
        plot_type=fate.verdict.plot_type,
        chunked=fate.verdict.chunked,
        backbone=arrival.opinion.backbone,
        features=arrival.features if collected else b"",
    )


def _provisional(name: str, chunked: bool, collect_fraction: float) -> PlotType:
    """A plot type that the database has not numbered yet; the same name gets the same number."""
    number = zlib.crc32(f"{name}/{chunked}".encode())
    return PlotType(
        id=-1 - number % (2**31 - 1), name=name, chunked=chunked, collect_fraction=collect_fraction
    )


def _checked(arrival: Arrival) -> Arrival:
    """A confidence that is no number would be refused by the database, and again by every retry."""
    opinion = arrival.opinion
    if not all(map(math.isfinite, opinion.shadow_scores.values())):
        log.error("model %s, in the shadow, gave a confidence that is no number", opinion.shadow_id)
        opinion = msgspec.structs.replace(opinion, shadow_id=None, shadow_scores={})
        arrival = replace(arrival, opinion=opinion)
    numbers = [*opinion.scores.values(), opinion.anomaly or 0.0]
    if opinion.error or all(map(math.isfinite, numbers)):
        return arrival
    reason = (
        f"model {opinion.model_id} gave a confidence that is no number. Activate another model."
    )
    return replace(arrival, opinion=msgspec.structs.replace(opinion, error=reason))
