"""Fine-tuning of whole networks: repeatable, resumable, stoppable, shared between processes."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
import threading

import msgspec
import numpy as np
import pytest
import torch
from safetensors.numpy import save_file as save_numpy

from inference_server.predict import networks
from inference_server.predict.weights import LITE0, NetworkError
from inference_server.training import checkpoint, half, launch, layers, plan, split, tune
from inference_server.training.plan import Example, Plan
from inference_server.training.progress import Stopped
from inference_server.training.ranks import Ranks
from tests.server.pictures import plot

LABELS = ("Bad", "Good")
SMALL = "mobilenet_v3_small"


@pytest.fixture(autouse=True)
def _repeatable():
    """What the process of a fine-tuning sets for itself."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True, warn_only=True)
    yield
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def examples(tmp_path):
    found = []
    for number in range(20):
        label = LABELS[number % 2]
        path = tmp_path / f"{number}.png"
        path.write_bytes(plot(label, number))
        side = "validation" if number % 10 > 7 else "training"
        found.append(Example(str(path), number % 2, side, 1.0))
    return tuple(found)


def planned(folder, examples, **changes) -> Plan:
    given = Plan(
        network=SMALL, size=32, labels=LABELS, examples=examples, seed=1, epochs=2, batch=4,
        learning_rate=1e-3, layer_decay=0.7, patience=5, weights=None, threads=1, device="cpu",
        max_bytes=10**7, max_pixels=10**7,
    )  # fmt: skip
    given = msgspec.structs.replace(given, **changes)
    plan.write(folder, given)
    return given


