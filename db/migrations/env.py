"""Alembic's way in; called by ``db.session.migrate`` and by nobody else."""

from alembic import context

from db.base import BIG, UtcDateTime
from db.session import connect
from db.tables import Base


def _render(kind: str, item: object, autogen: object) -> str | bool:  # noqa: ARG001 - Alembic's signature
    """Own types by their own names, so that migrations do not depend on a dialect."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "UtcDateTime()"
    if kind == "type" and item is BIG:
        return "BIG"
    return False


engine = connect(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=_render,  # type: ignore[arg-type]
        render_as_batch=connection.dialect.name == "sqlite",  # SQLite alters by copying
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
