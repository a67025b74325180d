"""A model as one torch network, from pictures to calibrated confidences: to be exported or explained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from inference_server import config as settings
from inference_server.predict import heads, networks, whole
from inference_server.predict.backbone import identity
from inference_server.predict.heads import Card, Head, HeadError


class Joined(nn.Module):
    """(N, size, size, 3) uint8 to confidences (N, C), each row summing to 1."""

    def __init__(self, logits: nn.Module, temperature: float) -> None:
        super().__init__()
        self.logits = logits
        self.temperature = temperature

    def forward(self, pictures: Tensor) -> Tensor:
        found: Tensor = torch.softmax(self.logits(pictures) / self.temperature, dim=1)
        return found


class Judging(nn.Module):
    """Backbone and head together: (N, size, size, 3) uint8 to logits (N, C)."""

    def __init__(self, features: networks.Features, head: Head) -> None:
        super().__init__()
        self.features = features
        factor = (1 / np.maximum(head.weights.spread, 1e-6)).astype(np.float32)
        self.register_buffer("mean", torch.from_numpy(head.weights.mean.astype(np.float32)))
        self.register_buffer("factor", torch.from_numpy(factor))
        self.register_buffer("matrix", torch.from_numpy(head.weights.matrix.T.copy()))
        self.register_buffer("bias", torch.from_numpy(head.weights.bias.copy()))

    mean: Tensor
    factor: Tensor
    matrix: Tensor
    bias: Tensor

    def forward(self, pictures: Tensor) -> Tensor:
        standard = (self.features(pictures) - self.mean) * self.factor
        logits: Tensor = standard @ self.matrix + self.bias
        return logits


def join(backbone: settings.Backbone, folder: Path) -> tuple[Card, Joined, int]:
    """The model in ``folder`` with its card and the pixels of its input. Raises HeadError, NetworkError."""
    card = heads.read_card(folder)
    if card.kind == "network":
        network = whole.load(folder)
        return card, Joined(network.module, card.temperature).eval(), card.size
    if card.backbone != identity(backbone):
        raise HeadError(
            f"It was trained on features of {card.backbone}, this server computes"
            f" {identity(backbone)}. Set [backbone] back, or train it again."
        )
    features = networks.features(backbone.name, backbone.size, backbone.weights)
    judging = Judging(features, heads.load(folder))
    return card, Joined(judging, card.temperature).eval(), backbone.size
