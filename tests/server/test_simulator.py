"""The simulated hall: the same seed gives the same pictures, and what the table says is on them."""

import csv
import itertools
import os
import threading
import time
from collections import Counter

import cv2
import numpy as np
import pytest

from inference_server import simulator
from inference_server.demo.report import read_truth
from inference_server.feeder.names import Names, is_ours
from inference_server.simulator import service, taught
from inference_server.simulator.plan import RUN_CHUNKS, Plan
from inference_server.simulator.taught import Taught

PLOTS = simulator.catalogue()
FAULTS = [
    pytest.param(plot, fault, id=f"{plot.name} {fault.name}")
    for plot in PLOTS
    for fault in plot.all_faults
]


def pixels(picture):
    return cv2.imdecode(np.frombuffer(picture.png, np.uint8), cv2.IMREAD_COLOR)


def feed(folder, count, *, seed=1, run=100, truth=True):
    """Write ``count`` pictures as fast as possible; the files by name, and the table."""
    table = folder / "truth.csv" if truth else None
    service.run(folder / "inbox", seed, 0, count, run, table, threading.Event())
    files = sorted((folder / "inbox").rglob("*"))
    return {
        str(file.relative_to(folder / "inbox")): file.read_bytes() for file in files if file.is_file()
    }  # fmt: skip


