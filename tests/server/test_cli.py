"""What a person types: exit states, sentences instead of tracebacks."""

from __future__ import annotations

import csv
import json

import pytest

from inference_server.cli import main
from tests.server.pictures import SIZE, labelled_folder


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "hydra.toml"
    path.write_text(
        f'data_dir = "{tmp_path / "site"}"\n[backbone]\nsize = {SIZE}\nruntime = "torch"\n'
        'device = "cpu"\n'
    )
    return path


def test_that_labels_come_in_teach_and_go_out_by_commands_alone(tmp_path, config, capfd):
    folder = labelled_folder(tmp_path / "in")
    assert main(["import-labels", "--config", str(config), str(folder)]) == 0
    seen = capfd.readouterr()
    assert "24 labelled pictures imported, 0 were known, 0 left out." in seen.out
    assert "pictures read: 24 of 24" in seen.err
    assert main(["train", "--config", str(config), "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["accuracy"] > 0.8
    table = tmp_path / "labels.csv"
    assert main(["export", "labels", "--config", str(config), "--csv", str(table)]) == 0
    with table.open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 24
    assert main(["import-labels", "-q", "--config", str(config), str(table)]) == 0
    assert "0 labelled pictures imported, 24 were known" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["import-labels", "/nowhere/at/all"], "/nowhere/at/all does not exist"),
        (["export", "labels", "--csv", "/nowhere/labels.csv"], "/nowhere/labels.csv: No such file"),
        (["train", "ST_occupancy"], "No plot type is called ST_occupancy"),
        (["run", "--config", "/nowhere.toml"], "/nowhere.toml cannot be read"),
    ],
    ids=["no folder", "no place", "no plot type", "no settings"],
)
def test_that_a_mistake_is_a_sentence_and_status_one(config, capfd, arguments, word):
    assert main(with_config(arguments, config)) == 1
    said = capfd.readouterr().err
    assert word in said
    assert "Traceback" not in said


def with_config(arguments, config):
    return arguments if "--config" in arguments else [*arguments, "--config", str(config)]


def test_that_a_network_that_does_not_exist_is_named(tmp_path, config, capfd):
    config.write_text(config.read_text() + 'name = "resnet17"\n')
    folder = labelled_folder(tmp_path / "in", runs=1)
    assert main(["import-labels", "--config", str(config), str(folder)]) == 1
    assert "There is no architecture 'resnet17'" in capfd.readouterr().err
