"""One process of several that fine-tune together, as torchrun starts them; or the only one."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as together
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel


@dataclass(frozen=True, slots=True)
class Ranks:
    """Which of how many processes this is."""

    rank: int = 0
    world: int = 1

    @classmethod
    @contextmanager
    def joined(cls, device: str) -> Iterator[Ranks]:
        """Meet the others that torchrun started; alone without torchrun."""
        world = int(os.environ.get("WORLD_SIZE", "1"))
        if world == 1:
            yield cls()
            return
        together.init_process_group("nccl" if device == "cuda" else "gloo")
        try:
            yield cls(together.get_rank(), world)
        finally:
            together.destroy_process_group()

    @property
    def first(self) -> bool:
        """Whether this one writes and speaks for all."""
        return self.rank == 0

    def device(self, kind: str) -> torch.device:
        """The GPU of this process, or the CPU."""
        if kind != "cuda":
            return torch.device("cpu")
        place = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(place)
        return place

    def share(self, rows: Sequence[int], batch: int) -> Sequence[int]:
        """This process's part of ``rows``: all get equally many, or they would wait for each other."""
        if self.world == 1:
            return _without_single(rows, batch)
        each = len(rows) // self.world
        return _without_single(rows[self.rank : each * self.world : self.world], batch)

    def steps(self, count: int, batch: int) -> int:
        """How many steps ``count`` pictures make in each process."""
        return math.ceil(len(self.share(range(count), batch)) / batch)

    def wrap(self, network: nn.Module) -> nn.Module:
        """``network``, whose gradients are then the mean over all processes."""
        return network if self.world == 1 else DistributedDataParallel(network)

    def sum(self, values: Tensor) -> Tensor:
        """``values`` of all processes added up, on each."""
        if self.world == 1:
            return values
        place = torch.device("cuda") if together.get_backend() == "nccl" else torch.device("cpu")
        added = values.to(place)
        together.all_reduce(added)
        return added.cpu()

    def mean(self, value: Tensor) -> float:
        """The mean over all processes."""
        return float(self.sum(value)) / self.world


def _without_single(rows: Sequence[int], batch: int) -> Sequence[int]:
    """A last batch of one picture has no spread, and batch normalisation refuses it."""
    return rows[:-1] if len(rows) > 1 and len(rows) % batch == 1 else rows
