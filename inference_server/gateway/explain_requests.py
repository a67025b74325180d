"""Heat maps: given at once where they are made, else asked for."""

from __future__ import annotations

from db import heatmaps
from db.session import transaction
from inference_server.gateway.answers import Handlers, Means, Result
from inference_server.messages import ExplainJob
from inference_server.protocol.explain import GetHeatmap, Heatmap
from inference_server.protocol.messages import Refused
from inference_server.store import PictureStore


def handlers(means: Means) -> Handlers:
    """The handlers of this subject."""
    maps = PictureStore(means.config.heatmaps_dir, durable=False)
    return {GetHeatmap: lambda request, _who: _heatmap(means, maps, request)}


def _heatmap(means: Means, maps: PictureStore, request: GetHeatmap) -> Result:
    with transaction(means.sessions) as session:
        subject = heatmaps.subject(
            session, request.picture_hash, request.class_name, request.plot_type_id
        )
        file_hash = heatmaps.file_of(session, subject)
    blob = maps.read(file_hash, "png") if file_hash else None
    reply = Heatmap(
        picture_hash=subject.picture_hash,
        class_name=subject.class_name,
        model_id=subject.model_id,
        made=blob is not None,
    )
    if blob is not None:
        return Result(reply, (blob,))
    if not subject.stored:
        return Result(
            Refused(
                code="not-found",
                sentence="This picture was not kept, so nobody can look again.",
                next_step="The settings [store] say what is kept.",
            )
        )
    job = ExplainJob(
        picture_hash=subject.picture_hash,
        class_name=subject.class_name,
        plot_type_id=request.plot_type_id,
    )
    return Result(reply, control=(job,))
