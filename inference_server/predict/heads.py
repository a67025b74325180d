"""A head turns backbone features into calibrated class probabilities and a distance to Good.

On disk it is a folder: ``weights.safetensors`` and the ``card.json`` that says what they mean and
carries their checksum. numpy only: predict and the tests of its rules need no torch.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec
import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as tensors_from
from safetensors.numpy import save as tensors_to

Floats: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float32]]

CARD_VERSION = 1
WEIGHTS, CARD = "weights.safetensors", "card.json"
MEMORY = "anomaly."  # starts the names of what a whole network remembers of Good pictures
_ORIGIN = 1e-6  # a spread below this is that of a feature that never changes


class HeadError(ValueError):
    """The model in a folder cannot be used; the message names the cause and the next step."""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What a set of weights means. Saved as JSON beside them; never guessed."""

    version: int = CARD_VERSION
    kind: Literal["head", "network"] = "head"
    plot_type: str
    labels: tuple[str, ...]
    backbone: str  # features it was fitted on, "efficientnet_lite0@224"; for a network: its input
    architecture: str = ""  # of a whole network
    size: int = 0  # pixels, of a whole network
    temperature: float = 1.0
    anomaly_scale: float = 0.0  # distance that counts as 1.0; 0: not enough Good ones to say
    thresholds: dict[
        str, float
    ] = {}  # as suggested by the training; those in force are in the database
    metrics: dict[str, Any] = {}
    versions: dict[str, str] = {}
    seed: int = 0
    made_at: str = ""  # ISO 8601, UTC
    sha256: str = ""  # of the weights file
    anomaly_of: str = ""  # of a network: the shared network whose features its memory holds


@dataclass(frozen=True, slots=True)
class Weights:
    """The numbers of a head: D features, C classes, R remembered Good pictures."""

    mean: Floats  # (D,)
    spread: Floats  # (D,)
    matrix: Floats  # (C, D)
    bias: Floats  # (C,)
    references: np.ndarray[tuple[int, ...], np.dtype[np.float16]]  # (R, D) features as they were


class Memory:
    """Good pictures as features, and how far from them is far."""

    def __init__(self, mean: Floats, spread: Floats, references: np.ndarray, scale: float) -> None:
        self.mean, self.spread, self.references, self.scale = mean, spread, references, scale
        self._factor: Floats = (1 / np.maximum(spread, _ORIGIN)).astype(np.float32)
        self._remembered = self.standard(references.astype(np.float32))
        self._squares = np.square(self._remembered).sum(axis=1)

    def anomaly(self, features: Floats) -> Floats:
        """(N, D) to distances (N,) from the nearest remembered Good picture.

        1.0 is how far 99 of 100 Good pictures are at most from Good ones of other runs. NaN without
        enough Good pictures.
        """
        if not self.scale:
            return np.full(len(features), np.nan, np.float32)
        nearest: Floats = self.distances(features).min(axis=1)
        return nearest / np.float32(self.scale)

    def distances(self, features: Floats) -> Floats:
        """(N, D) to distances (N, R) from each remembered picture, per feature, before scaling."""
        own = self.standard(features)
        squares = np.square(own).sum(axis=1, keepdims=True) - 2 * own @ self._remembered.T
        found: Floats = np.sqrt(np.maximum(squares + self._squares, 0) / own.shape[1])
        return found

    def standard(self, features: Floats) -> Floats:
        """(N, D) in units of their spread, around their mean."""
        found: Floats = (features - self.mean) * self._factor
        return found

    def tensors(self) -> dict[str, Any]:
        """As stored beside the weights of a whole network."""
        return {
            f"{MEMORY}mean": self.mean,
            f"{MEMORY}spread": self.spread,
            f"{MEMORY}references": self.references,
        }


class Head:
    """One plot type's judgement on features of its backbone."""

    def __init__(self, card: Card, weights: Weights) -> None:
        self.card = card
        self.weights = weights
        self.memory = Memory(weights.mean, weights.spread, weights.references, card.anomaly_scale)

    def check_width(self, dim: int) -> None:
        """Raise HeadError unless this head judges features of ``dim`` numbers."""
        if len(self.weights.mean) != dim:
            raise HeadError(
                f"It judges {len(self.weights.mean)} features, {self.card.backbone} has {dim}. Train"
                " it again."
            )

    def logits(self, features: Floats) -> Floats:
        """(N, D) to (N, C), before the temperature."""
        standard = self.memory.standard(features)
        found: Floats = standard @ self.weights.matrix.T + self.weights.bias
        return found

    def scores(self, features: Floats) -> Floats:
        """(N, D) to calibrated probabilities (N, C), each row summing to 1."""
        return softmax(self.logits(features) / np.float32(self.card.temperature))

    def anomaly(self, features: Floats) -> Floats:
        """(N, D) to distances (N,) from what is remembered; see ``Memory.anomaly``."""
        return self.memory.anomaly(features)

    def distances(self, features: Floats) -> Floats:
        """(N, D) to distances (N, R); see ``Memory.distances``."""
        return self.memory.distances(features)


