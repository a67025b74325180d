"""The migrated schema is the one that the models describe, there and back."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from db import session
from db.tables import Base


def test_that_the_migrations_make_what_the_models_say(database_url):
    session.migrate(database_url)
    engine = session.connect(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_that_the_way_down_leaves_nothing_and_the_way_up_works_again(database_url):
    session.migrate(database_url)
    session.downgrade(database_url, "base")
    engine = session.connect(database_url)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()
    session.migrate(database_url)
