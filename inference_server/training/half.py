"""Sixteen bits instead of thirty-two, where a device computes faster with them."""

from __future__ import annotations

from types import MethodType

import torch
from torch import Tensor, nn


def pays_on(device: torch.device) -> bool:
    """Whether the device multiplies matrices of 16 bits in hardware: GPUs, CPUs with AMX or bfloat16."""
    if device.type != "cpu":
        return True
    able = torch.cpu.get_capabilities()
    return bool(able.get("amx_bf16") or able.get("avx512_bf16"))


def kind(device: torch.device) -> torch.dtype:
    """bfloat16, whose range needs no scaling of the loss; float16 on GPUs that lack it."""
    lacks = device.type == "cuda" and not torch.cuda.is_bf16_supported()
    return torch.float16 if lacks else torch.bfloat16


def keep_whole(network: nn.Module, device: torch.device) -> None:
    """Leave depthwise convolutions at 32 bits on a CPU.

    Their gradients in bfloat16 are computed by a reference loop, 78 ms a picture for
    EfficientNet-Lite0 in place of 45; with this it is 36.
    """
    if device.type != "cpu":
        return
    for module in network.modules():
        if isinstance(module, nn.Conv2d) and module.groups > 1:
            # A method of the module and no closure: a copy of the network has its own weights.
            module.forward = MethodType(_whole, module)  # type: ignore[method-assign]


def _whole(module: nn.Conv2d, planes: Tensor) -> Tensor:
    with torch.autocast("cpu", enabled=False):
        found: Tensor = type(module).forward(module, planes.float())
    return found
