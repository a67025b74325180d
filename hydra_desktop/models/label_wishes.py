"""What a person wants to see in the labeler, as the server is asked for it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from inference_server.protocol import labelling as p
from inference_server.protocol.messages import TrainingState
from ui.label_side import Asked

PAGE = 200


def request(wishes: Asked, after: str) -> p.GetLabelQueue:
    """A page of the queue; ``after``: where the page before ended."""
    low, high = wishes.confidence
    narrowed = p.LabelFilter(
        run_from=wishes.run_from, run_to=wishes.run_to, said=wishes.said, since=wishes.since,
        until=wishes.until, class_name=wishes.class_name, labeller=wishes.labeller,
        text=wishes.text, confidence_from=low, confidence_to=high,
    )  # fmt: skip
    return p.GetLabelQueue(
        plot_type_ids=wishes.plot_type_ids, queue=p.Queue(wishes.queue), filter=narrowed,
        after=after, limit=PAGE, fold=wishes.fold, by_run=wishes.by_run,
    )  # fmt: skip


def is_reordered(wishes: Asked, training: TrainingState) -> bool:
    """Whether the queue that is shown has another order since this training: it is never moved under the hands.

    A whole network has no features to look again with, but has judged the labels.
    """
    by_model = (
        {p.Queue.SUSPECT} if training.depth == "full" else {p.Queue.SUSPECT, p.Queue.UNCERTAIN}
    )
    made = training.state == "done" and training.model_id is not None
    return made and training.plot_type_id in wishes.plot_type_ids and wishes.queue in by_model


def common(palettes: Sequence[p.Palette]) -> p.Palette:
    """The classes that all these plot types have, with the first one's keys.

    Several plot types are labelled only with what each of them may be called, by those who may label
    all of them; their classes are edited one plot type at a time.
    """
    first = palettes[0]
    shared = set.intersection(*({each.name for each in one.classes} for one in palettes))
    return p.Palette(
        plot_type_id=first.plot_type_id,
        classes=tuple(each for each in first.classes if each.name in shared),
        may_label=all(each.may_label for each in palettes),
        may_edit=len(palettes) == 1 and first.may_edit,
    )