def tuned(folder, given: Plan, passes: int = 99) -> dict[str, torch.Tensor]:
    """The network after some passes, whichever was the best."""
    tuner = tune.Tuner(folder, given, Ranks(), lambda _: None)
    for number, _ in enumerate(tuner.passes(), 1):
        if number == passes:
            break
    return {name: each.clone() for name, each in tuner.network.state_dict().items()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


def test_that_the_same_plan_gives_the_same_network_and_another_seed_another(tmp_path, examples):
    one, again, other = (
        tuned(tmp_path / name, planned(tmp_path / name, examples, seed=seed, epochs=1))
        for name, seed in (("one", 1), ("again", 1), ("other", 2))
    )
    assert same(one, again)
    assert not same(one, other)


def test_that_what_was_interrupted_goes_on_as_if_nothing_had_been(tmp_path, examples):
    whole = tuned(tmp_path / "whole", planned(tmp_path / "whole", examples))
    given = planned(tmp_path / "halves", examples)
    tuned(tmp_path / "halves", given, passes=1)
    second = tune.Tuner(tmp_path / "halves", given, Ranks(), lambda _: None)
    points = list(second.passes())
    assert [point.epoch for point in points] == [2]
    assert same(whole, second.network.state_dict())
    _, logits, curve = checkpoint.best(tmp_path / "halves")
    assert logits.shape == (4, 2)
    assert [point.epoch for point in curve] == [1, 2]


def test_that_it_ends_when_nothing_gets_better(tmp_path, examples):
    given = planned(tmp_path, examples, epochs=9, patience=1, learning_rate=0.0)
    tuner = tune.Tuner(tmp_path, given, Ranks(), lambda _: None)
    assert len(list(tuner.passes())) < 9


def test_that_layers_near_the_picture_learn_slower_and_scales_are_not_pulled_down():
    network, _ = networks.begin(SMALL, 2, None)
    found = layers.groups(network, 1e-3, 0.5)
    rates = {id(each): group["full_rate"] for group in found for each in group["params"]}
    ordered = [rates[id(each)] for each in network.parameters()]
    assert ordered == sorted(ordered)
    assert ordered[0] == pytest.approx(1e-3 * 0.5**5)
    assert ordered[-1] == pytest.approx(1e-3)
    for group in found:
        flat = {each.ndim < 2 for each in group["params"]}
        assert flat == {group.get("weight_decay") == 0.0}


def test_that_the_default_network_begins_as_good_as_a_head(tmp_path, examples):
    random = np.random.default_rng(1)
    matrix = random.normal(size=(2, 2560)).astype(np.float32)
    given = planned(tmp_path, examples, network=LITE0)
    save_numpy({"matrix": matrix, "bias": np.ones(2, np.float32)}, tmp_path / plan.START)
    tuner = tune.Tuner(tmp_path, given, Ranks(), lambda _: None)
    pictures = torch.from_numpy(random.integers(0, 255, (2, 32, 32, 3), np.uint8))
    features = networks.features(LITE0, 32, None)
    with torch.inference_mode():
        expected = features(pictures).numpy() @ matrix.T + 1
        found = tuner.network.eval()(pictures).numpy()
    assert np.allclose(found, expected, rtol=1e-3, atol=1e-2)


def test_that_a_pass_that_makes_it_worse_does_not_replace_what_it_began_with(tmp_path, examples):
    given = planned(tmp_path, examples, network=LITE0, epochs=1, learning_rate=1.0)
    zero = {"matrix": np.zeros((2, 2560), np.float32), "bias": np.zeros(2, np.float32)}
    save_numpy(zero, tmp_path / plan.START)
    tuner = tune.Tuner(tmp_path, given, Ranks(), lambda _: None)
    (point,) = tuner.passes()
    weights, logits, _ = checkpoint.best(tmp_path)
    assert point.validation_loss > tuner.state.best_loss
    assert not weights["network.classes.weight"].any()
    assert not logits.any()


@pytest.mark.parametrize("name", ["efficientnet_b0"])
def test_that_networks_without_weights_are_trained_from_nothing(tmp_path, examples, name):
    given = planned(tmp_path, examples, network=name, size=80, epochs=1)
    before, trained = networks.begin(name, 2, None)
    after = tuned(tmp_path, given)
    assert not trained
    assert all(
        not torch.equal(after[key], each)
        for key, each in before.named_parameters()
        if key.endswith("weight") and each.ndim > 1
    ), "every layer learns"
    _, logits, points = checkpoint.best(tmp_path)
    assert np.isfinite(logits.numpy()).all()
    assert [point.epoch for point in points] == [1]


@pytest.mark.parametrize("name", ["resnet18"])
def test_that_a_network_begins_with_the_weights_file_that_the_site_names(tmp_path, examples, name):
    import torchvision

    torch.manual_seed(7)
    known = torchvision.models.get_model(name, weights=None).state_dict()  # of 1000 classes
    torch.save(known, tmp_path / "weights.pth")
    given = planned(
        tmp_path / "work", examples, network=name, epochs=1, frozen=1,
        weights=tmp_path / "weights.pth",
    )  # fmt: skip
    made, trained = networks.begin(name, 2, given.weights)
    kept = {id(each) for each in layers.staged(made, range(1))}
    names = {key for key, each in made.named_parameters() if id(each) in kept}
    after = tuned(tmp_path / "work", given)
    assert trained
    assert names
    assert all(torch.equal(after[key], known[key.removeprefix("network.")]) for key in names)


def test_that_a_weights_file_of_another_network_is_refused(tmp_path):
    torch.save(networks.begin("resnet18", 2, None)[0].state_dict(), tmp_path / "other.pth")
    with pytest.raises(NetworkError, match=r"other\.pth does not hold weights of efficientnet_b0"):
        networks.begin("efficientnet_b0", 2, tmp_path / "other.pth")


def test_that_two_processes_fine_tune_together(tmp_path, examples):
    given = planned(tmp_path, examples, epochs=1)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node",
               "2", "-m", "inference_server.training.tune", str(tmp_path)]  # fmt: skip
    ended = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    lines = [line for line in ended.stdout.splitlines() if line.startswith("{")]
    last = msgspec.json.decode(lines[-1], type=plan.Moved)
    assert last.fraction == 1.0, "one of them speaks, to the end"
    weights, logits, points = checkpoint.best(tmp_path)
    network, _ = networks.begin(given.network, 2, None)
    network.load_state_dict(weights)
    assert len(points) == 1
    assert (logits.abs().sum(dim=1) > 0).all(), "both judged their part"


def run(folder, given, wish_after):
    """``launch.run`` with a wish that comes once something was told."""
    told = []

    def asked():
        return wish_after(told)

    return launch.run(folder, given, told.append, asked), told


def test_that_it_can_end_with_the_best_so_far(tmp_path, examples):
    given = planned(tmp_path, examples, epochs=999, patience=999)
    ended, _ = run(tmp_path, given, lambda told: "keep" if told and told[-1].can_keep else "")
    assert ended == "stopped"
    assert checkpoint.best(tmp_path) is not None
    assert no_child_left()


def test_that_it_can_end_at_once(tmp_path, examples):
    given = planned(tmp_path, examples, epochs=999, patience=999)
    with pytest.raises(Stopped, match="the model in place stays"):
        run(tmp_path, given, lambda told: "stop" if told else "")
    assert no_child_left()


