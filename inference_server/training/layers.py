"""The parameters of a network by depth: what learns slower, what is not pulled to zero, what stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from torch import nn

from inference_server.training.recipe import STAGES

SETTLED = 0.1  # of its learning rate that a layer of classes has which is fitted already


def groups(
    network: nn.Module, rate: float, decay: float, settled: Sequence[nn.Parameter] = ()
) -> list[dict[str, Any]]:
    """Parameters by depth: what is near the picture learns slower by ``decay`` for each stage.

    Biases and scales (one dimension) are not pulled to zero. ``settled`` ones learn slowly: Adam moves
    each of thousands of weights by the same step, which turns a fitted layer over in a few steps.
    """
    calm = {id(each) for each in settled}
    found: dict[tuple[int, bool, bool], dict[str, Any]] = {}
    for stage, parameter in _stages(network):
        if not parameter.requires_grad:
            continue
        flat, slow = parameter.ndim < 2, id(parameter) in calm
        group = found.setdefault((stage, flat, slow), {"params": [], "lr": 0.0})
        group["params"].append(parameter)
        group["full_rate"] = rate * decay ** (STAGES - 1 - stage) * (SETTLED if slow else 1.0)
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
