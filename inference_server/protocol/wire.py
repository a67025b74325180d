"""Bytes and messages: the only frame layouts.

| link | frames |
| --- | --- |
| between roles | ``HYD1``, message, blobs ... |
| request, reply | ``HYD1``, ticket (8 bytes), message, blobs ... |
| feed | ``F``, ``HYD1``, session, sequence (8 bytes, big endian), message, blob |

Pixels never go through msgpack. ``HYD1`` names this layout; what the messages mean is versioned by
``PROTOCOL_VERSION`` in the handshake.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from inference_server.protocol.messages import Message, News, Reply, Request

LAYOUT = b"HYD1"
TOPIC = b"F"

M = TypeVar("M")

_encoder = msgspec.msgpack.Encoder()
_news: msgspec.msgpack.Decoder[News] = msgspec.msgpack.Decoder(News)
_request: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_reply: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


class WireError(ValueError):
    """Bytes arrived that are not a message of ours."""


def pack(message: Message, *blobs: bytes) -> list[bytes]:
    """A message between roles, with its blobs."""
    return [LAYOUT, _encoder.encode(message), *blobs]


def unpack(decoder: msgspec.msgpack.Decoder[M], frames: Sequence[bytes]) -> tuple[M, list[bytes]]:
    """The inverse of ``pack``. Raises WireError."""
    if len(frames) < 2:
        raise WireError(f"expected a layout and a message, got {len(frames)} frames")
    _check_layout(frames[0])
    return _decoded(decoder, frames[1]), list(frames[2:])


def pack_request(ticket: int, request: Request) -> list[bytes]:
    """A question with the ticket that its answer will carry."""
    return [LAYOUT, ticket.to_bytes(8, "big"), _encoder.encode(request)]


def unpack_request(frames: Sequence[bytes]) -> tuple[bytes, Request]:
    """Ticket (as it came, to be sent back) and question. Raises WireError."""
    ticket, request, _ = _ticketed(_request, frames)
    return ticket, request


def pack_reply(ticket: bytes, reply: Reply, *blobs: bytes) -> list[bytes]:
    """The answer to the question with this ticket."""
    return [LAYOUT, ticket, _encoder.encode(reply), *blobs]


def unpack_reply(frames: Sequence[bytes]) -> tuple[int, Reply, list[bytes]]:
    """Ticket, answer, blobs. Raises WireError."""
    ticket, reply, blobs = _ticketed(_reply, frames)
    return int.from_bytes(ticket, "big"), reply, blobs


def pack_news(session: str, sequence: int, news: News, blob: bytes = b"") -> list[bytes]:
    """One item of the feed."""
    head = [TOPIC, LAYOUT, session.encode(), sequence.to_bytes(8, "big")]
    return [*head, _encoder.encode(news), blob]


def unpack_news(frames: Sequence[bytes]) -> tuple[str, int, News, bytes]:
    """Session, sequence, news, blob. Raises WireError."""
    if len(frames) != 6:
        raise WireError(f"expected 6 frames on the feed, got {len(frames)}")
    _, layout, session, sequence, body, blob = frames
    _check_layout(layout)
    return (
        session.decode(errors="replace"),
        int.from_bytes(sequence, "big"),
        _decoded(_news, body),
        blob,
    )


def _ticketed(
    decoder: msgspec.msgpack.Decoder[M], frames: Sequence[bytes]
) -> tuple[bytes, M, list[bytes]]:
    if len(frames) < 3:
        raise WireError(f"expected a layout, a ticket and a message, got {len(frames)} frames")
    _check_layout(frames[0])
    return frames[1], _decoded(decoder, frames[2]), list(frames[3:])


def _check_layout(layout: bytes) -> None:
    if layout != LAYOUT:
        raise WireError(f"speaks {layout!r}, we speak {LAYOUT!r}")


def _decoded(decoder: msgspec.msgpack.Decoder[M], body: bytes) -> M:
    try:
        return decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise WireError(str(error)) from error
