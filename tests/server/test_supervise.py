"""The supervisor: who gets how many threads, and one server per data directory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_server import config, supervise


@given(cores=st.integers(2, 128), workers=st.integers(1, 16))
def test_that_threads_never_pass_the_cores(cores, workers):
    threads = supervise.hand_out_threads(cores, workers)
    assert min(threads.predict, threads.trainer) >= 1
    if workers < cores:
        assert threads.predict * workers + threads.trainer + threads.explain <= cores
    assert (threads.explain == 1) == (cores >= workers + 2)


def test_that_a_second_server_on_one_data_directory_is_refused(tmp_path):
    settings = config.load(None, {"data_dir": str(tmp_path)})
    with (
        supervise.only_one(settings),
        pytest.raises(supervise.AlreadyRunning, match="already runs"),
        supervise.only_one(settings),
    ):
        pass
    with supervise.only_one(settings):
        pass


def test_that_a_server_without_inboxes_starts_no_feeder(tmp_path):
    settings = config.load(None, {"data_dir": str(tmp_path), "predict_workers": 2})
    names = [role.name for role in supervise.roles(settings, cores=8)]
    assert names == [
        "gateway",
        "keeper",
        "balancer",
        "predict-0",
        "predict-1",
        "trainer",
        "explain",
    ]
