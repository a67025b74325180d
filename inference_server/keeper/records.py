"""Verdicts on their way into the database, directly or by way of the journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from sqlalchemy.orm import Session

from db import catalogue, inferences, pictures
from db.values import NewInference, StoredInference


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One verdict with all that the database keeps of it.

    The plot type goes by name as well: while the database is away, a new one has no number yet.
    """

    inference: NewInference
    plot_type: str
    chunked: bool
    backbone: str
    features: bytes  # float16, little endian; empty unless the picture is collected


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Record)


def encode(record: Record) -> bytes:
    """For the journal."""
    return _encoder.encode(record)


def decode(data: bytes) -> Record:
    """The inverse of ``encode``. Raises msgspec.MsgspecError."""
    return _decoder.decode(data)


def store(session: Session, records: Sequence[Record], collect_fraction: float) -> list[StoredInference]:
    """Put records into the database, in order; those that are there already stay as they are."""
    ids: dict[tuple[str, bool], int] = {}
    for each in records:
        if each.inference.plot_type_id < 0 and (each.plot_type, each.chunked) not in ids:
            ids[each.plot_type, each.chunked] = catalogue.register(
                session, each.plot_type, each.chunked, collect_fraction=collect_fraction
            )
    batch = [_numbered(each, ids) for each in records]
    stored = inferences.store(session, batch)
    features = [
        (place.picture_id, each.backbone, each.features)
        for place, each in zip(stored, records, strict=True)
        if each.features and not place.duplicate
    ]
    if features:
        pictures.put_features(session, features)
    return stored


def _numbered(record: Record, ids: dict[tuple[str, bool], int]) -> NewInference:
    if record.inference.plot_type_id >= 0:
        return record.inference
    return replace(record.inference, plot_type_id=ids[record.plot_type, record.chunked])
