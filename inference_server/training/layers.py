"""The parameters of a network by depth: what learns slower, what is not pulled to zero, what stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import nn

from inference_server.training.recipe import STAGES


def groups(network: nn.Module, rate: float, decay: float) -> list[dict[str, Any]]:
    """Parameters by depth: what is near the picture learns slower by ``decay`` for each stage.

    Biases and scales (one dimension) are not pulled to zero.
    """
    found: dict[tuple[int, bool], dict[str, Any]] = {}
    for stage, parameter in _stages(network):
        if not parameter.requires_grad:
            continue
        flat = parameter.ndim < 2
        group = found.setdefault((stage, flat), {"params": [], "lr": 0.0})
        group["params"].append(parameter)
        group["full_rate"] = rate * decay ** (STAGES - 1 - stage)
        if flat:
            group["weight_decay"] = 0.0
    return list(found.values())


def staged(network: nn.Module, stages: range) -> list[nn.Parameter]:
    """The parameters of some of the STAGES, the first of which is nearest to the picture."""
    return [parameter for stage, parameter in _stages(network) if stage in stages]


def _stages(network: nn.Module) -> Iterator[tuple[int, nn.Parameter]]:
    parameters = list(network.parameters())
    for number, parameter in enumerate(parameters):
        yield min(STAGES - 1, STAGES * number // max(1, len(parameters) - 2)), parameter
