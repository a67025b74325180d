from __future__ import annotations

import csv
from datetime import UTC, datetime

import pytest

from db import catalogue, labels, pictures
from db.session import transaction
from inference_server import transfer
from inference_server.labelled_files import BadTable
from inference_server.predict.backbone import identity
from inference_server.store import PictureStore
from tests.server.pictures import labelled_folder, plot, settings


@pytest.fixture
def config(tmp_path):
    return settings(tmp_path)


def plots(sessions):
    with transaction(sessions) as session:
        return {each.name: each for each in catalogue.load(session).plot_types}


def labelled(sessions, config, name="CDC_occupancy"):
    with transaction(sessions) as session:
        return pictures.labelled(session, plots(sessions)[name].id, identity(config.backbone))


def test_that_a_folder_per_class_comes_in_with_labels_features_and_files(
    tmp_path, config, sessions
):
    heard = []
    result = transfer.import_labels(
        config,
        sessions,
        labelled_folder(tmp_path / "in"),
        run_period="2026-01",
        progress=lambda done, total: heard.append((done, total)),
    )
    assert (result.imported, result.known, result.rejected) == (24, 0, [])
    assert heard[-1] == (24, 24)
    assert heard == sorted(heard)
    found = labelled(sessions, config)
    assert len(found) == 24
    assert {each.class_name for each in found} == {"Good", "Bad", "NoData"}
    assert {(each.run_period, each.run) for each in found} == {
        ("2026-01", 100 + n) for n in range(4)
    }
    assert all(each.features is not None and len(each.features) == 2 * 2560 for each in found)
    store = PictureStore(config.pictures_dir)
    assert all(store.read(each.picture_hash, each.extension) for each in found)


def test_that_classes_get_their_well_known_severities(tmp_path, config, sqlite_sessions):
    folder = labelled_folder(tmp_path / "in", runs=1)
    (folder / "Cosmic").mkdir()
    (folder / "Cosmic" / "CDC_occupancy_000100_0099.png").write_bytes(plot("Bad", 9))
    transfer.import_labels(config, sqlite_sessions, folder)
    (plot_type,) = plots(sqlite_sessions).values()
    assert plot_type.chunked
    assert {each.name: each.severity for each in plot_type.classes} == {
        "Good": "good",
        "Bad": "bad",
        "NoData": "warning",
        "Cosmic": "neutral",
    }


def test_that_an_import_again_changes_nothing(tmp_path, config, sqlite_sessions):
    folder = labelled_folder(tmp_path / "in", runs=2)
    transfer.import_labels(config, sqlite_sessions, folder)
    again = transfer.import_labels(config, sqlite_sessions, folder)
    assert (again.imported, again.known, again.rejected) == (0, 12, [])
    assert len(labelled(sqlite_sessions, config)) == 12


def test_that_an_import_again_does_not_outvote_a_person(tmp_path, config, sqlite_sessions):
    folder = labelled_folder(tmp_path / "in", runs=1)
    transfer.import_labels(config, sqlite_sessions, folder)
    first = labelled(sqlite_sessions, config)[0]
    with transaction(sqlite_sessions) as session:
        labels.vote(
            session,
            picture_id=first.picture_id,
            class_name="NoData" if first.class_name != "NoData" else "Bad",
            who="expert",
            at=datetime.now(UTC),
            client_id="1",
        )
    transfer.import_labels(config, sqlite_sessions, folder)
    after = {each.picture_id: each.class_name for each in labelled(sqlite_sessions, config)}
    assert after[first.picture_id] != first.class_name


def test_that_folders_of_plot_types_are_told_apart(tmp_path, config, sqlite_sessions):
    for name in ("CDC_occupancy", "BCAL_occupancy"):
        labelled_folder(tmp_path / "in" / name, name, runs=1)
    transfer.import_labels(config, sqlite_sessions, tmp_path / "in")
    assert set(plots(sqlite_sessions)) == {"CDC_occupancy", "BCAL_occupancy"}


