"""Which labelled pictures a training learns from, frozen at its start."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from sqlalchemy.orm import Session, sessionmaker

from db import catalogue, pictures
from db.session import transaction
from db.values import LabelledPicture, PlotType
from inference_server.config import Config
from inference_server.predict.backbone import identity
from inference_server.store import PictureStore
from inference_server.training.features import Extractor
from inference_server.training.material import Labelled
from inference_server.training.progress import LOOKED, Asked, Pace, Tell, Told, check
from inference_server.training.recipe import Recipe

log = logging.getLogger(__name__)

FROZEN = "pictures.json"


class NotTrainable(RuntimeError):
    """There is nothing to train on; the message names the cause and the next step."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """The pictures of one training with their features; N, in the order they were taken."""

    plot_type: PlotType
    pictures: tuple[LabelledPicture, ...]
    features: np.ndarray  # (N, D) float32, of the shared network
    looked: int = 0  # at how many of them the shared network had to look first

    @property
    def digest(self) -> str:
        """Changes with every picture, label, pin and weight."""
        lines = "\n".join(
            f"{p.run_period}/{p.run}/{p.chunk} {p.picture_hash} {p.class_name} {p.pin} {p.weight}"
            for p in self.pictures
        )
        return hashlib.sha256(lines.encode()).hexdigest()

    def labelled(self) -> Labelled:
        """As a fit wants it."""
        return Labelled(
            features=self.features,
            labels=[each.class_name for each in self.pictures],
            runs=[f"{each.run_period}/{each.run}" for each in self.pictures],
            pins=[each.pin for each in self.pictures],
            weights=[each.weight for each in self.pictures],
            periods=[each.run_period for each in self.pictures],
        )

    def classes(self, severity: str) -> frozenset[str]:
        """The classes of the plot type that mean this."""
        return frozenset(each.name for each in self.plot_type.classes if each.severity == severity)


def gather(
    config: Config,
    sessions: sessionmaker[Session],
    plot_type_id: int,
    recipe: Recipe,
    *,
    threads: int,
    tell: Tell,
    asked: Asked,
    work: Path | None = None,
) -> DataSet:
    """The pictures that ``recipe`` asks for; those whose features are missing are looked at.

    With ``work``, a training that was interrupted gets the pictures and labels of its first start.
    Raises NotTrainable, Stopped.
    """
    plot_type, kinds = _kinds(sessions, plot_type_id, recipe)
    tell(Told(f"Reads the labels of {plot_type.name}.", 0.0))
    chosen = _thawed(work) or _chosen(sessions, config, kinds, recipe, plot_type)
    share = 0.75 if recipe.depth == "quick" else LOOKED
    found = _features(config, sessions, chosen, threads, share, tell, asked)
    usable = tuple(each for each in chosen if each.picture_id in found)
    if left_out := len(chosen) - len(usable):
        log.warning(
            "%d labelled pictures are left out: their files are gone or unreadable", left_out
        )
    if work is not None:
        _freeze(work, usable)
    vectors = [np.frombuffer(found[each.picture_id], "<f2") for each in usable]
    features = np.stack(vectors).astype(np.float32) if vectors else np.empty((0, 1), np.float32)
    return DataSet(plot_type, usable, features, sum(not each.features for each in usable))


def _kinds(
    sessions: sessionmaker[Session], plot_type_id: int, recipe: Recipe
) -> tuple[PlotType, list[int]]:
    """The plot type, and the ids of all whose pictures are wanted."""
    with transaction(sessions) as session:
        known = {plot.id: plot for plot in catalogue.load(session).plot_types}
    if plot_type_id not in known:
        raise NotTrainable(f"There is no plot type {plot_type_id}.")
    plot_type = known[plot_type_id]
    sisters = [each.id for each in known.values() if each.name == plot_type.name]
    return plot_type, sisters if recipe.merge else [plot_type_id]


def _chosen(
    sessions: sessionmaker[Session],
    config: Config,
    kinds: Sequence[int],
    recipe: Recipe,
    plot_type: PlotType,
) -> list[LabelledPicture]:
    wanted = parse_runs(recipe.runs)
    periods = {name.strip() for name in recipe.run_periods.split(",") if name.strip()}
    with transaction(sessions) as session:
        found = [
            each
            for kind in kinds
            for each in pictures.labelled(session, kind, identity(config.backbone))
        ]
    chosen = [
        each
        for each in found
        if (not periods or each.run_period in periods)
        and (wanted is None or any(first <= each.run <= last for first, last in wanted))
    ]
    if not chosen:
        where = " in these runs" if found else ""
        raise NotTrainable(
            f"{plot_type.name} has no labelled pictures{where}; label at least 5 of two classes."
        )
    return sorted(chosen, key=lambda each: (each.run_period, each.run, each.chunk, each.picture_id))


_RANGE = re.compile(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?")


def parse_runs(text: str) -> list[tuple[int, int]] | None:
    """``"100-200,250"`` as [(100, 200), (250, 250)]; None for all. Raises NotTrainable."""
    if not text.strip():
        return None
    found = []
    for part in text.split(","):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise NotTrainable(f"{part!r} is not a run or a range of runs. Write 100-200,250.")
        found.append((int(match[1]), int(match[2] or match[1])))
    return found


def _features(
    config: Config,
    sessions: sessionmaker[Session],
    chosen: Sequence[LabelledPicture],
    threads: int,
    share: float,
    tell: Tell,
    asked: Asked,
) -> dict[int, bytes]:
    """Features by picture id; those that are missing are computed and kept.

    ``share``: of the whole training that this is.
    """
    found = {each.picture_id: each.features for each in chosen if each.features}
    missing = [each for each in chosen if not each.features]
    done, pace = 0, Pace()
    for batch in Extractor(config, threads).see(files(config, missing)):
        check(asked)
        fresh = [
            (each.key.picture_id, identity(config.backbone), each.features)
            for each in batch
            if not each.error
        ]
        with transaction(sessions) as session:
            pictures.put_features(session, fresh)
        found |= {picture_id: vector for picture_id, _, vector in fresh}
        done += len(batch)
        sentence = f"Looks at pictures: {done} of {len(missing)}."
        tell(Told(sentence, share * done / len(missing), pace.left(done, len(missing))))
    return found


def files(
    config: Config, wanted: Sequence[LabelledPicture]
) -> Iterator[tuple[LabelledPicture, bytes]]:
    """The pictures that are in the store, with their bytes."""
    store = PictureStore(config.pictures_dir)
    for each in wanted:
        if (data := store.read(each.picture_hash, each.extension)) is not None:
            yield each, data


def _freeze(work: Path, chosen: Sequence[LabelledPicture]) -> None:
    work.mkdir(parents=True, exist_ok=True)
    if not (work / FROZEN).exists():
        fresh = work / f".{FROZEN}"
        fresh.write_bytes(msgspec.json.encode(chosen))
        fresh.replace(work / FROZEN)


def _thawed(work: Path | None) -> list[LabelledPicture] | None:
    if work is None or not (work / FROZEN).exists():
        return None
    return msgspec.json.decode((work / FROZEN).read_bytes(), type=list[LabelledPicture])