def table_of(folder):
    with (folder / "truth.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_that_the_hall_has_sixteen_plots_that_tell_the_shift_what_to_do():
    assert len({plot.name for plot in PLOTS}) == 16
    for plot in PLOTS:
        assert plot.group
        assert plot.guidance
        assert plot.contact
        assert plot.description
        assert [each.name for each in plot.classes[:3]] == ["Good", "Bad", "NoData"]
        assert len({fault.name for fault in plot.all_faults}) == len(plot.all_faults)


def test_that_a_seed_draws_the_same_bytes_twice(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = feed(tmp_path / "a", 48), feed(tmp_path / "b", 48)
    assert len(first) == 48
    assert first == second


def test_that_another_seed_draws_other_pictures():
    for plot in PLOTS:
        one, other = (simulator.draw(plot.name, 100, 1, seed=seed).png for seed in (1, 2))
        assert one != other


@pytest.mark.parametrize(("plot", "fault"), FAULTS)
def test_that_a_fault_is_on_the_picture_and_in_its_label(plot, fault):
    good, broken = (simulator.draw(plot.name, 100, 3, name) for name in ("", fault.name))
    assert pixels(good).shape == pixels(broken).shape == (600, 800, 3)
    assert (good.label, broken.label) == ("Good", fault.label)
    # Same beam, same luck: without an effect of the fault, not a pixel would differ.
    assert (pixels(good) != pixels(broken)).any(axis=2).mean() > 0.002


def test_that_a_fault_that_a_plot_does_not_know_is_refused():
    with pytest.raises(KeyError):
        simulator.draw("CDC_occupancy", 100, 1, "led_run")


def test_that_an_episode_keeps_the_same_part_broken():
    def last_second(chunk, episode):
        """Where the live time falls to nothing: the last filled column of the upper frame."""
        picture = pixels(simulator.draw("L1_trigger", 100, chunk, "busy_crate", episode=episode))
        return int(np.flatnonzero((picture[230, 100:700] == (255, 204, 153)).all(axis=1)).max())

    assert last_second(1, 7) == last_second(2, 7) == last_second(3, 7)
    assert len({last_second(1, episode) for episode in range(5)}) > 1


def test_that_names_are_read_by_the_feeder(tmp_path):
    names = Names()
    for file, plot in zip(
        feed(tmp_path, 16, run=92301), sorted(p.name for p in PLOTS), strict=True
    ):
        name = names.read(file)
        assert (name.plot_type, name.run, name.chunk, name.chunked) == (plot, 92301, 1, True)
        assert is_ours(file)


def test_that_the_table_tells_of_each_file_and_of_no_other(tmp_path):
    files = feed(tmp_path, 40)
    rows = table_of(tmp_path)
    labels = {plot.name: plot.label for plot in PLOTS}
    assert sorted(row["path"] for row in rows) == sorted(
        str(tmp_path / "inbox" / name) for name in files
    )
    assert all(row["label"] == labels[row["plot_type"]](row["fault"]) for row in rows)
    assert len(read_truth(tmp_path / "truth.csv")) == 40


def test_that_a_feed_that_was_killed_goes_on_where_it_was(tmp_path):
    (tmp_path / "whole").mkdir()
    (tmp_path / "parts").mkdir()
    whole = feed(tmp_path / "whole", 36)
    feed(tmp_path / "parts", 20)
    assert feed(tmp_path / "parts", 16) == whole
    assert len(table_of(tmp_path / "parts")) == 36


def mark(folder, *plots, seconds_ago):
    for plot in plots:
        taught.mark(folder, plot)
        then = time.time() - seconds_ago
        os.utime(folder / plot, (then, then))


def test_that_a_plot_without_a_model_waits_and_then_comes_at_once(tmp_path):
    plan, may, waiting = Plan(PLOTS, 1, 100), Taught(tmp_path), {}

    def shown(n):
        return [(turn.plot, turn.chunk) for turn in service._due(plan, n, waiting, may)]

    third = PLOTS[3].name
    mark(tmp_path, PLOTS[0].name, seconds_ago=60)
    assert [shown(n) for n in range(5)] == [[(PLOTS[0].name, 1)], [], [], [], []]
    mark(tmp_path, third, seconds_ago=60)
    assert shown(5) == [(third, 1)]
    assert [shown(n) for n in range(16, 20)] == [[(PLOTS[0].name, 2)], [], [], [(third, 2)]]


def test_that_workers_have_time_to_load_a_model_before_its_first_picture(tmp_path):
    mark(tmp_path, "CDC_itrig", seconds_ago=-60)
    may = Taught(tmp_path)
    assert not may.has("CDC_itrig")
    mark(tmp_path, "CDC_itrig", seconds_ago=60)
    assert may.has("CDC_itrig")


def test_that_a_plot_that_is_marked_again_need_not_wait_again(tmp_path):
    mark(tmp_path, "CDC_itrig", seconds_ago=60)
    taught.mark(tmp_path, "CDC_itrig")
    assert Taught(tmp_path).has("CDC_itrig")


def test_that_a_feed_as_fast_as_possible_waits_for_all_models(tmp_path):
    mark(tmp_path / "taught", *(plot.name for plot in PLOTS[1:]), seconds_ago=60)
    stop = threading.Event()
    feeding = threading.Thread(
        target=service.run, args=(tmp_path / "in", 1, 0, 16, 100, None, stop, tmp_path / "taught")
    )
    feeding.start()
    mark(tmp_path / "taught", PLOTS[0].name, seconds_ago=60)
    feeding.join()
    assert len(list((tmp_path / "in").rglob("*.png"))) == 16


def test_that_a_stopped_feed_draws_nothing(tmp_path):
    stop = threading.Event()
    stop.set()
    service.run(tmp_path, 1, 1.0, None, 1, None, stop)
    assert list(tmp_path.rglob("*.png")) == []


@pytest.mark.parametrize("seed", range(1, 9))
def test_that_a_feed_is_mostly_good_and_never_fails_all_at_once(seed):
    labels = {plot.name: plot.label for plot in PLOTS}
    turns = [Plan(PLOTS, seed, 100).turn(n) for n in range(16 * 250)]
    found = Counter(labels[turn.plot](turn.fault) for turn in turns)
    assert 0.85 < found["Good"] / len(turns) < 0.97
    assert found["Bad"] > 0.5 * (len(turns) - found["Good"])
    for first in range(0, len(turns), 16):
        assert sum(turn.fault != "" for turn in turns[first : first + 16]) <= 10
    # The demo draws four a second: the bad lane has something within half a minute.
    assert "Bad" in {labels[turn.plot](turn.fault) for turn in turns[:120]}


def test_that_trouble_lasts_for_several_chunks_of_one_plot():
    turns = [Plan(PLOTS, 1, 100).turn(n) for n in range(16 * 200)]
    for episode, group in itertools.groupby(
        sorted((t for t in turns if t.episode), key=lambda t: t.episode), lambda t: t.episode
    ):
        chunks = list(group)
        assert len({(t.plot, t.fault) for t in chunks}) == 1, episode
        assert len(chunks) >= 4 or chunks[-1] in turns[-160:], episode


def test_that_chunks_rise_within_a_run_and_start_again_in_the_next():
    turns = [Plan(PLOTS, 1, 100).turn(n) for n in range(0, 16 * 2 * RUN_CHUNKS, 16)]
    expected = [(run, chunk + 1) for run in (100, 101) for chunk in range(RUN_CHUNKS)]
    assert [(turn.run, turn.chunk) for turn in turns] == expected


def test_that_the_number_of_a_picture_leads_back_to_it():
    plan = Plan(PLOTS, 1, 100)
    for n in (0, 15, 16, 16 * RUN_CHUNKS, 5000):
        turn = plan.turn(n)
        assert plan.number(turn.plot, turn.run, turn.chunk) == n
    assert plan.number("CDC_occupancy", 99, 1) is None
    assert plan.number("no such plot", 100, 1) is None


def test_that_labelled_pictures_show_each_fault_in_several_runs():
    plot = PLOTS[0]
    pictures = list(simulator.labelled(plot.name, 4, seed=5))
    of_class = Counter(picture.label for picture in pictures)
    assert set(of_class) == {each.name for each in plot.classes}
    assert min(of_class.values()) == 4
    assert {picture.fault for picture in pictures} == {"", *(each.name for each in plot.all_faults)}
    assert all(
        len({picture.run for picture in pictures if picture.label == label}) >= 4
        for label in of_class
    )
    assert len({(picture.run, picture.chunk) for picture in pictures}) == len(pictures)
