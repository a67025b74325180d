"""Settings: checked once, and wrong ones say what is wrong."""

from pathlib import Path

import pytest

from inference_server import config
from inference_server.config import ConfigError


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


def test_that_flags_win_over_the_file_and_the_environment_over_both(tmp_path, monkeypatch):
    path = written(tmp_path, 'data_dir = "/one"\ndatabase_url = "sqlite:///file.sqlite"')
    loaded = config.load(path, {"data_dir": "/two"})
    assert loaded.data_dir == Path("/two")
    assert loaded.database == "sqlite:///file.sqlite"
    monkeypatch.setenv("HYDRA_DATABASE_URL", "sqlite:///environment.sqlite")
    assert loaded.database == "sqlite:///environment.sqlite"


def test_that_the_roles_get_the_settings_that_the_supervisor_has(tmp_path):
    given = config.load(None, {"data_dir": str(tmp_path), "inboxes": [{"path": "~/in"}]})
    file = tmp_path / "effective.json"
    file.write_bytes(config.dump(given))
    assert config.restore(file) == given
