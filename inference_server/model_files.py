"""A model as one file: to keep, to hand to another site, to bring back.

A zip archive of three members, none of them compressed: the safetensors weights, the card that says
what they mean, and a note with everything else that is known, with the checksums of both. Whatever
comes in is checked whole before any of it is stored, as if an enemy had made it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from sqlalchemy.orm import Session, sessionmaker

from db import catalogue, models
from db.session import transaction
from db.values import Model, NewModel, PlotType
from inference_server.config import Config
from inference_server.predict import heads
from inference_server.predict.backbone import identity, load_backbone, trial_pictures
from inference_server.predict.heads import CARD, WEIGHTS, Card, HeadError
from inference_server.predict.library import check
from inference_server.training.outcome import folder_for

FORMAT = 1
NOTE = "hydra-model.json"
MEMBERS = {NOTE, CARD, WEIGHTS}
LARGEST = {NOTE: 4_000_000, CARD: 4_000_000, WEIGHTS: 4_000_000_000}  # bytes
_BLOCK = 1 << 20
_MOST_CLASSES, _LONGEST = 500, 190
SEVERITIES = Literal["good", "warning", "bad", "neutral"]


class ModelFileError(ValueError):
    """The file cannot be used; the message names the cause and the next step."""


class _Class(msgspec.Struct, frozen=True):
    name: str
    severity: SEVERITIES
    colour: str = ""


class _Note(msgspec.Struct, frozen=True, kw_only=True):
    """What the card does not say."""

    format: int
    plot_type: str
    chunked: bool
    classes: tuple[_Class, ...]
    name: str
    who: str
    why: str
    created_at: datetime
    merged: bool
    thresholds: dict[str, float]
    settings: dict[str, Any]
    metrics: dict[str, Any]
    versions: dict[str, Any]
    curves: dict[str, Any]
    sha256: dict[str, str]


def write(config: Config, sessions: sessionmaker[Session], model_id: int, path: Path) -> None:
    """Write a model to ``path``, whole or not at all. Raises KeyError, HeadError, OSError."""
    model, plot_type = _known(sessions, model_id)
    folder = config.models_dir / model.folder
    heads.read_weights(folder, heads.read_card(folder))  # nothing damaged leaves the house
    parts = {name: folder / name for name in (CARD, WEIGHTS)}
    note = _note(model, plot_type, {name: _sha256(part) for name, part in parts.items()})
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(fresh, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(NOTE, msgspec.json.format(msgspec.json.encode(note)))
            for name, part in parts.items():
                archive.write(part, name)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _known(sessions: sessionmaker[Session], model_id: int) -> tuple[Model, PlotType]:
    with transaction(sessions) as session:
        found = models.load(session, [model_id])
        kinds = {each.id: each for each in catalogue.load(session).plot_types}
    if not found:
        raise KeyError(f"there is no model {model_id}")
    return found[0], kinds[found[0].plot_type_id]


def _note(model: Model, plot_type: PlotType, sums: dict[str, str]) -> _Note:
    return _Note(
        format=FORMAT,
        plot_type=plot_type.name,
        chunked=plot_type.chunked,
        classes=tuple(
            _Class(each.name, msgspec.convert(each.severity, SEVERITIES), each.colour)
            for each in plot_type.classes
        ),
        name=model.name,
        who=model.who,
        why=model.why,
        created_at=model.created_at,
        merged=model.merged,
        thresholds=model.thresholds,
        settings=model.settings,
        metrics=model.metrics,
        versions=model.versions,
        curves=model.curves,
        sha256=sums,
    )


def read(config: Config, sessions: sessionmaker[Session], path: Path, *, who: str) -> int:
    """Take in the model in ``path``; its id. It is registered and not live.

    The plot type is made where it is unknown. Raises ModelFileError, DatabaseAway, OSError.
    """
    with _unpacked(config, path) as folder:
        note, card = _checked(config, folder, path)
        plot_type = _plot_type(sessions, note, who)
        place = folder_for(plot_type, datetime.now(UTC))
        (config.models_dir / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / NOTE).unlink()
        folder.chmod(0o755)
        folder.rename(config.models_dir / place)
    if card.kind == "network":
        from inference_server.predict import fast, whole

        fast.make(config.models_dir / place, whole.load(config.models_dir / place))
    new = NewModel(
        plot_type_id=plot_type.id,
        name=place.name,
        folder=str(place),
        kind=card.kind,
        who=who,
        why=f"Imported from {path.name}: {note.name} of {note.who}.",
        backbone=card.backbone,
        labels=card.labels,
        seed=card.seed,
        thresholds=note.thresholds,
        method="import",
        merged=note.merged,
        settings=note.settings,
        metrics=note.metrics,
        versions=note.versions,
        curves=note.curves,
    )
    with transaction(sessions) as session:
        return models.add(session, new)


@contextmanager
def _unpacked(config: Config, path: Path) -> Iterator[Path]:
    """The members in a directory of their own, which is gone afterwards. Raises ModelFileError."""
    config.models_dir.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".import-", dir=config.models_dir))
    try:
        with zipfile.ZipFile(path) as archive:
            for member in _members(path, archive):
                with archive.open(member) as source, (folder / member.filename).open("wb") as out:
                    shutil.copyfileobj(source, out, _BLOCK)
        yield folder
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise ModelFileError(
            f"{path.name} is no model file, or it is damaged or cut short: {error}. Copy it again."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _members(path: Path, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The three members, if it is these three and nothing of them can surprise."""
    found = archive.infolist()
    names = [each.filename for each in found]
    if sorted(names) != sorted(MEMBERS):
        raise ModelFileError(
            f"{path.name} is no model file: it holds {', '.join(names[:5]) or 'nothing'} where"
            f" {', '.join(sorted(MEMBERS))} are expected."
        )
    for each in found:
        # Stored members are as large as they look: nothing can unfold to fill the disk.
        if each.compress_type != zipfile.ZIP_STORED or each.flag_bits & 1:
            raise ModelFileError(
                f"{each.filename} in {path.name} is compressed or encrypted; models are not."
            )
        if each.file_size > LARGEST[each.filename]:
            raise ModelFileError(
                f"{each.filename} in {path.name} is too large ({each.file_size / 1e6:.0f} MB)."
            )
    return found