def table(path, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def test_that_of_two_rows_for_one_picture_the_last_is_its_label(tmp_path, config, sqlite_sessions):
    (tmp_path / "a.png").write_bytes(plot("Good", 1))
    rows = [["a.png", "ST_occupancy", 7, 3, label, "2026-02"] for label in ("Good", "Bad")]
    head = ["path", "plot_type", "run", "chunk", "label", "run_period"]
    transfer.import_labels(config, sqlite_sessions, table(tmp_path / "labels.csv", [head, *rows]))
    (found,) = labelled(sqlite_sessions, config, "ST_occupancy")
    assert found.class_name == "Bad"
    with transaction(sqlite_sessions) as session:
        assert len(labels.votes_on(session, found.picture_id)) == 2


def test_that_bad_rows_are_named_and_the_rest_goes_on(tmp_path, config, sqlite_sessions):
    (tmp_path / "good.png").write_bytes(plot("Good", 1))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    path = table(
        tmp_path / "labels.csv",
        [
            ["path", "plot_type", "run", "chunk", "label", "run_period"],
            ["good.png", "ST_occupancy", 7, 3, "Good", "2026-02"],
            ["broken.png", "ST_occupancy", 7, 4, "Good", "2026-02"],
            ["gone.png", "ST_occupancy", 7, 5, "Good", "2026-02"],
            ["good.png", "ST_occupancy", "seven", 5, "Good", "2026-02"],
            ["good.png", "ST_occupancy", 7, 5, "", "2026-02"],
        ],
    )
    result = transfer.import_labels(config, sqlite_sessions, path)
    assert result.imported == 1
    assert len(result.rejected) == 4
    assert any("row 4: gone.png" in reason for reason in result.rejected)
    assert any("broken.png: This is not a PNG" in reason for reason in result.rejected)
    (found,) = labelled(sqlite_sessions, config, "ST_occupancy")
    assert (found.run_period, found.run, found.chunk) == ("2026-02", 7, 3)


def test_that_other_column_names_and_whole_run_plots_are_understood(
    tmp_path, config, sqlite_sessions
):
    (tmp_path / "a.png").write_bytes(plot("Good", 1))
    path = table(tmp_path / "t.csv", [["file", "plot", "run", "class", "period"],
                                      ["a.png", "RF_timing", 8, "Good", "spring"]])  # fmt: skip
    assert transfer.import_labels(config, sqlite_sessions, path).imported == 1
    assert not plots(sqlite_sessions)["RF_timing"].chunked


def test_that_a_table_without_labels_is_refused_with_what_it_needs(
    tmp_path, config, sqlite_sessions
):
    path = table(tmp_path / "t.csv", [["path", "run"], ["a.png", 1]])
    with pytest.raises(BadTable, match="no column label"):
        transfer.import_labels(config, sqlite_sessions, path)
    with pytest.raises(BadTable, match="does not exist"):
        transfer.import_labels(config, sqlite_sessions, tmp_path / "nowhere")


def test_that_a_corrected_label_comes_in_once_and_people_outvote_it(
    tmp_path, config, sqlite_sessions
):
    (tmp_path / "a.png").write_bytes(plot("Good", 1))
    head = ["path", "plot_type", "run", "chunk", "label"]
    path = table(tmp_path / "t.csv", [head, ["a.png", "ST", 7, 3, "Good"]])
    transfer.import_labels(config, sqlite_sessions, path)
    table(path, [head, ["a.png", "ST", 7, 3, "Bad"]])
    again = transfer.import_labels(config, sqlite_sessions, path)
    assert (again.imported, again.known, again.corrected) == (0, 1, 1)
    (found,) = labelled(sqlite_sessions, config, "ST")
    assert found.class_name == "Bad"
    with transaction(sqlite_sessions) as session:
        labels.vote(
            session, picture_id=found.picture_id, class_name="Good", who="expert",
            at=datetime.now(UTC), client_id="1",
        )  # fmt: skip
    assert transfer.import_labels(config, sqlite_sessions, path).corrected == 0
    assert labelled(sqlite_sessions, config, "ST")[0].class_name == "Good"
