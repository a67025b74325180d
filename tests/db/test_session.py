"""When the database is away, that is said; when it is back, work goes on; a bug stays a bug."""

import sqlite3
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from db import catalogue, inferences, quarantine
from db import session as database
from db.session import DatabaseAway, transaction
from tests.db.factories import inference


@pytest.fixture
def sqlite_url(tmp_path):
    return f"sqlite:///{tmp_path / 'new' / 'hydra.sqlite'}"


@pytest.fixture
def outage(fragile_mariadb, request):
    """A server that may be stopped, sessions on it, and a plot type."""
    name = f"hydra_{abs(hash(request.node.name))}"
    fragile_mariadb.create(name)
    database.migrate(fragile_mariadb.url(name))
    engine = database.connect(fragile_mariadb.url(name), answer_s=5.0)
    maker = database.sessions(engine)
    with transaction(maker) as session:
        plot_type = catalogue.register(session, "CDC_occupancy", chunked=True)
    yield fragile_mariadb, maker, plot_type
    engine.dispose()


@pytest.mark.mariadb
@pytest.mark.parametrize("end", ["stop", "kill"])
def test_that_work_goes_on_when_the_database_is_back(outage, end):
    server, maker, plot_type = outage
    with transaction(maker) as session:
        inferences.store(session, [inference(plot_type, 1)])
    getattr(server, end)()
    try:
        for _ in range(2):  # the first finds a dead connection, the second none
            with pytest.raises(DatabaseAway), transaction(maker) as session:
                inferences.count(session)
    finally:
        server.start()
    with transaction(maker) as session:
        inferences.store(session, [inference(plot_type, 1), inference(plot_type, 2)])
        assert inferences.count(session) == 2


@pytest.mark.mariadb
def test_that_an_end_in_mid_transaction_leaves_nothing_of_it(outage):
    server, maker, plot_type = outage
    try:
        with pytest.raises(DatabaseAway), transaction(maker) as session:  # noqa: PT012 - the end is in the middle
            inferences.store(session, [inference(plot_type, 1)])
            server.kill()
            inferences.store(session, [inference(plot_type, 2)])
    finally:
        server.start()
    with transaction(maker) as session:
        assert inferences.count(session) == 0


def test_that_a_database_that_is_not_there_is_said_to_be_away():
    engine = database.connect("mysql+pymysql://root@127.0.0.1:1/none")  # nobody listens on port 1
    with (
        pytest.raises(DatabaseAway, match="Check that it runs"),
        transaction(database.sessions(engine)) as session,
    ):
        inferences.count(session)
    engine.dispose()


def test_that_a_damaged_file_is_said_to_be_no_database(tmp_path):
    path = tmp_path / "hydra.sqlite"
    path.write_bytes(b"not a database" * 500)
    with pytest.raises(DatabaseAway, match="not a database"):
        database.migrate(f"sqlite:///{path}")


def test_that_a_directory_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatabaseAway, match="cannot be made"):
        database.connect(f"sqlite:///{tmp_path / 'file' / 'hydra.sqlite'}")


def test_that_a_locked_sqlite_is_away_and_comes_back(sqlite_url):
    database.migrate(sqlite_url)
    engine = database.connect(sqlite_url, answer_s=0.05)
    maker = database.sessions(engine)
    other = sqlite3.connect(engine.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseAway, match="locked"), transaction(maker) as session:
        catalogue.register(session, "CDC_occupancy", chunked=True)
    other.execute("ROLLBACK")
    other.close()
    with transaction(maker) as session:
        catalogue.register(session, "CDC_occupancy", chunked=True)
    engine.dispose()


def test_that_a_statement_that_is_wrong_is_not_called_an_outage(sessions):
    with pytest.raises(Exception) as caught, transaction(sessions) as session:  # noqa: PT011 - each driver has its own
        session.execute(text("SELECT nothing FROM nowhere"))
    assert not isinstance(caught.value, DatabaseAway)


def test_that_a_verdict_of_no_plot_type_is_refused(sessions):
    with pytest.raises(IntegrityError), transaction(sessions) as session:
        inferences.store(session, [inference(4711)])


def test_that_an_error_leaves_nothing_of_its_transaction(sessions):
    with pytest.raises(ZeroDivisionError), transaction(sessions) as session:  # noqa: PT012
        catalogue.register(session, "CDC_occupancy", chunked=True)
        session.flush()
        raise ZeroDivisionError
    with transaction(sessions) as session:
        assert catalogue.load(session).plot_types == ()


def test_that_sqlite_survives_a_power_cut_and_checks_its_keys(sqlite_url):
    engine = database.connect(sqlite_url)
    with engine.connect() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    engine.dispose()
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_that_times_keep_their_microseconds_and_their_zone(sessions):
    at = datetime(2026, 10, 25, 1, 30, 0, 123456, tzinfo=UTC)
    with transaction(sessions) as session:
        quarantine.add(session, path="a.png", reason="Unreadable.", at=at, kept_as="a")
    with sessions() as session:
        assert [each.at for each in quarantine.recent(session)] == [at]


def test_that_tables_of_a_newer_version_are_left_alone(database_url):
    database.migrate(database_url)
    engine = database.connect(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(DatabaseAway, match="newer version"):
        database.migrate(database_url)


def test_that_a_migration_that_fails_leaves_sqlite_as_it_was(sqlite_url):
    engine = database.connect(sqlite_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE settings (x INTEGER)"))  # late in the migration's way
    with pytest.raises(OperationalError, match="already exists"):
        database.migrate(sqlite_url)
    with engine.connect() as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        assert names.scalars().all() == ["settings"]
    engine.dispose()
