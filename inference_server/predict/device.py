"""What a predict worker computes on, in words and figures for the status page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Memory(NamedTuple):
    """Bytes of a graphics card, as all programs on it use them."""

    used: int
    total: int


@dataclass(frozen=True, slots=True)
class Device:
    """``kind`` is torch's word for it ("cpu", "cuda:1"), ``name`` the one for people."""

    kind: str
    name: str

    @staticmethod
    def of(kind: str) -> Device:
        """The device that a backbone was placed on."""
        if kind == "cpu":
            return Device(kind, "cpu")
        import torch

        return Device(kind, torch.cuda.get_device_name(torch.device(kind)))

    def memory(self) -> Memory | None:
        """How full it is; None on the processor."""
        if self.kind == "cpu":
            return None
        import torch

        free, total = torch.cuda.mem_get_info(torch.device(self.kind))
        return Memory(total - free, total)
