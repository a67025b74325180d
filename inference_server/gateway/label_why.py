"""Why a picture is in a queue, and what people remarked on it, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from db import label_words
from db.label_words import Remark
from db.queued import Queued
from inference_server.protocol.labelling import Queue


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence, and the newest remark in a few words; empty: there is none."""

    why: str
    remark: str = ""


def told(session: Session, queue: str, found: Sequence[Queued]) -> dict[int, Told]:
    """What is said of these pictures of a queue, by their ids."""
    ids = [each.picture_id for each in found]
    remarks = label_words.remarks(session, ids)
    said = label_words.last_words(session, ids) if queue == Queue.DISPUTED else {}
    return {
        each.picture_id: Told(
            _why(queue, each, said.get(each.picture_id, {}), remarks.get(each.picture_id)),
            _words(remarks[each.picture_id]) if each.picture_id in remarks else "",
        )
        for each in found
    }


def _words(remark: Remark) -> str:
    match remark.kind:
        case "flag":
            return f"{remark.who} flagged it"
        case "unsure":
            return f"{remark.who} was not sure"
    return f"{remark.who}: {remark.comment}"


def _why(queue: str, each: Queued, said: Mapping[str, str], remark: Remark | None) -> str:
    match queue:
        case Queue.UNCONFIRMED:
            threshold = each.thresholds.get(each.said, 1.0)
            return f"{each.said} {each.confidence:.0%} is below its threshold of {threshold:.0%}."
        case Queue.BAD:
            return f"The model said {each.said}, {each.confidence:.0%} sure."
        case Queue.UNCERTAIN:
            best = sorted(each.doubts.items(), key=lambda score: -score[1])[:2]
            return "The best two: " + ", ".join(f"{name} {score:.2f}" for name, score in best) + "."
        case Queue.UNBIASED:
            return "Drawn at random: decide before you look at the verdict."
        case Queue.DISPUTED:
            return " ".join(f"{who} said {name}." for who, name in said.items())
        case Queue.FLAGGED if remark:
            return f"{_words(remark)}."
        case Queue.SUSPECT:
            other = f"{each.suspected} {each.suspicion:.0%}"
            return f"Labelled {each.class_name}, but a model that had not learned from it says {other}."
        case _:
            return f"Labelled {each.class_name}." if each.class_name else "Not labelled yet."
