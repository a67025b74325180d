"""What a person types: exit states, sentences instead of tracebacks."""

from __future__ import annotations

import csv
import json

import pytest

from inference_server import ctl
from inference_server.cli import main
from inference_server.version import version
from tests.ports import free_ports
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


def test_that_what_a_command_says_can_be_read_by_a_program(tmp_path, config, capfd):
    def told(*arguments):
        status = main([*arguments, "--json", "--config", str(config)])
        said = json.loads(capfd.readouterr().out)
        assert status == 0, said
        return said

    config.write_text(f"port = {free_ports(3)}\n{config.read_text()}")

    assert told("migrate", "--dry-run")[0].startswith("0001")
    checked = told("run", "--check")
    assert all(each["ok"] for each in checked)
    assert any("database" in each["sentence"] for each in checked)
    folder = labelled_folder(tmp_path / "in")
    found = told("import-labels", "--dry-run", str(folder))
    assert sum(each["pictures"] for each in found) == 24
    assert {each["plot_type"] for each in found} == {"CDC_occupancy"}
    taken = told("import-labels", str(folder))
    assert taken == {"imported": 24, "known": 0, "corrected": 0, "rejected": []}
    assert told("migrate", "--dry-run") == []


def test_that_shown_settings_hold_no_secret(config, capfd):
    config.write_text(
        'database_url = "mysql+pymysql://hydra:s3cret@db/hydra"\n'
        + config.read_text()
        + '[mail]\nhost = "mail"\npassword = "s3cret"\n'
    )
    for more in ([], ["--origin"]):
        assert main(["config", "--config", str(config), *more]) == 0
        shown = capfd.readouterr().out
        assert "s3cret" not in shown
        assert shown.count("(set)") == 2


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


@pytest.fixture
def taught(tmp_path, config):
    assert (
        main(
            ["import-labels", "-q", "--config", str(config), str(labelled_folder(tmp_path / "in"))]
        )
        == 0
    )
    return config


def test_that_models_are_listed_carried_and_made_live(tmp_path, taught, capfd):
    on = ["--config", str(taught)]
    for _ in range(2):
        assert main(["train", "-q", *on]) == 0
    capfd.readouterr()
    assert main(["models", "list", "--json", *on]) == 0
    newest, first = json.loads(capfd.readouterr().out)
    assert (newest["live"], first["live"], newest["parent_id"]) == (True, False, first["id"])
    file = tmp_path / "first.hydra-model"
    assert main(["models", "export", str(first["id"]), str(file), *on]) == 0
    assert main(["models", "import", str(file), *on]) == 0
    assert "Make it live" in capfd.readouterr().out
    assert main(["models", "activate", str(first["id"]), "--reason", "better", *on]) == 0
    capfd.readouterr()
    assert main(["models", "list", "--json", *on]) == 0
    assert [each["live"] for each in json.loads(capfd.readouterr().out)] == [False, False, True]
    assert main(["models", "activate", "99", "--reason", "none", *on]) == 1
    assert "There is no model 99" in capfd.readouterr().err
    file.write_bytes(file.read_bytes()[:1000])
    assert main(["models", "import", str(file), *on]) == 1
    assert "no model file" in capfd.readouterr().err


def test_that_trainings_wait_for_the_server_and_can_be_called_off(taught, capfd):
    on = ["--config", str(taught)]
    assert main(["train", "--queue", "--depth", "full", "--seed", "5", *on]) == 0
    said = capfd.readouterr()
    assert "CDC_occupancy: training 1 waits." in said.out
    assert "No server runs here" in said.err
    assert main(["trainings", "--stop", "1", "--json", *on]) == 0
    (job,) = json.loads(capfd.readouterr().out)
    assert (job["state"], job["settings"]["depth"], job["settings"]["seed"]) == (
        "stopped",
        "full",
        5,
    )
    assert main(["trainings", "--keep", "1", *on]) == 1
    assert "training 1 has ended: stopped" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--precision", "90"], "precision is 90.0; it may be from 0 to 1"),
        (["--size", "20", "--depth", "full"], "size is 20"),
        (["--depth", "full", "--network", "resnet17"], "There is no architecture 'resnet17'"),
        (["--runs", "1-x"], "not a run or a range of runs"),
    ],
    ids=["per cent", "too small", "no network", "no runs"],
)
def test_that_a_training_that_cannot_be_is_refused_with_a_sentence(taught, capfd, options, word):
    assert main(["train", "CDC_occupancy", *options, "--config", str(taught)]) == 1
    said = capfd.readouterr().err
    assert word in said
    assert "Traceback" not in said


@pytest.mark.parametrize("program", [main, ctl.main], ids=["hydra-server", "hydra-ctl"])
def test_that_a_program_tells_its_version_on_stdout(program, request, capfd):
    with pytest.raises(SystemExit) as ended:
        program(["--version"])
    assert ended.value.code == 0
    name = request.node.callspec.id
    assert capfd.readouterr().out == f"{name} {version()}\n"
