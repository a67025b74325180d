from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import onnx as onnx_files
import pytest
import torch

from inference_server.config import Backbone as Settings
from inference_server.predict import backbone as backbones
from inference_server.predict import export, networks, weights
from inference_server.predict.backbone import BackboneError, load_backbone, trial_pictures

SIZE = 64
ONNX = Settings(size=SIZE, device="cpu", runtime="onnx")
TORCH = Settings(size=SIZE, device="cpu", runtime="torch")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("backbones")


@pytest.fixture(scope="module")
def onnx(cache):
    return load_backbone(ONNX, cache, 1)


@pytest.fixture(scope="module")
def plain(cache):
    return load_backbone(TORCH, cache, 1)


def test_that_onnx_and_torch_give_the_same_features(onnx, plain):
    pictures = trial_pictures(SIZE)
    one, other = onnx.features(pictures), plain.features(pictures)
    assert one.shape == other.shape == (8, 2560)
    assert one.dtype == np.float32
    assert np.abs(one - other).max() < 1e-3 * other.std()


@pytest.mark.parametrize("count", [0, 1, 3, 17])
def test_that_any_number_of_pictures_is_a_batch(onnx, count):
    assert onnx.features(np.zeros((count, SIZE, SIZE, 3), np.uint8)).shape == (count, onnx.dim)


def test_that_the_export_works_out_no_padding_at_each_pass(cache, onnx):
    """Where it does, a pass takes half as long again."""
    (file,) = cache.glob("*.onnx")
    steps = {node.op_type for node in onnx_files.load(file).graph.node}
    assert "Conv" in steps
    assert not steps & {"Shape", "Ceil", "Div"}


class _DependsOnItsInput(torch.nn.Module):
    """What a tracer would write down for pictures of one size and number only."""

    def forward(self, pictures):
        half = math.ceil(pictures.shape[0] / 2)
        return pictures.flatten(1).float() * half


def test_that_a_network_that_cannot_be_traced_is_exported_too(tmp_path):
    network, file = _DependsOnItsInput(), tmp_path / "network.onnx"
    export.export(network, 8, file)
    forward = export.session(file, 4)
    for count in (1, 4):
        pictures = trial_pictures(8)[:count]
        expected = network(torch.from_numpy(pictures)).numpy()
        assert np.array_equal(forward(pictures), expected)


def test_that_a_picture_has_the_same_features_in_any_company(onnx):
    pictures = trial_pictures(SIZE)
    alone = np.concatenate([onnx.features(picture[None]) for picture in pictures])
    assert np.abs(alone - onnx.features(pictures)).max() < 1e-4


def test_that_the_weights_are_the_trained_ones():
    """A network trained on ImageNet is sure about some of its classes; an untrained one is not."""
    network = networks._lite0(None).eval()
    picture = torch.from_numpy(trial_pictures(224)[4:5])
    with torch.inference_mode():
        chances = network(networks.Scaled(weights.LITE0)(picture)).softmax(dim=1)
    assert chances.max() > 0.05


def test_that_the_features_are_mean_and_maximum_of_the_last_map(plain):
    pictures = torch.from_numpy(trial_pictures(SIZE))
    with torch.inference_mode():
        maps = plain.module.body(plain.module.scaled(pictures)).flatten(2)
    expected = torch.cat([maps.mean(2), maps.amax(2)], dim=1).numpy()
    assert np.allclose(plain.features(pictures.numpy()), expected, atol=1e-4)


def test_that_the_faster_runtime_is_chosen_and_remembered(cache, onnx):
    auto = Settings(size=SIZE, device="cpu", runtime="auto")
    chosen = load_backbone(auto, cache, 1)
    (note,) = cache.glob("*.1.json")
    first = note.stat().st_mtime_ns
    assert chosen.runtime in {"onnx", "torch cpu"}
    assert load_backbone(auto, cache, 1).runtime == chosen.runtime
    assert note.stat().st_mtime_ns == first


def test_that_programs_with_other_numbers_of_threads_do_not_undo_each_others_findings(cache, onnx):
    auto = Settings(size=SIZE, device="cpu", runtime="auto")

    def notes():
        return {file.name: file.stat().st_mtime_ns for file in cache.glob("*.json")}

    load_backbone(auto, cache, 1)
    load_backbone(auto, cache, 2)
    found = notes()
    assert len(found) == 2
    load_backbone(auto, cache, 1)
    load_backbone(auto, cache, 2)
    assert notes() == found


def test_that_a_later_start_needs_no_torch(cache, onnx):
    program = (
        "import sys, pathlib\n"
        "from inference_server.config import Backbone\n"
        "from inference_server.predict.backbone import load_backbone\n"
        f"made = load_backbone(Backbone(size={SIZE}, device='cpu', runtime='onnx'),"
        f" pathlib.Path({str(cache)!r}), 1)\n"
        "made.warm_up(2)\n"
        "assert 'torch' not in sys.modules, 'torch'\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_that_a_half_written_export_is_never_seen(tmp_path, monkeypatch):
    def fail(*_args, **_kwargs):
        raise MemoryError

    monkeypatch.setattr(torch.onnx, "export", fail)
    with pytest.raises(MemoryError):
        load_backbone(ONNX, tmp_path, 1)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "size"), [("resnet18", 64), ("mobilenet_v3_small", 64), ("inception_v3", 96)]
)
def test_that_any_torchvision_network_can_serve(tmp_path, name, size):
    made = load_backbone(Settings(name=name, size=size, device="cpu", runtime="torch"), tmp_path, 1)
    found = made.features(trial_pictures(size))
    assert found.shape == (8, made.dim)
    assert np.isfinite(found).all()
    assert found.std() > 0


def test_that_a_weights_file_is_used_and_named_in_the_id(tmp_path):
    file = tmp_path / "mine.pth"
    network = networks._architecture("resnet18", 1000)
    torch.save({name: tensor * 0.5 for name, tensor in network.state_dict().items()}, file)
    settings = Settings(name="resnet18", size=64, weights=file, device="cpu", runtime="torch")
    own, untrained = (
        load_backbone(each, tmp_path, 1)
        for each in (settings, Settings(name="resnet18", size=64, device="cpu", runtime="torch"))
    )
    assert own.id != untrained.id
    assert not np.allclose(own.features(trial_pictures(64)), untrained.features(trial_pictures(64)))


def test_that_weights_of_another_network_are_refused(tmp_path):
    file = tmp_path / "other.pth"
    torch.save(networks._architecture("resnet18", 1000).state_dict(), file)
    for name in ("resnet34", weights.LITE0):
        settings = Settings(name=name, size=64, weights=file, device="cpu", runtime="torch")
        with pytest.raises(weights.NetworkError, match=r"other\.pth"):
            load_backbone(settings, tmp_path, 1)


def test_that_an_unknown_architecture_is_named(tmp_path):
    with pytest.raises(weights.NetworkError, match="resnet-51"):
        load_backbone(Settings(name="resnet-51", runtime="torch", device="cpu"), tmp_path, 1)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_that_a_missing_gpu_is_named(tmp_path):
    with pytest.raises(BackboneError, match="no usable GPU"):
        load_backbone(Settings(device="cuda"), tmp_path, 1)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_that_the_gpu_gives_the_features_of_the_cpu(tmp_path, plain):
    made = load_backbone(Settings(size=SIZE, device="cuda"), tmp_path, 1)
    pictures = trial_pictures(SIZE)
    assert backbones._difference(plain.features(pictures), made.features(pictures)) < 0.05
