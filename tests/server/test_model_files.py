"""A model leaves as one file and comes back; nothing hostile comes in."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import msgspec
import numpy as np
import pytest
from safetensors.numpy import load as tensors_from
from safetensors.numpy import save as tensors_to

from db import catalogue, models
from db import session as database
from db.session import transaction
from inference_server import model_files, onnx_files, transfer
from inference_server.model_files import ModelFileError
from inference_server.predict import export, fast, heads, networks, whole
from inference_server.predict.heads import CARD, WEIGHTS, Card
from inference_server.training import jobs
from inference_server.training.outcome import Order
from tests.db import factories
from tests.server.pictures import labelled_folder, settings


class Site:
    """A server's data, with a trained head for CDC_occupancy."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.config = settings(folder)
        database.migrate(self.config.database)
        self.engine = database.connect(self.config.database)
        self.sessions = database.sessions(self.engine)

    def models(self):
        with transaction(self.sessions) as session:
            kinds = catalogue.load(session).plot_types
            return [each for kind in kinds for each in models.history(session, kind.id)]

    def active(self):
        with transaction(self.sessions) as session:
            return [kind.model_id for kind in catalogue.load(session).plot_types]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    site = Site(folder / "site")
    transfer.import_labels(site.config, site.sessions, labelled_folder(folder / "in"), threads=1)
    with transaction(site.sessions) as session:
        (plot_type,) = catalogue.load(session).plot_types
    jobs.train(site.config, site.sessions, plot_type.id, Order("expert", "first"), threads=1)
    yield site
    site.engine.dispose()


@pytest.fixture(scope="module")
def exported(home, tmp_path_factory):
    path = tmp_path_factory.mktemp("out") / "cdc.hydra-model"
    model_files.write(home.config, home.sessions, home.models()[0].id, path)
    return path


@pytest.fixture
def away(tmp_path):
    site = Site(tmp_path / "away")
    yield site
    site.engine.dispose()


def test_that_a_model_comes_to_another_site_as_it_was(home, exported, away):
    model_id = model_files.read(away.config, away.sessions, exported, who="maintainer")
    (model,), (origin,) = away.models(), home.models()
    assert (model.id, model.who, model.labels) == (model_id, "maintainer", origin.labels)
    assert (model.thresholds, model.metrics) == (origin.thresholds, origin.metrics)
    assert "cdc.hydra-model" in model.why
    with transaction(away.sessions) as session:
        (plot_type,) = catalogue.load(session).plot_types
    assert plot_type.model_id is None, "an imported model is not live by itself"
    assert {each.name: each.severity for each in plot_type.classes}["Bad"] == "bad"
    mine, theirs = (
        heads.load(site.config.models_dir / each.folder).weights.matrix
        for site, each in ((away, model), (home, origin))
    )
    assert np.array_equal(mine, theirs)


def test_that_a_whole_network_comes_too(tmp_path, home, away):
    labels = ("Bad", "Good")
    card = Card(plot_type="CDC_occupancy", labels=labels, backbone="resnet18@48",
                architecture="resnet18", size=48)  # fmt: skip
    whole.save(home.config.models_dir / "net", card, networks.Classifier("resnet18", 2))
    with transaction(home.sessions) as session:
        (kind,) = catalogue.load(session).plot_types
        new = factories.model(kind.id, folder="net", kind="network", backbone="resnet18@48")
        model_id = models.add(session, new)
    model_files.write(home.config, home.sessions, model_id, tmp_path / "net.hydra-model")
    model_files.read(away.config, away.sessions, tmp_path / "net.hydra-model", who="maintainer")
    (model,) = away.models()
    assert model.kind == "network"
    assert (away.config.models_dir / model.folder / fast.GRAPH).exists()
    assert whole.load(away.config.models_dir / model.folder).card.labels == labels


def rewritten(exported: Path, path: Path, **changes) -> Path:
    """The exported file with other members; ``note`` changes the note, checksums follow."""
    with zipfile.ZipFile(exported) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    note = json.loads(parts[model_files.NOTE]) | changes.pop("note", {})
    card = json.loads(parts[CARD])
    weights = changes.pop("weights", parts[WEIGHTS])
    card = card | {"sha256": hashlib.sha256(weights).hexdigest()} | changes.pop("card", {})
    parts |= {WEIGHTS: weights, CARD: json.dumps(card).encode()}
    note["sha256"] = {name: hashlib.sha256(parts[name]).hexdigest() for name in (CARD, WEIGHTS)}
    parts[model_files.NOTE] = json.dumps(note).encode()
    parts |= changes.pop("members", {})
    with zipfile.ZipFile(path, "w", changes.pop("compression", zipfile.ZIP_STORED)) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert not changes
    return path


def weights_of(exported: Path, change) -> bytes:
    with zipfile.ZipFile(exported) as archive:
        tensors = tensors_from(archive.read(WEIGHTS))
    change(tensors)
    return tensors_to({name: np.ascontiguousarray(each) for name, each in tensors.items()})


def nan(tensors):
    tensors["matrix"] = np.full_like(tensors["matrix"], np.nan)


def narrow(tensors):
    for name in ("mean", "spread"):
        tensors[name] = tensors[name][:10]
    for name in ("matrix", "references"):
        tensors[name] = tensors[name][:, :10]


