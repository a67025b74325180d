"""The internal news: every role says its pulse to the gateway, the gateway's control goes to all."""

from __future__ import annotations

import os
import socket as network
from datetime import UTC, datetime

import msgspec
import psutil
import zmq

from inference_server.config import Config
from inference_server.messages import Bus as BusMessage
from inference_server.messages import Control, Measured, Pulse
from inference_server.protocol.activity import Times
from inference_server.protocol.messages import Component, Message
from inference_server.protocol.wire import pack, unpack
from inference_server.sockets import connected

BUS: msgspec.msgpack.Decoder[BusMessage] = msgspec.msgpack.Decoder(BusMessage)
CONTROL: msgspec.msgpack.Decoder[Control] = msgspec.msgpack.Decoder(Control)

NOTHING_MEASURED = Measured()


class Bus:
    """A role's voice. Used by one thread; close it, or use it as a context manager."""

    def __init__(self, config: Config, role: str, name: str) -> None:
        self._role = role
        self._name = name
        # A short linger, so that a role's last words are heard and its end is not held up.
        self._socket = connected(config, zmq.PUB, "bus", linger_ms=500)

    def say(self, message: Message, *blobs: bytes) -> None:
        """Tell the gateway; never blocks."""
        self._socket.send_multipart(pack(message, *blobs))

    def pulse(
        self,
        state: str,
        sentence: str,
        *,
        next_step: str = "",
        queue: int = 0,
        done: int = 0,
        ms_per_item: float = 0.0,
        oldest_s: float = 0.0,
        times: tuple[Times, ...] = (),
        device: str = "",
        measured: Measured = NOTHING_MEASURED,
    ) -> None:
        """Say how this role is; once a second."""
        how_it_is = msgspec.structs.replace(
            component(self._role, self._name, state, sentence, next_step, queue, done),
            ms_per_item=ms_per_item,
            oldest_s=round(max(0.0, oldest_s), 1),
            times=times,
            device=device,
        )
        self.say(Pulse(component=how_it_is, measured=measured))

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()

    def __enter__(self) -> Bus:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def component(
    role: str, name: str, state: str, sentence: str, next_step: str, queue: int, done: int
) -> Component:
    """How this process is."""
    return Component(
        role=role,
        name=name,
        host=network.gethostname(),
        pid=os.getpid(),
        state=state,
        sentence=sentence,
        next_step=next_step,
        queue=queue,
        done=done,
        rss_mb=round(psutil.Process().memory_info().rss / 1e6, 1),
    )


def seconds_since(moment: datetime) -> float:
    """How long ago ``moment`` (UTC) was."""
    return (datetime.now(UTC) - moment).total_seconds()


def control_socket(config: Config) -> zmq.Socket[bytes]:
    """What the gateway tells all roles (SUB); read it with ``control``."""
    socket = connected(config, zmq.SUB, "control")
    socket.subscribe(b"")
    return socket


def control(frames: list[bytes]) -> Control:
    """The message in ``frames``. Raises WireError."""
    return unpack(CONTROL, frames)[0]