def _checked(config: Config, folder: Path, path: Path) -> tuple[_Note, Card]:
    """Note and card of what is in ``folder``, after everything about it was tried."""
    try:
        note = msgspec.json.decode((folder / NOTE).read_bytes(), type=_Note)
        if note.format > FORMAT:
            raise ModelFileError(
                f"{path.name} has format {note.format}, this server reads up to {FORMAT}. Update"
                " the server."
            )
        if any(note.sha256.get(name) != _sha256(folder / name) for name in (CARD, WEIGHTS)):
            raise ModelFileError(f"{path.name} was changed since it was written (checksum).")
        card = heads.read_card(folder)
        _check_words(path, note, card)
        _try(config, folder, card)
    except (msgspec.MsgspecError, HeadError, RecursionError) as error:
        raise ModelFileError(f"The model in {path.name} cannot be used: {error}") from error
    return note, card


def _check_words(path: Path, note: _Note, card: Card) -> None:
    """Names fit the database, classes the thresholds."""
    names = [
        note.plot_type,
        note.name,
        note.who,
        *card.labels,
        *(each.name for each in note.classes),
    ]
    odd = [name for name in names if not _is_name(name)]
    if odd or len(card.labels) > _MOST_CLASSES:
        raise ModelFileError(f"{path.name} has names that cannot be used: {odd[:1]!r}.")
    if note.plot_type != card.plot_type or len(set(card.labels)) != len(card.labels):
        raise ModelFileError(f"The parts of {path.name} do not belong together.")
    if not set(card.labels) <= {each.name for each in note.classes}:
        raise ModelFileError(f"{path.name} does not say what all of its classes mean.")
    fine = set(note.thresholds) == set(card.labels) and all(
        0 <= value <= 1 for value in note.thresholds.values()
    )
    if not fine:
        raise ModelFileError(f"The thresholds in {path.name} do not fit its classes.")


def _is_name(name: str) -> bool:
    return 0 < len(name) <= _LONGEST and name.isprintable()


def _try(config: Config, folder: Path, card: Card) -> None:
    """Load the model and let it judge something. Raises HeadError."""
    if not (np.isfinite(card.temperature) and card.temperature > 0):
        raise HeadError("Its temperature is no positive number.")
    if card.kind == "network":
        from inference_server.predict import whole

        whole.check_fits(folder, card)
        network = whole.load(folder)
        check(network.scores(trial_pictures(card.size)), len(card.labels))
        return
    if card.backbone != identity(config.backbone):
        raise HeadError(
            f"It was trained on features of {card.backbone}, this server computes"
            f" {identity(config.backbone)}."
        )
    head = heads.load(folder)
    backbone = load_backbone(config.backbone, config.backbones_dir, 1)
    head.check_width(backbone.dim)
    features = backbone.features(trial_pictures(backbone.size))
    check(head.scores(features), len(card.labels))


def _plot_type(sessions: sessionmaker[Session], note: _Note, who: str) -> PlotType:
    """The plot type of the model, with all the classes that the model needs."""
    with transaction(sessions) as session:
        for each in note.classes:
            catalogue.ensure_class(session, each.name, each.severity, each.colour, who=who)
        plot_type_id = catalogue.register(session, note.plot_type, note.chunked, who=who)
        held = {each.id: each for each in catalogue.load(session).plot_types}[plot_type_id]
        present = [each.name for each in held.classes]
        added = [each.name for each in note.classes if each.name not in present]
        if added:
            catalogue.set_classes(session, plot_type_id, [*present, *added], who=who)
        return {each.id: each for each in catalogue.load(session).plot_types}[plot_type_id]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
