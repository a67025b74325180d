"""The active models: loaded, checked, and swapped between two batches while the rest goes on."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from db.values import Catalogue, Model
from inference_server.predict import heads
from inference_server.predict.backbone import Backbone, Vectors, trial_pictures
from inference_server.predict.pixels import Pixels
from inference_server.spread import Spread

if TYPE_CHECKING:
    from inference_server.predict.fast import FastNetwork
    from inference_server.predict.whole import WholeNetwork

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Active:
    """The model that judges one plot type now."""

    model_id: int
    judge: heads.Head | WholeNetwork | FastNetwork

    @property
    def size(self) -> int | None:
        """Pixels of its own input; None when it judges the backbone's features."""
        return None if isinstance(self.judge, heads.Head) else self.judge.card.size


@dataclass(frozen=True, slots=True)
class Judgement:
    """Scores of one picture; without a model they are empty."""

    model_id: int | None = None
    scores: Mapping[str, float] | None = None
    anomaly: float | None = None


Kind: TypeAlias = tuple[str, bool]  # plot type, chunked: two kinds of one name may both exist
Shelf: TypeAlias = Mapping[Kind, Active]


class Library:
    """Knows which model judges which plot type; a model that does not load changes nothing."""

    def __init__(self, models_dir: Path, backbone: Backbone, threads: int = 1) -> None:
        self._models_dir = models_dir
        self._threads = threads
        self._backbone = backbone
        self._shelf: dict[Kind, Active] = {}
        self._shadows: dict[Kind, Active] = {}
        self._trial: Vectors | None = None
        self.troubles: tuple[str, ...] = ()  # why a model that should be active is not
        self.loads, self.failures = Spread("load"), 0

    @property
    def shelf(self) -> Shelf:
        """The active models; replaced as a whole."""
        return self._shelf

    @property
    def shadows(self) -> Shelf:
        """The candidates that judge too, on record and without alarms; replaced as a whole."""
        return self._shadows

    def follow(self, catalogue: Catalogue) -> None:
        """Load what became active, forget what is not; the old one stays where the new one fails."""
        models = {model.id: model for model in catalogue.models}
        fresh: dict[Kind, Active] = {}
        troubles = []
        for plot_type in catalogue.plot_types:
            kind = plot_type.name, plot_type.chunked
            old = self._shelf.get(kind)
            if plot_type.model_id is None:
                continue
            try:
                fresh[kind] = self._current(plot_type.model_id, models, old)
            except (heads.HeadError, KeyError) as error:
                troubles.append(_trouble(plot_type.name, error, old))
                if old is not None:
                    fresh[kind] = old
        self._shelf = fresh
        self._shadows, more = self._candidates(catalogue, models)
        self._say((*troubles, *more))

    def _candidates(
        self, catalogue: Catalogue, models: Mapping[int, Model]
    ) -> tuple[dict[Kind, Active], list[str]]:
        """Those in the shadow that can be used, and why others cannot."""
        fresh: dict[Kind, Active] = {}
        troubles = []
        for plot_type in catalogue.plot_types:
            kind, wanted = (plot_type.name, plot_type.chunked), plot_type.shadow_id
            if wanted is None or wanted == plot_type.model_id:
                continue
            try:
                fresh[kind] = self._current(wanted, models, self._shadows.get(kind))
            except (heads.HeadError, KeyError) as error:
                troubles.append(
                    f"Model {wanted}, in the shadow of {plot_type.name}, cannot be used; the verdicts"
                    f" are as before. {_reason(error)}"
                )
        return fresh, troubles

    def _say(self, troubles: tuple[str, ...]) -> None:
        for trouble in set(troubles) - set(self.troubles):
            log.error("%s", trouble)
            self.failures += 1
        self.troubles = troubles

    def _current(self, model_id: int, models: Mapping[int, Model], old: Active | None) -> Active:
        if old is not None and old.model_id == model_id:
            return old
        began = time.perf_counter()
        loaded = self._loaded(model_id, self._models_dir / models[model_id].folder)
        self.loads.add(1e3 * (time.perf_counter() - began))
        return loaded

    def _loaded(self, model_id: int, folder: Path) -> Active:
        card = heads.read_card(folder)
        if card.kind == "network":
            network = self._network(folder, card)
            check(network.scores(trial_pictures(card.size)), len(card.labels))
            knows = network.memory is not None and len(network.memory.mean) == self._backbone.dim
            if card.anomaly_of != self._backbone.id or not knows:
                network.memory = None  # Good pictures as another shared network saw them
            return Active(model_id, network)
        head = heads.load(folder)
        self._check_head(head)
        return Active(model_id, head)

    def _network(self, folder: Path, card: heads.Card) -> WholeNetwork | FastNetwork:
        """In its fast form where there is one for this machine; judging once warms it up."""
        from inference_server.predict import fast

        device = self._backbone.device
        if device == "cpu" and (found := fast.load(folder, card, self._threads)) is not None:
            return found
        from inference_server.predict import whole

        return whole.load(folder, device)

    def _check_head(self, head: heads.Head) -> None:
        """Raise HeadError unless ``head`` judges features of our backbone sensibly."""
        if head.card.backbone != self._backbone.id:
            raise heads.HeadError(
                f"It was trained on features of {head.card.backbone}, this server computes"
                f" {self._backbone.id}. Train it again, or set [backbone] back."
            )
        head.check_width(self._backbone.dim)
        if self._trial is None:
            self._trial = self._backbone.features(trial_pictures(self._backbone.size))
        known = head.weights.references.astype(np.float32)  # real pictures, as features
        for features in (self._trial, known):
            check(head.scores(features), len(head.card.labels))


