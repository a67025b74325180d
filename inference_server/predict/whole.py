"""A whole fine-tuned network as the model of one plot type: where a head is not good enough."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch

from inference_server.predict import networks
from inference_server.predict.heads import (
    MEMORY,
    Card,
    Floats,
    HeadError,
    Memory,
    memory_of,
    read_card,
    read_weights,
    save_model,
    softmax,
)
from inference_server.predict.pixels import Pixels
from inference_server.predict.weights import NetworkError

LARGEST_INPUT = 2_048  # pixels


class WholeNetwork:
    """Pictures (N, card.size, card.size, 3) uint8 to calibrated probabilities (N, C)."""

    def __init__(
        self,
        card: Card,
        module: networks.Classifier,
        device: str = "cpu",
        memory: Memory | None = None,
    ) -> None:
        self.card = card
        self.memory = memory
        self.module = module.eval().to(device)
        self._device = device

    def scores(self, pictures: Pixels) -> Floats:
        """Each row sums to 1."""
        with torch.inference_mode():
            batch = torch.from_numpy(np.ascontiguousarray(pictures)).to(self._device)
            logits = self.module(batch).float().cpu().numpy()
        return softmax(logits / np.float32(self.card.temperature))


def save(folder: Path, card: Card, module: networks.Classifier) -> Card:
    """Write the network as a new ``folder``; the card as written. Raises FileExistsError."""
    tensors = {name: tensor.cpu().numpy() for name, tensor in module.state_dict().items()}
    return save_model(folder, msgspec.structs.replace(card, kind="network"), tensors)


def load(folder: Path, device: str = "cpu") -> WholeNetwork:
    """The network in ``folder``. Raises HeadError: missing, damaged, or weights that do not fit."""
    card = read_card(folder)
    if card.kind != "network":
        raise HeadError(f"The model in {folder} is a {card.kind}, not a network.")
    tensors = read_weights(folder, card)
    memory = memory_of(card, tensors)
    try:
        module = networks.Classifier(card.architecture, len(card.labels))
        module.load_state_dict(_as_torch(_own(tensors)))
    except (RuntimeError, NetworkError) as error:
        raise HeadError(f"The network in {folder} cannot be built: {error}") from error
    return WholeNetwork(card, module, device, memory)


def check_fits(folder: Path, card: Card) -> None:
    """Raise HeadError unless the weights are those of the architecture; costs no memory to speak of.

    A file from elsewhere may name any architecture, the largest one too.
    """
    if not 32 <= card.size <= LARGEST_INPUT:
        raise HeadError(f"Its input of {card.size} pixels is not between 32 and {LARGEST_INPUT}.")
    try:
        with torch.device("meta"):
            expected = networks.Classifier(card.architecture, len(card.labels)).state_dict()
    except NetworkError as error:
        raise HeadError(str(error)) from error
    stored = _own(read_weights(folder, card))
    found = {name: tuple(tensor.shape) for name, tensor in stored.items()}
    if found != {name: tuple(tensor.shape) for name, tensor in expected.items()}:
        raise HeadError(f"Its weights are not those of {card.architecture}.")


def _own(tensors: dict[str, Any]) -> dict[str, Any]:
    """Without what it remembers of Good pictures."""
    return {name: each for name, each in tensors.items() if not name.startswith(MEMORY)}


def _as_torch(tensors: dict[str, Any]) -> dict[str, torch.Tensor]:
    convert: Callable[[Any], torch.Tensor] = torch.from_numpy
    return {name: convert(np.array(tensor)) for name, tensor in tensors.items()}