def fewer(tensors):
    del tensors["bias"]


HOSTILE = {
    "cut short": (lambda e, p: p.write_bytes(e.read_bytes()[:-2000]), "no model file|damaged"),
    "no archive": (lambda _, p: p.write_bytes(b"PK\x03\x04 nonsense"), "no model file"),
    "empty": (lambda _, p: p.write_bytes(b""), "no model file"),
    "a flipped bit": (lambda e, p: p.write_bytes(flipped(e.read_bytes())), "damaged|checksum"),
    "a path upwards": (
        lambda e, p: rewritten(e, p, members={"../../evil.py": b"x"}), "it holds"),
    "one member more": (lambda e, p: rewritten(e, p, members={"pickle.pkl": b"x"}), "it holds"),
    "compressed": (lambda e, p: rewritten(e, p, compression=zipfile.ZIP_DEFLATED), "compressed"),
    "no safetensors": (lambda e, p: rewritten(e, p, weights=b"\x80\x04pickle"), "damaged"),
    "a huge header": (
        lambda e, p: rewritten(e, p, weights=(2**62).to_bytes(8, "little") + b"{}"), "damaged"),
    "not numbers": (lambda e, p: rewritten(e, p, weights=weights_of(e, nan)), "not numbers"),
    "another width": (lambda e, p: rewritten(e, p, weights=weights_of(e, narrow)), "features"),
    "a tensor missing": (lambda e, p: rewritten(e, p, weights=weights_of(e, fewer)), "tensors"),
    "another backbone": (
        lambda e, p: rewritten(e, p, card={"backbone": "resnet50@224"}), "resnet50@224"),
    "no temperature": (lambda e, p: rewritten(e, p, card={"temperature": 0.0}), "temperature"),
    "a newer format": (lambda e, p: rewritten(e, p, note={"format": 99}), "Update the server"),
    "odd thresholds": (
        lambda e, p: rewritten(e, p, note={"thresholds": {"Bad": 2.0}}), "thresholds"),
    "an odd severity": (
        lambda e, p: rewritten(
            e, p, note={"classes": [{"name": "Bad", "severity": "apocalypse"}]}), "severity"),
    "an odd name": (lambda e, p: rewritten(e, p, card={"plot_type": "a\nb"},
                                           note={"plot_type": "a\nb"}), "names"),
    "deep words": (
        lambda e, p: rewritten(e, p, members={CARD: b"[" * 100_000}), "checksum"),
    "a huge network": (
        lambda e, p: rewritten(e, p, card={"kind": "network", "architecture": "vit_h_14",
                                           "size": 224}), "not those of vit_h_14"),
    "a network that fetches": (
        lambda e, p: rewritten(e, p, card={"kind": "network", "size": 64, "architecture":
                                           "fasterrcnn_resnet50_fpn"}), "no architecture"),
    "a huge input": (
        lambda e, p: rewritten(e, p, card={"kind": "network", "architecture": "resnet18",
                                           "size": 10**9}), "pixels"),
}  # fmt: skip


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 4]) + data[middle + 1 :]


@pytest.mark.parametrize("case", HOSTILE)
def test_that_a_file_that_is_not_right_is_refused_and_leaves_nothing(
    tmp_path, home, exported, case
):
    make, word = HOSTILE[case]
    path = tmp_path / "odd.hydra-model"
    make(exported, path)
    before = home.models(), home.active(), sorted(home.config.models_dir.rglob("*"))
    with pytest.raises(ModelFileError, match=word) as refused:
        model_files.read(home.config, home.sessions, path, who="somebody")
    assert len(str(refused.value)) < 600, "a sentence, not a dump"
    assert (home.models(), home.active(), sorted(home.config.models_dir.rglob("*"))) == before
    assert not (tmp_path / "evil.py").exists()


def test_that_a_damaged_model_is_not_exported(tmp_path, exported, away):
    model_files.read(away.config, away.sessions, exported, who="maintainer")
    (model,) = away.models()
    file = away.config.models_dir / model.folder / WEIGHTS
    file.write_bytes(flipped(file.read_bytes()))
    with pytest.raises(heads.HeadError, match="checksum"):
        model_files.write(away.config, away.sessions, model.id, tmp_path / "out.hydra-model")
    assert not list(tmp_path.glob("*out*"))


def test_that_a_head_leaves_as_onnx_and_says_the_same(tmp_path, home):
    import onnx
    import torch

    from inference_server.predict import joined
    from inference_server.predict.backbone import trial_pictures

    model = home.models()[-1]
    path = tmp_path / "cdc.onnx"
    onnx_files.write(home.config, home.sessions, model.id, path)
    _, module, size = joined.join(home.config.backbone, home.config.models_dir / model.folder)
    pictures = trial_pictures(size)[:3]
    with torch.inference_mode():
        expected = module(torch.from_numpy(pictures)).numpy()
    assert np.allclose(export.session(path, 1)(pictures), expected, atol=1e-3)
    assert np.allclose(expected.sum(axis=1), 1, atol=1e-4)
    said = {each.key: each.value for each in onnx.load(path).metadata_props}
    assert msgspec.json.decode(said["classes"]) == list(model.labels)
