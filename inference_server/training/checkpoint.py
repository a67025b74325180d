"""What a fine-tuning keeps on disk: the best network so far, and where it stands between two passes."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from inference_server.training import plan
from inference_server.training.plan import Point


class State(msgspec.Struct, kw_only=True):
    """Where a fine-tuning stands between two passes."""

    epoch: int = 0  # passes done
    best_loss: float = math.inf
    waited: int = 0  # passes since the best one
    points: tuple[Point, ...] = ()


def tensors(prefix: str, network: nn.Module) -> dict[str, Tensor]:
    """The numbers of a network, to be saved beside others."""
    return {f"{prefix}{name}": tensor for name, tensor in network.state_dict().items()}


def of(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """What was saved under ``prefix``."""
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def save(path: Path, tensors: dict[str, Tensor], state: State) -> None:
    """Whole or not at all: the process may be killed at any moment."""
    part = path.with_name(f".{path.name}")
    cpu = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    save_file(cpu, part, {"state": msgspec.json.encode(state).decode()})
    part.replace(path)


def state_of(path: Path) -> State:
    """Where the fine-tuning stood when it wrote ``path``."""
    with safe_open(path, "pt") as file:
        return msgspec.json.decode(file.metadata()["state"], type=State)


def best(folder: Path) -> tuple[dict[str, Tensor], Tensor, tuple[Point, ...]] | None:
    """Weights, validation logits (V, C) and curve of the best network so far, if there is one."""
    path = folder / plan.BEST
    if not path.exists():
        return None
    tensors = load_file(path)
    curves = [state_of(each).points for each in (path, folder / plan.LAST) if each.exists()]
    return of("average.", tensors), tensors["logits"], max(curves, key=len)
