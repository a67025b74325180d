"""The wire: every message survives it, and nothing else gets through."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_server.protocol import messages as m
from inference_server.protocol import wire
from tests.protocol.examples import EXAMPLES


def examples_of(union):
    kinds = get_args(union)
    found = [message for message in EXAMPLES if type(message) in kinds]
    assert {type(message) for message in found} == set(kinds), "an example is missing"
    return found


@pytest.mark.parametrize("news", examples_of(m.News), ids=lambda news: type(news).__name__)
def test_that_news_survive_the_wire(news):
    assert wire.unpack_news(wire.pack_news("session", 7, news, b"blob")) == (
        "session",
        7,
        news,
        b"blob",
    )


@pytest.mark.parametrize("request_", examples_of(m.Request), ids=lambda each: type(each).__name__)
def test_that_requests_survive_the_wire(request_):
    ticket, found = wire.unpack_request(wire.pack_request(41, request_))
    assert (int.from_bytes(ticket, "big"), found) == (41, request_)


@pytest.mark.parametrize("reply", examples_of(m.Reply), ids=lambda each: type(each).__name__)
def test_that_replies_survive_the_wire(reply):
    ticket = (41).to_bytes(8, "big")
    assert wire.unpack_reply(wire.pack_reply(ticket, reply, b"one", b"two")) == (
        41,
        reply,
        [b"one", b"two"],
    )


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_that_any_other_bytes_are_a_wire_error_and_never_a_crash(frames):
    for unpack in (wire.unpack_news, wire.unpack_request, wire.unpack_reply):
        with pytest.raises(wire.WireError):
            unpack(frames)


def test_that_a_message_of_the_other_direction_is_refused():
    with pytest.raises(wire.WireError):
        wire.unpack_request(wire.pack_request(1, m.Done()))


def test_that_another_layout_is_named():
    with pytest.raises(wire.WireError, match="HYD9"):
        wire.unpack_request([b"HYD9", b"12345678", b""])
