"""The first start of the demo: who teaches what, in which order, and what a second start finds."""

import threading
from concurrent.futures import Future

import pytest

from db import catalogue, models
from db.session import transaction
from inference_server import simulator
from inference_server.config import Config
from inference_server.demo import prepare, show
from inference_server.demo.prepare import Share
from inference_server.simulator import taught
from tests.db.factories import model

PLOTS = simulator.catalogue()


def shares(roles):
    """(number, of) of each, as the role's command line says them."""
    given = [dict(zip(role.arguments[1::2], role.arguments[2::2], strict=True)) for role in roles]
    return [(int(each["--share"]), int(each["--shares"])) for each in given]


@pytest.mark.parametrize("cores", [1, 2, 3, 4, 64])
def test_that_each_plot_is_taught_by_one_process(cores):
    roles = show.teachers(cores, labels=12)
    assert len(roles) <= cores
    assert len({role.name for role in roles}) == len(roles)
    assert all(role.once for role in roles)
    mine = [plot.name for number, of in shares(roles) for plot in PLOTS[number::of]]
    assert sorted(mine) == sorted(plot.name for plot in PLOTS)


def test_that_pictures_are_drawn_a_little_ahead_and_in_turn(tmp_path):
    drawing = prepare._Drawing(tmp_path, labels=2)
    drawn = drawing.of(PLOTS[:4])
    try:
        plot, folder = next(drawn)
        assert plot == PLOTS[0]
        assert isinstance(folder, Future)
        assert folder.result() == tmp_path / PLOTS[0].name
        assert {each.name for each in folder.result().iterdir()} == {
            each.name for each in PLOTS[0].classes
        }
        assert [plot for plot, _ in drawn] == list(PLOTS[1:4])
    finally:
        drawing.close()
    assert not (tmp_path / PLOTS[4].name).exists()


def test_that_the_bar_shows_how_many_can_be_judged():
    shown = prepare._progress(PLOTS[5], {plot.name for plot in PLOTS[:4]})
    assert shown.fraction == 0.25
    assert shown.sentence == f"Preparing {PLOTS[5].name}: 5 of 16 plot types"


@pytest.fixture
def taught_hall(tmp_path, sqlite_sessions):
    """A demo's data directory in which every plot has a model."""
    with transaction(sqlite_sessions) as session:
        for plot in PLOTS:
            kind = catalogue.register(session, plot.name, chunked=True)
            made = models.add(session, model(kind, name=plot.name, folder=plot.name))
            models.activate(session, kind, made, who="demo", reason="first")
        url = str(session.get_bind().url)
    return Config(data_dir=tmp_path / "data", database_url=url)


def test_that_a_second_start_teaches_nothing_and_the_feed_may_show_all(taught_hall):
    prepare.run(taught_hall, 1, 12, Share(), threading.Event())
    folder = taught_hall.data_dir / taught.FOLDER
    assert {each.name for each in folder.iterdir()} == {plot.name for plot in PLOTS}
    assert not (taught_hall.data_dir / "drawn").exists()


def test_that_a_share_leaves_the_others_alone(taught_hall):
    prepare.run(taught_hall, 1, 12, Share(1, of=2), threading.Event())
    folder = taught_hall.data_dir / taught.FOLDER
    assert {each.name for each in folder.iterdir()} == {plot.name for plot in PLOTS[1::2]}


def test_that_every_plot_has_its_place_before_it_is_taught(tmp_path, sqlite_sessions):
    for _ in range(2):
        prepare._register(sqlite_sessions)
    with transaction(sqlite_sessions) as session:
        found = catalogue.load(session).plot_types
    assert [each.name for each in found] == [plot.name for plot in PLOTS]
    assert all(each.guidance and each.group and each.model_id is None for each in found)
