"""Alembic's way in; called by ``db.session.migrate`` and by nobody else."""

from alembic import context
from sqlalchemy import Connection, event, text

from db.base import BIG, UtcDateTime
from db.session import DatabaseAway, connect
from db.tables import Base

PATIENCE_S = 60  # while another program migrates


def _render(kind: str, item: object, autogen: object) -> str | bool:  # noqa: ARG001 - Alembic's signature
    """Own types by their own names, so that migrations do not depend on a dialect."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "UtcDateTime()"
    if kind == "type" and item is BIG:
        return "BIG"
    return False


def _all_or_nothing(dbapi_connection, _record) -> None:  # type: ignore[no-untyped-def]
    """Let SQLite's own transactions hold the migration, so that a killed one leaves no trace."""
    dbapi_connection.isolation_level = None  # else Python commits before each CREATE
    dbapi_connection.execute("PRAGMA foreign_keys = OFF")  # SQLite alters by copying and dropping


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # of two programs that migrate, one waits


def _wait_for_others(connection: Connection) -> None:
    lock = text("SELECT GET_LOCK(CONCAT('hydra tables ', DATABASE()), :patience)")
    mine = connection.scalar(lock, {"patience": PATIENCE_S})
    connection.commit()  # the lock stays until the connection is closed
    if mine != 1:
        raise DatabaseAway(
            "Another program has been changing the tables of the database for a minute. Wait for it."
        )


url = context.config.attributes["url"]
engine = connect(url)
sqlite = engine.dialect.name == "sqlite"
if sqlite:
    event.listen(engine, "connect", _all_or_nothing)
    event.listen(engine, "begin", _begin)
try:
    with engine.connect() as connection:
        if not sqlite:
            _wait_for_others(connection)
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=_render,  # type: ignore[arg-type]
            render_as_batch=sqlite,
            transactional_ddl=sqlite,  # MySQL commits after each CREATE
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
finally:
    engine.dispose()
