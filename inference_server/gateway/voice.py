"""What the gateway says: numbered news to the desktops, orders to the roles."""

from __future__ import annotations

from collections.abc import Iterable

import zmq

from inference_server.gateway.door import Door
from inference_server.gateway.metrics import Metrics
from inference_server.gateway.state import Item, State
from inference_server.messages import Control
from inference_server.protocol.messages import News
from inference_server.protocol.wire import pack


class Voice:
    """Used by the gateway's thread only."""

    def __init__(
        self, state: State, door: Door, control: zmq.Socket[bytes], metrics: Metrics
    ) -> None:
        self._state, self._door, self._control = state, door, control
        self._metrics = metrics

    def say(self, item: Item) -> None:
        """Publish one numbered piece of news."""
        self._door.publish(self._state.session, item)

    def tell(self, news: Iterable[News]) -> None:
        """Number and publish news, in order."""
        for each in news:
            self._metrics.told(each)
            self.say(self._state.told(each))

    def order(self, message: Control) -> None:
        """Tell the roles."""
        self._control.send_multipart(pack(message))