def softmax(logits: np.ndarray) -> Floats:
    """(N, C) to probabilities, without overflow."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: Floats = powers / powers.sum(axis=1, keepdims=True)
    return found


def save(folder: Path, head: Head) -> Card:
    """Write the head as a new ``folder``, whole or not at all; the card as written."""
    return save_model(folder, head.card, tensors_of(head))


def tensors_of(head: Head) -> dict[str, Any]:
    """The numbers of a head by name, as they are stored."""
    weights = head.weights
    return {
        "mean": weights.mean,
        "spread": weights.spread,
        "matrix": weights.matrix,
        "bias": weights.bias,
        "references": weights.references,
    }


def save_model(folder: Path, card: Card, tensors: dict[str, Any]) -> Card:
    """Write any kind of model as a new ``folder``. Raises FileExistsError: models are never changed."""
    if folder.exists():
        raise FileExistsError(f"{folder} exists, and a model is never changed once it is written.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    data = tensors_to({name: np.asarray(tensor, order="C") for name, tensor in tensors.items()})
    card = msgspec.structs.replace(card, sha256=hashlib.sha256(data).hexdigest())
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        (part / WEIGHTS).write_bytes(data)
        (part / CARD).write_bytes(msgspec.json.format(msgspec.json.encode(card)))
        part.chmod(0o755)
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return card


def load(folder: Path) -> Head:
    """The head in ``folder``.

    Raises HeadError: missing, damaged, of a newer version, or not a head.
    """
    card = read_card(folder)
    if card.kind != "head":
        raise HeadError(f"The model in {folder} is a {card.kind}, not a head.")
    tensors = read_weights(folder, card)
    try:
        weights = Weights(**tensors)
    except TypeError as error:
        raise HeadError(f"{folder / WEIGHTS} holds other tensors than a head has.") from error
    _check_shapes(folder, card, weights)
    return Head(card, weights)


def read_card(folder: Path) -> Card:
    """What the model in ``folder`` is. Raises HeadError."""
    try:
        card = msgspec.json.decode((folder / CARD).read_bytes(), type=Card)
    except OSError as error:
        raise HeadError(
            f"{folder / CARD} cannot be read: {error.strerror}. Restore the folder or activate"
            " another model."
        ) from error
    except msgspec.MsgspecError as error:
        raise HeadError(f"{folder / CARD} is damaged: {error}. Activate another model.") from error
    if card.version > CARD_VERSION:
        raise HeadError(
            f"The model in {folder} has format {card.version}, this server reads up to"
            f" {CARD_VERSION}. Update the server."
        )
    return card


def read_weights(folder: Path, card: Card) -> dict[str, Any]:
    """The tensors beside ``card``, checked against it. Raises HeadError."""
    try:
        data = (folder / WEIGHTS).read_bytes()
    except OSError as error:
        raise HeadError(
            f"{folder / WEIGHTS} cannot be read: {error.strerror}. Activate another model."
        ) from error
    if hashlib.sha256(data).hexdigest() != card.sha256:
        raise HeadError(
            f"{folder / WEIGHTS} is not what its card describes (checksum). Restore the folder or"
            " activate another model."
        )
    try:
        tensors: dict[str, Any] = tensors_from(data)
    except SafetensorError as error:
        raise HeadError(f"{folder / WEIGHTS} is damaged: {error}.") from error
    return tensors


def memory_of(card: Card, tensors: dict[str, Any]) -> Memory | None:
    """What the whole network ``card`` remembers of Good pictures. Raises HeadError: odd shapes."""
    if not card.anomaly_of:
        return None
    try:
        mean, spread, references = (
            tensors[f"{MEMORY}{name}"] for name in ("mean", "spread", "references")
        )
    except KeyError as error:
        raise HeadError(f"The network lacks {error.args[0]}, which its card tells of.") from error
    if mean.ndim != 1 or mean.shape != spread.shape or references.shape[1:] != mean.shape:
        raise HeadError("What the network remembers of Good pictures does not fit together.")
    return Memory(mean, spread, references, card.anomaly_scale)


def _check_shapes(folder: Path, card: Card, weights: Weights) -> None:
    classes, dim = len(card.labels), weights.mean.shape[0]
    expected = (dim,), (dim,), (classes, dim), (classes,)
    found = tuple(
        tensor.shape for tensor in (weights.mean, weights.spread, weights.matrix, weights.bias)
    )
    if found != expected or weights.references.ndim != 2 or weights.references.shape[1] != dim:
        raise HeadError(f"The tensors in {folder} do not fit the {classes} classes of its card.")
