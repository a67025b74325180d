"""The supervisor: who gets how many threads, and one server per data directory."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_server import config, supervise
from tests.server.live import until


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


def test_that_work_ends_before_what_it_needs_and_the_public_face_last(tmp_path):
    settings = config.load(
        None,
        {"data_dir": str(tmp_path), "inboxes": [{"path": str(tmp_path)}], "predict_workers": 2},
    )
    ending = supervise.stages(supervise.roles(settings, cores=8))
    assert [{role.name for role in stage} for stage in ending] == [
        {"predict-0", "predict-1", "trainer", "explain", "feeder"},
        {"balancer"},
        {"keeper"},
        {"gateway"},
    ]


def test_that_nobody_waits_for_the_end_of_another_before_he_is_asked(tmp_path, monkeypatch):
    """The first ends only when the second was asked too."""
    monkeypatch.setattr(supervise, "STOP_S", 60.0)

    def child(name, at_end):
        program = f'trap "{at_end}" TERM; touch {name}; while :; do sleep 0.02; done'
        process = subprocess.Popen(["sh", "-c", program], cwd=tmp_path)
        until((tmp_path / name).exists)
        return supervise._Child(supervise.Role(name, (name,)), process)

    first = child("first", "while [ ! -e asked ]; do sleep 0.02; done; exit 0")
    second = child("second", "touch asked; exit 0")
    supervise._end([first, second])
    assert (first.process.returncode, second.process.returncode) == (0, 0)
