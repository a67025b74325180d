"""A whole network as ONNX Runtime runs it on a CPU: the same scores, several times as fast, no torch.

The file beside the weights is made once, when the model is stored, and only kept where it computes the
same; a site that lost it, or has a GPU, uses torch.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from inference_server.predict import export
from inference_server.predict.backbone import trial_pictures
from inference_server.predict.heads import Card, Floats, Memory, memory_of, read_weights, softmax
from inference_server.predict.pixels import Pixels

if TYPE_CHECKING:
    from inference_server.predict.whole import WholeNetwork

log = logging.getLogger(__name__)

GRAPH, NOTE = "network.onnx", "network.json"
CLOSE = 2e-3  # largest difference of a confidence that counts as equal


class _Note(msgspec.Struct, frozen=True):
    sha256: str
    difference: float


class FastNetwork:
    """Pictures (N, card.size, card.size, 3) uint8 to calibrated probabilities (N, C)."""

    def __init__(self, card: Card, forward: export.Session, memory: Memory | None = None) -> None:
        self.card = card
        self.memory = memory
        self._forward = forward

    def scores(self, pictures: Pixels) -> Floats:
        """Each row sums to 1."""
        logits = self._forward(np.ascontiguousarray(pictures))
        return softmax(logits / np.float32(self.card.temperature))

    def interrupt(self) -> None:
        """Have the ``scores`` that are under way raise; from any thread."""
        self._forward.interrupt()


def make(folder: Path, network: WholeNetwork) -> bool:
    """Write the fast form of the model in ``folder``; False where it would not compute the same."""
    graph = folder / GRAPH
    try:
        export.export(network.module, network.card.size, graph, "logits")
        fast = FastNetwork(network.card, export.session(graph, 1))
        pictures = trial_pictures(network.card.size)
        difference = float(np.abs(fast.scores(pictures) - network.scores(pictures)).max())
    except Exception as error:  # whatever the exporter cannot do: torch judges instead
        log.warning("%s has no fast form", folder, exc_info=error)
        difference = np.inf
    if not difference <= CLOSE:
        graph.unlink(missing_ok=True)
        return False
    note = _Note(hashlib.sha256(graph.read_bytes()).hexdigest(), difference)
    export.replace(folder / NOTE, msgspec.json.encode(note))
    return True


def load(folder: Path, card: Card, threads: int) -> FastNetwork | None:
    """The fast form of the model in ``folder``, where there is one that is as it was made.

    Raises HeadError: the weights beside it are missing or damaged.
    """
    try:
        note = msgspec.json.decode((folder / NOTE).read_bytes(), type=_Note)
        data = (folder / GRAPH).read_bytes()
    except (OSError, msgspec.MsgspecError):
        return None
    if hashlib.sha256(data).hexdigest() != note.sha256:
        log.warning("%s is not as it was made; torch judges instead", folder / GRAPH)
        return None
    memory = memory_of(card, read_weights(folder, card))
    return FastNetwork(card, export.session(folder / GRAPH, threads), memory)
