from __future__ import annotations

import csv

import pytest

from db import catalogue, inferences, pictures
from db.session import transaction
from db.values import Area
from inference_server import exports, transfer
from inference_server.store import PictureStore
from tests.db import factories
from tests.server.pictures import labelled_folder, plot, settings


@pytest.fixture
def config(tmp_path):
    return settings(tmp_path / "site")


@pytest.fixture
def other(tmp_path):
    """Another site, to bring the labels to."""
    from db import session

    config = settings(tmp_path / "other")
    config.data_dir.mkdir()
    session.migrate(config.database)
    engine = session.connect(config.database)
    yield config, session.sessions(engine)
    engine.dispose()


@pytest.fixture
def filled(tmp_path, config, sqlite_sessions):
    transfer.import_labels(
        config, sqlite_sessions, labelled_folder(tmp_path / "in", runs=1), run_period="2026-01"
    )
    return sqlite_sessions


def rows_of(table):
    return [dict(row) for row in table.rows]


def told(config, sessions):
    """The labels of a site, whatever its files are called."""
    return sorted(
        tuple(str(row[name]) for name in ("plot_type", "run", "chunk", "label", "run_period"))
        for row in rows_of(exports.label_table(config, sessions))
    )


def test_that_a_table_of_labels_comes_in_again_wherever_it_lies(tmp_path, config, filled, other):
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        assert exports.label_table(config, filled).write(file) == 6
    again = transfer.import_labels(config, filled, tmp_path / "labels.csv")
    assert (again.imported, again.known, again.rejected) == (0, 6, [])
    assert transfer.import_labels(*other, tmp_path / "labels.csv").imported == 6
    assert told(*other) == told(config, filled)


def test_that_a_folder_of_labels_is_complete_in_itself(tmp_path, config, filled, other):
    out = tmp_path / "out"
    assert exports.label_folder(config, filled, out) == (6, 0)
    assert {path.parent.name for path in out.glob("CDC_occupancy/*/*.png")} == {
        "Good", "Bad", "NoData",
    }  # fmt: skip
    moved = out.rename(tmp_path / "moved")
    assert transfer.import_labels(*other, moved / exports.TABLE).imported == 6
    assert told(*other) == told(config, filled)


def test_that_the_folder_alone_tells_all_but_the_run_period(tmp_path, config, filled, other):
    exports.label_folder(config, filled, tmp_path / "out")
    (tmp_path / "out" / exports.TABLE).unlink()
    result = transfer.import_labels(*other, tmp_path / "out", run_period="2026-01")
    assert (result.imported, result.rejected) == (6, [])
    assert told(*other) == told(config, filled)


def test_that_two_pictures_of_one_chunk_do_not_overwrite_each_other(
    tmp_path, config, sqlite_sessions
):
    for period in ("spring", "fall"):
        folder = tmp_path / period / "ST" / "Good"
        folder.mkdir(parents=True)
        (folder / "ST_000007_0001.png").write_bytes(plot("Good", len(period)))
        transfer.import_labels(config, sqlite_sessions, tmp_path / period, run_period=period)
    assert exports.label_folder(config, sqlite_sessions, tmp_path / "out") == (2, 0)
    assert len(list((tmp_path / "out").rglob("*.png"))) == 2


def test_that_pictures_which_are_gone_are_counted(tmp_path, config, filled):
    with transaction(filled) as session:
        (plot_type,) = catalogue.load(session).plot_types
        first = pictures.labelled(session, plot_type.id, "none")[0]
    PictureStore(config.pictures_dir).delete(first.picture_hash, first.extension)
    assert exports.label_folder(config, filled, tmp_path / "out") == (5, 1)


def test_that_a_class_name_cannot_leave_the_folder(tmp_path, config, sqlite_sessions):
    (tmp_path / "a.png").write_bytes(plot("Good", 1))
    with (tmp_path / "t.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [["path", "plot_type", "run", "label"], ["a.png", "../ST", 7, "../../Good"]]
        )
    transfer.import_labels(config, sqlite_sessions, tmp_path / "t.csv")
    out = tmp_path / "deep" / "er" / "out"
    assert exports.label_folder(config, sqlite_sessions, out) == (1, 0)
    (found,) = tmp_path.joinpath("deep").rglob("*.png")
    assert found.is_relative_to(out)


AREAS = (Area(left=0.1, top=0.1, right=0.2, bottom=0.2, mask_id=5),) * 2


def test_that_verdicts_have_a_column_for_the_confidence_of_every_class(sessions):
    with transaction(sessions) as session:
        for name in ("Good", "Bad", "LED"):
            catalogue.ensure_class(session, name, "neutral")
        plot_type = catalogue.register(session, "ST", chunked=True, classes=("Good", "Bad", "LED"))
        inferences.store(
            session,
            [factories.inference(plot_type, chunk, masked=AREAS[chunk:]) for chunk in (1, 2)]
            + [factories.inference(plot_type, 3, anomaly=None, scores={}, label="NoModel")],
        )
    table = exports.verdict_table(sessions)
    first, _, third = rows_of(table)
    assert {"confidence_Good", "confidence_Bad", "confidence_LED"} < set(table.columns)
    assert set(first) <= set(table.columns)
    assert (first["class"], first["confidence_Good"], first["confirmed"]) == ("Good", 0.97, 1)
    assert [row["masked"] for row in (first, third)] == [1, 0]
    assert (third["class"], third["anomaly"], third["chunk"]) == ("NoModel", "", 3)


def test_that_no_verdicts_are_still_a_table(sqlite_sessions, tmp_path):
    with (tmp_path / "v.csv").open("w", newline="") as file:
        assert exports.verdict_table(sqlite_sessions).write(file) == 0
    assert (tmp_path / "v.csv").read_text().startswith("plot_type,run_period,run,chunk,file,class")
