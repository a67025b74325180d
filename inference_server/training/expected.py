"""How long a training will take: by what the last ones took here, else by what was measured elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from inference_server.predict.weights import LITE0

LATELY = 5  # trainings whose median counts
ENOUGH = 16  # pictures from which a rate is told

# Seconds, measured on two cores (AVX-512, AMX) at 224 px, of which a training has one: a look at a
# picture, a fit, and a pass; see docs/performance.md.
LOOK_S = 0.012
FIT_S = {"quick": 0.005, "thorough": 0.068}
PASS_S, PASSES = 0.045, 10
LEAST_S = 1.0


@dataclass(frozen=True, slots=True)
class Took:
    """What a training took, as it is kept among the settings of its model."""

    depth: str
    pictures: int
    looked: int  # at how many pictures it had to look
    look_s: float
    train_s: float
    passes: int = 0  # full
    network: str = ""

    def settings(self) -> dict[str, float]:
        """As settings of a model; ``of`` reads them."""
        return {
            "looked": self.looked,
            "look_seconds": round(self.look_s, 2),
            "train_seconds": round(self.train_s, 2),
        }

    @classmethod
    def of(cls, settings: Mapping[str, Any], metrics: Mapping[str, Any]) -> Took | None:
        """None where the training did not note it: it was made elsewhere, or interrupted."""
        found = [settings.get(name) for name in ("looked", "look_seconds", "train_seconds")]
        found += [metrics.get("pictures"), metrics.get("passes", 0)]
        numbers = [float(each) for each in found if isinstance(each, int | float)]
        if len(numbers) < len(found):
            return None
        looked, look_s, train_s, pictures, passes = numbers
        return cls(
            str(settings.get("depth", "quick")), int(pictures), int(looked), look_s, train_s,
            int(passes), str(settings.get("network", "")),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expected:
    """Seconds; ``trainings``: on how many of this server that rests, 0: on none."""

    seconds: float
    trainings: int


def expected(depth: str, pictures: int, unseen: int, past: Sequence[Took]) -> Expected:
    """For a training on ``pictures``, of which ``unseen`` were never looked at; ``past``: newest first."""
    look, _ = _rate(((each.look_s, each.looked) for each in past if each.looked >= ENOUGH), LOOK_S)
    like = [each for each in past if each.depth == depth]
    if depth == "full":
        like = [each for each in like if each.network == LITE0 and each.passes]
        passes = median([each.passes for each in like[:LATELY]] or [PASSES])
        each_s, count = _rate(
            ((each.train_s, each.pictures * each.passes) for each in like), PASS_S
        )
        rest = each_s * passes * pictures
    else:
        each_s, count = _rate(((each.train_s, each.pictures) for each in like), FIT_S[depth])
        rest = each_s * pictures
    return Expected(max(LEAST_S, look * unseen + rest), count)


def _rate(measured: Iterable[tuple[float, int]], otherwise: float) -> tuple[float, int]:
    """Seconds for one picture, and how many trainings say so."""
    found = [seconds / count for seconds, count in measured if count][:LATELY]
    return (median(found), len(found)) if found else (otherwise, 0)
