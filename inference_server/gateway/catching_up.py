"""Before a matrix is counted, the model is asked about pictures that it has not judged."""

from __future__ import annotations

from db import library
from db.session import transaction
from db.values import Model
from inference_server.gateway.answers import Means
from inference_server.gateway.evaluate import Progress, catch_up
from inference_server.protocol.matrix import Source


def caught_up(means: Means, model: Model, source: Source) -> Progress:
    """Ask about what a source lacks, for a while; other sources are complete. Raises DatabaseAway."""
    if source is Source.LABELLED:
        return catch_up(means, model, "replay")
    if source is Source.UNBIASED:
        with transaction(means.sessions) as session:
            in_shadow = library.shadows(session).get(model.plot_type_id) == model.id
        return catch_up(means, model, "shadow") if in_shadow else Progress()
    return Progress()
