"""What the gateway's pool hands back to its loop."""

from contextlib import ExitStack

import pytest

from inference_server.gateway.errands import Errands

MANY = 5000  # a bell that waits is full after some hundred


@pytest.mark.timeout(60)
def test_that_nobody_waits_for_a_loop_that_does_not_listen():
    done = []
    with ExitStack() as stack:
        errands = Errands(stack)
        for number in range(MANY):
            errands.soon(lambda number=number: done.append(number))
        errands.hush()
        errands.finish()
    assert done == list(range(MANY))


@pytest.mark.timeout(60)
def test_that_a_pool_with_much_to_tell_ends_with_a_loop_that_has_ended():
    with ExitStack() as stack:
        errands = Errands(stack)
        for number in range(MANY):
            errands.later(lambda number=number: number, print)
