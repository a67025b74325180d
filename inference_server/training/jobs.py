"""One training, from the labels in the database to a registered model."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy.orm import Session, sessionmaker

from db import catalogue, evaluations, models, pictures
from db.evaluations import Evaluated
from db.session import transaction
from db.values import LabelledPicture, NewModel, PlotType
from inference_server.config import Config
from inference_server.predict.backbone import identity
from inference_server.store import PictureStore
from inference_server.training.features import Extractor

if TYPE_CHECKING:
    from inference_server.predict.heads import Head
    from inference_server.training.fit import Report

log = logging.getLogger(__name__)

Progress = Callable[[str, float], None]  # sentence, fraction


class NotTrainable(RuntimeError):
    """There is nothing to train on; the message names the cause and the next step."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for."""

    plot_type_id: int
    who: str
    runs: str = ""  # "100-200,250"; empty: all
    run_periods: str = ""  # "2026-01,2026-02"; empty: all
    seed: int = 1
    activate: bool = True


def train(
    config: Config,
    sessions: sessionmaker[Session],
    plot_type_id: int,
    *,
    who: str,
    runs: str = "",
    run_periods: str = "",
    seed: int = 1,
    threads: int = 0,
    activate: bool = True,
    progress: Progress = lambda _sentence, _fraction: None,
) -> int:
    """Train a head for a plot type on its labelled pictures; the id of the new model.

    ``threads``: 0 = all cores. Raises NotTrainable, DatabaseAway, OSError.
    """
    wish = Wish(plot_type_id, who, runs, run_periods, seed, activate)
    plot_type = _plot_type(sessions, plot_type_id)
    progress(f"Reads the labels of {plot_type.name}.", 0.0)
    chosen = _chosen(sessions, config, wish, plot_type)
    material = _with_features(config, sessions, chosen, threads, progress)
    progress(f"Fits a head on {len(material)} pictures.", 0.8)
    head, report = _fit(plot_type, identity(config.backbone), material, seed, threads)
    progress("Stores the model.", 0.95)
    model_id = _keep(config, sessions, plot_type, wish, material, head, report)
    progress(sentence(report.metrics), 1.0)
    return model_id


def sentence(metrics: dict[str, Any]) -> str:
    """The figures of a training for people."""
    return (
        f"{metrics['accuracy']:.1%} of {metrics['validation']} validation pictures right, macro-F1"
        f" {metrics['macro_f1']:.2f}."
    )


def _plot_type(sessions: sessionmaker[Session], plot_type_id: int) -> PlotType:
    with transaction(sessions) as session:
        known = {plot.id: plot for plot in catalogue.load(session).plot_types}
    if plot_type_id not in known:
        raise NotTrainable(f"There is no plot type {plot_type_id}.")
    return known[plot_type_id]


def _chosen(
    sessions: sessionmaker[Session], config: Config, wish: Wish, plot_type: PlotType
) -> list[LabelledPicture]:
    wanted = parse_runs(wish.runs)
    periods = {name.strip() for name in wish.run_periods.split(",") if name.strip()}
    with transaction(sessions) as session:
        found = pictures.labelled(session, wish.plot_type_id, identity(config.backbone))
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


def _with_features(
    config: Config,
    sessions: sessionmaker[Session],
    chosen: Sequence[LabelledPicture],
    threads: int,
    progress: Progress,
) -> list[tuple[LabelledPicture, bytes]]:
    """Each picture with its features; those that are missing are computed and kept."""
    found = {each.picture_id: each.features for each in chosen if each.features}
    missing = [each for each in chosen if not each.features]
    store = PictureStore(config.pictures_dir)
    try:
        stored = (
            (each.picture_id, data)
            for each in missing
            if (data := store.read(each.picture_hash, each.extension)) is not None
        )
        for batch in Extractor(config, threads).see(stored):
            fresh = [
                (each.key, identity(config.backbone), each.features)
                for each in batch
                if not each.error
            ]
            with transaction(sessions) as session:
                pictures.put_features(session, fresh)
            found |= {key: vector for key, _, vector in fresh}
            done = len(found) - (len(chosen) - len(missing))
            progress(
                f"Computed features of {done} of {len(missing)} pictures.",
                0.75 * done / len(missing),
            )
    finally:
        store.close()
    if left_out := len(chosen) - len(found):
        log.warning(
            "%d labelled pictures are left out: their files are gone or unreadable", left_out
        )
    return [(each, vector) for each in chosen if (vector := found.get(each.picture_id)) is not None]


