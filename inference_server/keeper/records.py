"""Verdicts on their way into the database, directly or by way of the journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from db import catalogue, inferences, pictures
from db.session import transaction
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


def commit(
    sessions: sessionmaker[Session], batch: Sequence[Record], collect_fraction: float
) -> list[StoredInference]:
    """Put records into the database in one transaction, in order; what is there already stays.

    Raises DatabaseAway.
    """
    try:
        with transaction(sessions) as session:
            return _store(session, batch, collect_fraction)
    except IntegrityError:
        # An import entered the same picture or run period in the same moment: it is there now.
        with transaction(sessions) as session:
            return _store(session, batch, collect_fraction)


def _store(
    session: Session, batch: Sequence[Record], collect_fraction: float
) -> list[StoredInference]:
    ids: dict[tuple[str, bool], int] = {}
    for each in batch:
        if each.inference.plot_type_id < 0 and (each.plot_type, each.chunked) not in ids:
            ids[each.plot_type, each.chunked] = catalogue.register(
                session, each.plot_type, each.chunked, collect_fraction=collect_fraction
            )
    stored = inferences.store(session, [_numbered(each, ids) for each in batch])
    features = [
        (place.picture_id, each.backbone, each.features)
        for place, each in zip(stored, batch, strict=True)
        if each.features and not place.duplicate
    ]
    pictures.put_features(session, features)
    return stored


def _numbered(record: Record, ids: dict[tuple[str, bool], int]) -> NewInference:
    if record.inference.plot_type_id >= 0:
        return record.inference
    return replace(record.inference, plot_type_id=ids[record.plot_type, record.chunked])
