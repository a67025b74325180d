"""Settings: checked once, and wrong ones say what is wrong."""

import socket
from pathlib import Path

import pytest

from inference_server import config
from inference_server.cli import check
from inference_server.config import ConfigError
from tests.ports import free_ports


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "hydra.toml"
    path.write_text(text)
    return path


def test_that_a_file_fills_nested_settings(tmp_path):
    path = written(
        tmp_path,
        'experiment = "Hall D"\n[backbone]\nsize = 384\n[[inboxes]]\npath = "/data/plots"\nremove = false\n',
    )
    loaded = config.load(path)
    assert (loaded.experiment, loaded.backbone.size) == ("Hall D", 384)
    assert loaded.inboxes == (config.Inbox(path=Path("/data/plots"), remove=False),)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('experimnt = "x"', "Did you mean experiment"),
        ("[backbone]\nsise = 3", "unknown key backbone.sise. Did you mean size"),
        ('[[inboxes]]\npath = "a"\nremov = true', "unknown key inboxes.remov"),
        ('port = "many"', "port"),
        ("port = ", "not valid TOML"),
    ],
    ids=["misspelt key", "misspelt nested key", "misspelt inbox key", "wrong type", "no TOML"],
)
def test_that_a_wrong_setting_names_the_cause(tmp_path, text, hint):
    with pytest.raises(ConfigError, match=hint):
        config.load(written(tmp_path, text))


def test_that_a_missing_file_is_an_error_and_not_a_default(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        config.load(tmp_path / "absent.toml")


def test_that_flags_win_over_the_environment_and_that_over_the_file(tmp_path):
    path = written(
        tmp_path, 'data_dir = "/one"\nport = 1\nexperiment = "File"\n[backbone]\nsize = 384'
    )
    environment = {"HYDRA_DATA_DIR": "/two", "HYDRA_PORT": "2", "HYDRA_UNRELATED": "x"}
    given = config.sources(path, {"data_dir": "/three"}, environment)
    loaded = config.joined(given)
    assert (loaded.data_dir, loaded.port, loaded.experiment) == (Path("/three"), 2, "File")
    assert config.origins(given) == {
        "data_dir": "flag",
        "port": "environment HYDRA_PORT",
        "experiment": str(path),
        "backbone": str(path),
    }


def test_that_the_users_file_wins_over_the_sites(tmp_path, monkeypatch):
    site = written(tmp_path, 'experiment = "Site"\n[store]\nkeep = "needed"\nmax_gb = 5.0')
    user = tmp_path / "config" / "hydra-server" / "hydra.toml"
    user.parent.mkdir(parents=True)
    user.write_text("[store]\nmax_gb = 9.0")
    monkeypatch.setattr(config, "SITE_FILE", site)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    loaded = config.joined(config.sources(None, {}, {}))
    assert (loaded.experiment, loaded.store.keep, loaded.store.max_gb) == ("Site", "needed", 9.0)


def test_that_a_wrong_value_in_the_environment_is_named():
    with pytest.raises(ConfigError, match="HYDRA_PORT"):
        config.joined(config.sources(None, {}, {"HYDRA_PORT": "many"}))


def test_that_a_check_names_what_stands_in_the_way_of_a_start(tmp_path, capsys):
    port = free_ports(3)
    (tmp_path / "inbox").mkdir()
    inboxes = [{"path": str(tmp_path / "inbox")}]
    given = {"data_dir": str(tmp_path / "data"), "port": port, "inboxes": inboxes}
    assert check.report(config.load(None, given)) == 0
    inboxes.append({"path": str(tmp_path / "absent")})
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        url = f"mysql+pymysql://root@127.0.0.1:{port + 1}/none"
        assert check.report(config.load(None, {**given, "database_url": url})) == 1
    troubles = [line for line in capsys.readouterr().out.splitlines() if line.startswith("trouble")]
    assert [
        words for words in ("absent", f"port {port}", "database") if words in str(troubles)
    ] == [
        "absent",
        f"port {port}",
        "database",
    ]
    assert len(troubles) == 3


def test_that_the_roles_get_the_settings_that_the_supervisor_has(tmp_path):
    given = config.load(None, {"data_dir": str(tmp_path), "inboxes": [{"path": "~/in"}]})
    file = tmp_path / "effective.json"
    file.write_bytes(config.dump(given))
    assert config.restore(file) == given
