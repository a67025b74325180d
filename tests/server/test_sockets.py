"""The internal sockets: every connection is told of, the first one too."""

import zmq

from inference_server.config import Config
from inference_server.sockets import bound, linked, unwatch, watched


def test_that_the_first_connection_is_told_of_however_quick_it_was(tmp_path):
    config = Config(data_dir=tmp_path)
    with bound(config, zmq.ROUTER, "balancer-workers"):
        for _ in range(300):  # in so many, one is made before its socket's maker does anything else
            socket, news = watched(config, zmq.DEALER, "balancer-workers")
            assert news.poll(60_000)
            assert linked(news)
            assert not linked(news)
            unwatch(socket, news)
