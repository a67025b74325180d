"""Commands that change things say with ``--dry-run`` what they would do, and change nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from db import catalogue, dropping, inferences, models
from db import session as database
from db.session import transaction
from inference_server import config as settings
from inference_server.cli import main
from inference_server.protocol import keys
from inference_server.store import PictureStore
from inference_server.supervise import only_one
from tests.db.factories import inference, model
from tests.server.pictures import labelled_folder


@pytest.fixture
def site(tmp_path):
    """The settings of a site that keeps pictures for a day, and what runs a command there."""
    path = tmp_path / "hydra.toml"
    path.write_text(f'data_dir = "{tmp_path / "site"}"\n[store]\nmax_age_days = 1.0\n')
    config = settings.load(path)

    def run(*words):
        return main([words[0], *words[1:], "--config", str(path), "--quiet"])

    return config, run


def test_that_a_migration_tells_its_steps(site, capfd):
    config, run = site
    assert run("migrate", "--dry-run") == 0
    steps = capfd.readouterr().out.splitlines()
    assert steps[0].startswith("0001")
    assert len(steps) >= 8
    assert not config.data_dir.exists(), "not even the file is made"
    assert run("retention", "--dry-run") == 1
    assert "not of this version yet" in capfd.readouterr().err
    assert run("migrate") == 0
    assert run("migrate", "--dry-run") == 0
    assert capfd.readouterr().out == "The database is at this version.\n"


def test_that_an_import_tells_what_it_would_read(site, tmp_path, capfd):
    config, run = site
    assert run("import-labels", str(labelled_folder(tmp_path / "in")), "--dry-run") == 0
    seen = capfd.readouterr()
    assert "24 labelled pictures would be read." in seen.err
    assert sum(int(line.split("\t")[2]) for line in seen.out.splitlines()) == 24
    assert not config.data_dir.exists()


def test_that_a_key_is_not_revoked_by_asking(site, tmp_path, capfd):
    config, run = site
    keys.make_client(config.keys_dir, "ann", tmp_path / "ann", "")
    assert run("keys", "revoke", "ann", "--dry-run") == 0
    assert "ann could connect no more" in capfd.readouterr().out
    assert [each.name for each in keys.list_clients(config.keys_dir)] == ["ann"]
    assert run("keys", "revoke", "bob", "--dry-run") == 1


@pytest.fixture
def filled(site):
    """Two old pictures with their files, one of them Bad, and a model."""
    config, run = site
    database.migrate(config.database)
    engine = database.connect(config.database)
    sessions = database.sessions(engine)
    store = PictureStore(config.pictures_dir)
    with transaction(sessions) as session:
        plot = catalogue.register(session, "CDC", True, classes=())
        number = models.add(session, model(plot))
        good = inference(plot, 1, model_id=number)
        bad = inference(plot, 2, model_id=number, label="Bad", severity="bad")
        inferences.store(session, [good, bad])
        for each in (good, bad):
            store.put(each.picture_hash, "png", b"png")
    yield config, run, sessions, number
    store.close()
    engine.dispose()


def test_that_retention_says_what_would_go_and_then_lets_it_go(filled, capfd):
    config, run, sessions, _ = filled
    assert run("retention", "--dry-run") == 0
    assert "About 1 picture (40 kB) would go." in capfd.readouterr().out
    assert run("retention", "--dry-run", "--json") == 0
    assert json.loads(capfd.readouterr().out) == {"pictures": 1, "bytes": 40_000, "stored": 80_000}
    with transaction(sessions) as session:
        assert len(dropping.candidates(session)) == 1
    with only_one(config):
        assert run("retention") == 1, "the server that runs does it by itself"
    assert "already runs" in capfd.readouterr().err
    assert run("retention") == 0
    assert capfd.readouterr().out == "1 pictures removed.\n"
    left = [path.name for path in config.pictures_dir.rglob("*.png")]
    assert left == [f"{inference(1, 2).picture_hash}.png"], "the Bad one is in the log"


def test_that_a_model_is_not_made_live_by_asking(filled, capfd):
    _, run, sessions, number = filled
    assert run("models", "activate", str(number), "--reason", "better", "--dry-run") == 0
    assert f"(model {number}) would be live in place of model None" in capfd.readouterr().out
    with transaction(sessions) as session:
        assert models.active_at(session, 1, datetime.now(UTC)) is None
