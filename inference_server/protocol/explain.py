"""Where a model looked: heat maps (GradCAM) of a picture for one class."""

from __future__ import annotations

from inference_server.protocol.base import Message


class GetHeatmap(Message, frozen=True, kw_only=True):
    """Where the model looked for ``class_name`` (empty: the class of the verdict) in a picture.

    The model is the one that judged the picture; the live one, if none did.
    """

    picture_hash: str
    class_name: str = ""
    plot_type_id: int | None = None  # where several plot types share a picture


class Heatmap(Message, frozen=True, kw_only=True):
    """The blob is the map: an 8-bit grey PNG to be stretched over the whole picture.

    White is where the model found most that speaks for the class; an all-black one found nothing.
    ``made`` False: there is no blob, it is being made, and HeatmapReady tells when to ask again.
    """

    picture_hash: str
    class_name: str
    model_id: int
    made: bool


class HeatmapReady(Message, frozen=True, kw_only=True):
    """News: a heat map can be fetched; or why there is none (``trouble``, a sentence)."""

    picture_hash: str
    class_name: str
    model_id: int
    trouble: str = ""
