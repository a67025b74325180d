"""What candidates in the shadow say after the verdict, as the database keeps it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from db.afterthoughts import Late
from db.values import PlotType
from inference_server.messages import Afterthought


def usable(
    said: Collection[Afterthought], plot_types: Mapping[tuple[str, bool], PlotType]
) -> list[Late]:
    """Of plot types that the database knows, and with confidences that are numbers."""
    return [
        Late(_named(each, plot_types[each.frame.plot_type, each.frame.chunked].id),
             each.model_id, each.scores)
        for each in said
        if (each.frame.plot_type, each.frame.chunked) in plot_types
        and all(map(math.isfinite, each.scores.values()))
    ]  # fmt: skip


def _named(said: Afterthought, plot_type_id: int) -> tuple[int, str, int, int, str]:
    frame = said.frame
    return plot_type_id, frame.run_period, frame.run, frame.chunk, frame.picture_hash