def check(scores: heads.Floats, classes: int) -> None:
    """Raise HeadError unless ``scores`` (N, classes) are finite and each row sums to 1."""
    if scores.shape[1] != classes or not np.isfinite(scores).all():
        raise heads.HeadError("It gives scores that are not numbers. Train it again.")
    if len(scores) and not np.allclose(scores.sum(axis=1), 1, atol=1e-3):
        raise heads.HeadError("Its class confidences do not sum to 1. Train it again.")


def _trouble(plot_type: str, error: Exception, old: Active | None) -> str:
    kept = "no model judges it" if old is None else f"model {old.model_id} stays in place"
    return f"The active model of {plot_type} cannot be used, {kept}. {_reason(error)}"


def _reason(error: Exception) -> str:
    return "It is not in the catalogue." if isinstance(error, KeyError) else str(error)


def judge(
    shelf: Shelf,
    kinds: Sequence[Kind],
    features: Vectors,
    pictures: Mapping[tuple[int, int], Pixels],
) -> list[Judgement]:
    """The judgement of each picture of a mixed batch: every plot type's model is asked once.

    ``features``: (N, D); ``pictures``: for whole networks, (row, size) to pixels.
    """
    found = [Judgement()] * len(kinds)
    for kind in set(kinds) & set(shelf):
        rows = [row for row, each in enumerate(kinds) if each == kind]
        answers = _ask(shelf[kind], rows, features, pictures)
        for row, judgement in zip(rows, answers, strict=True):
            found[row] = judgement
    return found


def in_shadow(
    shadows: Shelf,
    kinds: Sequence[Kind],
    features: Vectors,
    pictures: Mapping[tuple[int, int], Pixels],
) -> list[Judgement]:
    """Like ``judge``, by the candidates; whatever happens to them, the verdicts go on without."""
    try:
        return judge(shadows, kinds, features, pictures)
    except Exception:  # a candidate's own trouble, whatever it is, must not cost a verdict
        log.exception("a model in the shadow could not judge")
        return [Judgement()] * len(kinds)


def apart(shadows: Shelf) -> tuple[Shelf, Shelf]:
    """Heads, which cost nothing beside the verdict, and whole networks, which are asked after it."""
    heads_only = {kind: each for kind, each in shadows.items() if each.size is None}
    return heads_only, {kind: each for kind, each in shadows.items() if each.size is not None}


def ask_network(active: Active, pictures: Pixels) -> heads.Floats:
    """Scores (N, C) of a whole network for ``pictures`` (N, size, size, 3)."""
    assert not isinstance(active.judge, heads.Head)
    return active.judge.scores(pictures)


def _ask(
    active: Active,
    rows: list[int],
    features: Vectors,
    pictures: Mapping[tuple[int, int], Pixels],
) -> list[Judgement]:
    labels = active.judge.card.labels
    anomalies: heads.Floats = np.full(len(rows), np.nan, np.float32)
    if isinstance(active.judge, heads.Head):
        scores = active.judge.scores(features[rows])
        anomalies = active.judge.anomaly(features[rows])
    else:
        network = active.judge
        scores = network.scores(np.stack([pictures[row, network.card.size] for row in rows]))
        if network.memory is not None:
            anomalies = network.memory.anomaly(features[rows])
    return [
        Judgement(
            active.model_id,
            dict(zip(labels, map(float, row), strict=True)),
            float(anomaly) if np.isfinite(anomaly) else None,
        )
        for row, anomaly in zip(scores, anomalies, strict=True)
    ]