def _fit(
    plot_type: PlotType,
    backbone: str,
    material: Sequence[tuple[LabelledPicture, bytes]],
    seed: int,
    threads: int,
) -> tuple[Head, Report]:
    import torch

    from inference_server.training.fit import FitError, Labelled, fit_head

    if threads:
        torch.set_num_threads(threads)
    each = [picture for picture, _ in material]
    vectors = [np.frombuffer(vector, "<f2") for _, vector in material]
    labelled = Labelled(
        features=np.stack(vectors).astype(np.float32) if vectors else np.empty((0, 1), np.float32),
        labels=[picture.class_name for picture in each],
        runs=[f"{picture.run_period}/{picture.run}" for picture in each],
        pins=[picture.pin for picture in each],
        weights=[picture.weight for picture in each],
    )
    good = frozenset(known.name for known in plot_type.classes if known.severity == "good")
    try:
        return fit_head(labelled, plot_type=plot_type.name, backbone=backbone, good=good, seed=seed)
    except FitError as error:
        raise NotTrainable(str(error)) from error


def _keep(
    config: Config,
    sessions: sessionmaker[Session],
    plot_type: PlotType,
    wish: Wish,
    material: Sequence[tuple[LabelledPicture, bytes]],
    head: Head,
    report: Report,
) -> int:
    """Files first, then the row: a row without files would be a model that cannot be loaded."""
    from inference_server.predict import heads

    now = datetime.now(UTC)
    head = heads.Head(_signed(head.card, now), head.weights)
    folder = _folder(plot_type, now)
    heads.save(config.models_dir / folder, head)
    validated = set(report.validation.tolist())
    new = NewModel(
        plot_type_id=plot_type.id,
        name=folder.name,
        folder=str(folder),
        who=wish.who,
        backbone=head.card.backbone,
        labels=head.card.labels,
        seed=wish.seed,
        thresholds=report.thresholds,
        parent_id=plot_type.model_id,
        settings={"runs": wish.runs, "run_periods": wish.run_periods},
        metrics=head.card.metrics,
        versions=head.card.versions,
        training=tuple(
            (picture.picture_id, picture.class_name, _side(picture, row in validated))
            for row, (picture, _) in enumerate(material)
        ),
    )
    with transaction(sessions) as session:
        model_id = models.add(session, new)
        evaluations.add(session, model_id, "validation", _judged(material, report, head))
        if wish.activate:
            models.activate(
                session, plot_type.id, model_id, who=wish.who, reason=sentence(report.metrics)
            )
    return model_id


def _judged(
    material: Sequence[tuple[LabelledPicture, bytes]], report: Report, head: Head
) -> list[Evaluated]:
    """What heads that had not seen their run said of the pictures: the honest confusion matrix."""
    return [
        Evaluated(
            material[row][0].picture_id,
            dict(zip(head.card.labels, map(float, scores), strict=True)),
        )
        for row, scores in zip(report.validation, report.scores, strict=True)
    ]


def _side(picture: LabelledPicture, validated: bool) -> str:
    """Every picture teaches the final head but those that a person keeps for validation."""
    return "validation" if picture.pin == "validation" and validated else "training"


def _folder(plot_type: PlotType, now: datetime) -> Path:
    """Below the models directory; readable, and never used twice."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", plot_type.name)[:100].strip(".") or "plot"
    kind = "" if plot_type.chunked else "-run"
    return Path(f"{plot_type.id:04d}-{safe}{kind}") / f"{safe}-{now:%Y%m%d-%H%M%S-%f}"


def _signed(card: Any, now: datetime) -> Any:
    """The card with time and versions."""
    import platform
    from importlib.metadata import version

    import msgspec

    packages = ("torch", "timm", "numpy", "onnxruntime", "hydra-dqm")
    versions = {"python": platform.python_version()}
    for package in packages:
        try:
            versions[package] = version(package)
        except ModuleNotFoundError:  # not installed as a package: a source tree
            continue
    return msgspec.structs.replace(card, made_at=now.isoformat(), versions=versions)
