"""Models as files."""

from __future__ import annotations

from typing import TypeAlias

from inference_server.protocol.base import Message


class GetModelFile(Message, frozen=True, kw_only=True):
    """A model as one file: for another Hydra, or as ONNX for other programs; the blob is the file."""

    model_id: int
    onnx: bool = False


class TakeModelFile(Message, frozen=True, kw_only=True):
    """Take in a model that some Hydra exported; it is registered and not live."""

    name: str
    data: bytes
    person: str = ""


class ModelFile(Message, frozen=True, kw_only=True):
    """The blob is the file."""

    model_id: int
    name: str


ModelFilesRequest: TypeAlias = GetModelFile | TakeModelFile
ModelFilesReply: TypeAlias = ModelFile

__all__ = ["ModelFilesReply", "ModelFilesRequest"]
