"""Which pictures are kept and collected for labelling: decisions that a replay repeats exactly."""

from __future__ import annotations

import hashlib

from inference_server.keeper.judge import NO_MODEL, Judgement
from inference_server.protocol.messages import Severity


def drawn(picture_hash: str, fraction: float, purpose: str) -> bool:
    """Whether a picture is in a random sample of size ``fraction`` (0..1).

    The draw is a hash of the picture's hash, so it has nothing to do with what the picture shows,
    and comes out the same on every try; ``purpose`` makes samples independent of each other.
    """
    digest = hashlib.blake2b(f"{purpose}:{picture_hash}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < fraction * 2**64


def collected_as(judgement: Judgement, severity: Severity, unbiased: bool) -> str | None:
    """Why a picture waits to be labelled: "unbiased", "bad", "unconfirmed"; None: it does not.

    The unbiased draw comes first: only those give an honest accuracy, so it must not lose its Bad.
    """
    if unbiased:
        return "unbiased"
    if judgement.label == NO_MODEL:
        return None
    if not judgement.confirmed:
        return "unconfirmed"
    return "bad" if severity is Severity.BAD else None


def is_kept(rule: str, collected: str | None, picture_hash: str, sample_fraction: float) -> bool:
    """Whether the picture's file goes to the store, by the rule of the settings (``Store.keep``)."""
    if rule == "all" or collected is not None:
        return True
    return rule == "sampled" and drawn(picture_hash, sample_fraction, "keep")
