"""The way in: engines, sessions, transactions, migrations, and one word for "the database is away"."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

CONNECT_S = 3  # a database that does not answer by then is away
LOCKED_S = 10.0  # SQLite: patience while another process writes
# No permission, busy, locked, read only, input/output error, damaged, full, cannot be opened,
# lock protocol, not a database.
SQLITE_AWAY = frozenset({3, 5, 6, 8, 10, 11, 13, 14, 15, 26})
# Access denied, no such database, too many connections, shutting down, disk or table full, lock
# wait, deadlock, read only: another attempt may succeed once somebody has seen to it.
MYSQL_AWAY = frozenset({1021, 1040, 1044, 1045, 1049, 1053, 1114, 1205, 1213, 1290, 1927})
CLIENT_ERRORS = 2000  # MySQL's numbers for "cannot connect", "lost connection", ...
MIGRATIONS = Path(__file__).parent / "migrations"


class DatabaseAway(RuntimeError):
    """The database cannot be used now; try again later. The message names the cause."""


def connect(url: str, *, answer_s: float | None = None) -> Engine:
    """An engine for ``url``; SQLite's directory is made. Nothing is asked of the database yet.

    Raises DatabaseAway: that directory cannot be made.
    ``answer_s``: a statement that takes longer means that the database is away (a host without power
    never says so); None: as long as it takes, for migrations and exports.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            _make_directory(Path(parsed.database).parent)
        engine = create_engine(parsed, connect_args={"timeout": answer_s or LOCKED_S})
        event.listen(engine, "connect", _sqlite_manners)
        return engine
    return create_engine(
        parsed,
        pool_pre_ping=True,  # a connection that died in the night is replaced unseen
        pool_recycle=1800,
        isolation_level="READ COMMITTED",  # fewer gap locks between the keeper and people's changes
        connect_args={
            "connect_timeout": min(CONNECT_S, answer_s or CONNECT_S),
            "read_timeout": answer_s,
            "write_timeout": answer_s,
            "charset": "utf8mb4",
        },
    )


def _make_directory(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseAway(
            f"The directory {folder} of the database cannot be made: {error.strerror}. "
            "Check data_dir and database_url in the settings."
        ) from error


def _sqlite_manners(connection: sqlite3.Connection, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")  # readers do not wait for the writer
    cursor.execute("PRAGMA synchronous = FULL")  # a commit survives a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


# Alembic keeps its context in the module: one migration at a time within a process.
_ALEMBIC = threading.Lock()


def sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions on ``engine``."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def transaction(maker: sessionmaker[Session]) -> Iterator[Session]:
    """One transaction: committed at the end, rolled back on any error. Raises DatabaseAway."""
    with reachable(), maker.begin() as session:
        yield session


@contextmanager
def reachable() -> Iterator[None]:
    """Turn what means "away" into DatabaseAway; everything else (a bug) passes."""
    try:
        yield
    except DBAPIError as error:
        if not _is_away(error):
            raise
        raise DatabaseAway(
            f"The database cannot be used: {_cause(error)}. Check that it runs and that its disk has room."
        ) from error


def _is_away(error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.Error):
        # The upper bytes tell finer; an error of Python's own module has no number: a bug of ours.
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in SQLITE_AWAY
    if isinstance(error, InterfaceError | InternalError):
        return True
    code = error.orig.args[0] if error.orig is not None and error.orig.args else None
    if not isinstance(error, OperationalError) or not isinstance(code, int):
        return False
    return code in MYSQL_AWAY or code >= CLIENT_ERRORS


def _cause(error: DBAPIError) -> str:
    reason = error.orig.args if error.orig is not None else ()
    return str(reason[-1] if reason else error).rstrip(".")


def migrate(url: str, revision: str = "head") -> None:
    """Bring the tables to ``revision``; of several programs that try, one does it.

    Raises DatabaseAway, also where the tables are those of a newer version of this program.
    """
    try:
        with _ALEMBIC, reachable():
            command.upgrade(_alembic(url), revision)
    except CommandError as error:
        raise DatabaseAway(
            f"The tables of the database cannot be brought to this version: {error}. "
            "A newer version of this program may have made them: update this one."
        ) from error


def pending(url: str) -> list[str]:
    """The steps that ``migrate`` would take, first one first, each with its sentence. Raises DatabaseAway."""
    script = ScriptDirectory.from_config(_alembic(url))
    parsed = make_url(url)
    now: tuple[str, ...] = ()
    if parsed.get_backend_name() != "sqlite" or Path(parsed.database or "").is_file():
        engine = connect(url)
        try:
            with reachable(), engine.connect() as connection:
                now = MigrationContext.configure(connection).get_current_heads()
        finally:
            engine.dispose()
    steps = reversed(list(script.iterate_revisions("heads", now or "base")))
    return [f"{step.revision}: {(step.doc or '').splitlines()[0]}" for step in steps]


def downgrade(url: str, revision: str) -> None:
    """Take the tables back to ``revision`` ("base": none left). Raises DatabaseAway."""
    with _ALEMBIC, reachable():
        command.downgrade(_alembic(url), revision)


def _alembic(url: str) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config