def test_that_a_pause_can_be_gone_on_from(tmp_path, examples):
    given = planned(tmp_path, examples, epochs=3)
    with pytest.raises(Stopped) as paused:
        run(tmp_path, given, lambda told: "pause" if told and told[-1].can_keep else "")
    assert paused.value.paused
    ended, told = run(tmp_path, given, lambda _: "")
    assert ended == "all passes"
    assert told[0].points, "it knows what was done before"
    assert len(told[-1].points) == 3
    assert told[-1].fraction == pytest.approx(0.97)
    assert "validation pictures right" in told[-1].sentence


def no_child_left() -> bool:
    import psutil

    return not [each for each in psutil.Process().children() if "tune" in " ".join(each.cmdline())]


def test_that_what_goes_wrong_is_said(tmp_path, examples):
    gone = tuple(Example("/nowhere.png", each.target, each.side, 1.0) for each in examples)
    with pytest.raises(launch.TuneFailed, match=r"No such file.*/nowhere\.png"):
        run(tmp_path, planned(tmp_path, gone), lambda _: "")


def test_that_an_architecture_that_does_not_classify_is_refused():
    for name in ("resnet-51", "fasterrcnn_resnet50_fpn"):
        with pytest.raises(NetworkError, match=f"no architecture '{name}'"):
            networks.begin(name, 2, None)


def test_that_being_killed_is_explained(tmp_path, examples):
    import psutil

    given = planned(tmp_path, examples, epochs=999, patience=999)
    done = threading.Event()

    def kill(told):
        if told and not done.is_set():
            # The tests' MariaDB is a child too.
            children = psutil.Process().children()
            (child,) = (
                each for each in children if "inference_server.training.tune" in each.cmdline()
            )
            child.kill()
            done.set()
        return ""

    with pytest.raises(launch.TuneFailed, match="memory ran out"):
        run(tmp_path, given, kill)


def sides(targets, runs, pins=None):
    pins = np.array(pins or [None] * len(runs), dtype=object)
    return split.sides(np.array(targets), runs, pins, seed=1)


def test_that_a_run_is_on_one_side_and_a_fifth_validates():
    runs = [f"r{number // 4}" for number in range(100)]
    found = sides([number % 2 for number in range(100)], runs)
    assert all(len({found[n] for n in range(100) if runs[n] == run}) == 1 for run in set(runs))
    assert 10 <= (found == "validation").sum() <= 30


def test_that_pins_are_honoured_and_take_their_run_along():
    runs = [f"r{number // 4}" for number in range(40)]
    pins: list[str | None] = [None] * 40
    pins[0], pins[4], pins[8], pins[9] = "training", "validation", "training", "validation"
    found = sides([number % 2 for number in range(40)], runs, pins)
    assert set(found[0:4]) == {"training"}
    assert set(found[4:8]) == {"validation"}
    assert list(found[8:12]) == ["training", "validation", "training", "training"]


def test_that_pictures_of_one_run_are_split_into_stretches():
    found = sides([0] * 10 + [1] * 10, ["r"] * 20)
    assert set(found) == {"training", "validation"}


def test_that_the_part_nearest_the_picture_stays_as_it_was_trained(tmp_path, examples):
    given = planned(tmp_path, examples, network=LITE0, epochs=1, frozen=2)
    before, _ = networks.begin(LITE0, 2, None)
    kept = {id(each) for each in layers.staged(before, range(2))}
    names = {name for name, each in before.named_parameters() if id(each) in kept}
    after = tuned(tmp_path, given)
    same_now = {name for name, each in before.named_parameters() if torch.equal(after[name], each)}
    assert names
    assert same_now == names


def test_that_sixteen_bits_judge_like_thirty_two():
    network, _ = networks.begin(LITE0, 2, None)
    pictures = torch.randint(0, 255, (2, 64, 64, 3), dtype=torch.uint8)
    device = torch.device("cpu")
    with torch.inference_mode():
        expected = network.eval()(pictures)
        half.keep_whole(network, device)
        assert torch.equal(network(pictures), expected), "nothing changes where all is at 32 bits"
        twin = copy.deepcopy(network)
        with torch.autocast("cpu", torch.bfloat16):
            found = twin(pictures).float()
    assert torch.allclose(found, expected, atol=0.05 * float(expected.abs().max()))
    depthwise = [each for each in twin.modules() if getattr(each, "groups", 1) > 1]
    assert all(each.forward.__self__ is each for each in depthwise), "a copy has its own weights"
