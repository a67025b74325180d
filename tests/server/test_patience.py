"""A step that cannot be interrupted is left behind when a training shall end."""

from threading import Event

import pytest

from inference_server.training.patience import unless_ended
from inference_server.training.progress import Stopped


def test_that_what_the_step_makes_or_raises_is_given():
    assert unless_ended(lambda: 7, lambda: None) == 7
    with pytest.raises(ZeroDivisionError):
        unless_ended(lambda: 1 // 0, lambda: None)
    with pytest.raises(TimeoutError, match="of its own"):
        unless_ended(_late, lambda: None)


def _late() -> int:
    raise TimeoutError("of its own")


def test_that_a_training_ends_though_the_step_goes_on():
    go_on, ended = Event(), Event()

    def work() -> None:
        go_on.wait(20)
        ended.set()

    def pause() -> None:
        raise Stopped("Stopped by ann.")

    with pytest.raises(Stopped, match="by ann"):
        unless_ended(work, pause)
    assert not ended.is_set()
    go_on.set()
    assert ended.wait(20)
