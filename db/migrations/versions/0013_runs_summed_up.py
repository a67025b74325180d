"""Sums up, run by run, the verdicts that were there before.

A step of its own: MySQL keeps the tables of the step before when somebody ends this one, which takes a
minute for a million verdicts, and it begins again at the next start.
"""

import logging
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0013_runs_summed_up"
down_revision = "0012_runs_side_by_side"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PAGE = 5000

log = logging.getLogger(__name__)


def UtcDateTime() -> sa.DateTime:  # noqa: N802 - as the models call it
    return sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    op.execute("DELETE FROM run_history")
    _fill(op.get_bind())


def downgrade() -> None:
    op.execute("DELETE FROM run_history")


def _fill(connection: sa.Connection) -> None:
    last_chunks: dict[int, int] = {}
    kinds = connection.execute(sa.text("SELECT id, name FROM plot_types ORDER BY id")).all()
    for number, (kind, name) in enumerate(kinds, start=1):
        log.info("Sums up the runs of %s, plot type %d of %d.", name, number, len(kinds))
        rows: dict[int, dict[str, Any]] = {}
        for verdict in _verdicts(connection, kind):
            last = last_chunks.get(verdict.run_id, 0)
            last_chunks[verdict.run_id] = max(last, verdict.chunk)
            _add(rows.setdefault(verdict.run_id, _empty(kind, verdict)), verdict)
        whole = list(rows.values())
        for start in range(0, len(whole), PAGE):
            connection.execute(_history().insert(), whole[start : start + PAGE])
    if last_chunks:
        connection.execute(
            sa.text("UPDATE runs SET last_chunk = :last WHERE id = :run"),
            [{"run": run, "last": last} for run, last in last_chunks.items()],
        )


def _verdicts(connection: sa.Connection, kind: int) -> Iterator[Any]:
    """In the order of judging, as the index on plot type and time has them."""
    said, pictures, runs = _tables()
    query = (
        sa.select(said, runs.c.id.label("run_id"))
        .join(pictures, pictures.c.id == said.c.picture_id)
        .join(
            runs,
            sa.and_(runs.c.run_period_id == pictures.c.run_period_id, runs.c.number == said.c.run),
        )
        .where(said.c.plot_type_id == kind)
        .order_by(said.c.judged_at, said.c.id)
        .limit(PAGE)
    )
    page = connection.execute(query).all()
    while page:
        yield from page
        at, number = page[-1].judged_at, page[-1].id
        later = sa.and_(said.c.judged_at >= at, sa.or_(said.c.judged_at > at, said.c.id > number))
        page = connection.execute(query.where(later)).all()


def _history() -> sa.TableClause:
    names = ("classes", "labels", "thresholds")
    counts = (
        "plot_type_id",
        "run_id",
        "first_run",
        "last_run",
        "pictures",
        "noteworthy",
        "model_id",
    )
    return sa.table(
        "run_history",
        *(sa.column(name, BIG) for name in counts),
        *(sa.column(name, sa.JSON()) for name in names),
    )


def _tables() -> tuple[Any, Any, Any]:
    said = sa.table(
        "inferences",
        sa.column("id", BIG),
        sa.column("picture_id", BIG),
        sa.column("plot_type_id", BIG),
        sa.column("run", sa.Integer()),
        sa.column("chunk", sa.Integer()),
        sa.column("model_id", BIG),
        sa.column("label", sa.String()),
        sa.column("noteworthy", sa.Boolean()),
        sa.column("scores", sa.JSON()),
        sa.column("thresholds", sa.JSON()),
        sa.column("judged_at", UtcDateTime()),
    )
    pictures = sa.table("pictures", sa.column("id", BIG), sa.column("run_period_id", BIG))
    runs = sa.table(
        "runs",
        sa.column("id", BIG),
        sa.column("run_period_id", BIG),
        sa.column("number", sa.Integer()),
    )
    return said, pictures, runs


def _empty(kind: int, verdict: Any) -> dict[str, Any]:
    return {
        "plot_type_id": kind,
        "run_id": verdict.run_id,
        "first_run": verdict.run,
        "last_run": verdict.run,
        "pictures": 0,
        "noteworthy": 0,
        "classes": {},
        "labels": {},
        "thresholds": {},
        "model_id": None,
    }


def _add(row: dict[str, Any], verdict: Any) -> None:
    row["pictures"] += 1
    row["noteworthy"] += bool(verdict.noteworthy)
    row["labels"][verdict.label] = row["labels"].get(verdict.label, 0) + 1
    row["thresholds"], row["model_id"] = verdict.thresholds, verdict.model_id
    for name, sure in verdict.scores.items():
        count, low, high, total = row["classes"].get(name, (0, 1.0, 0.0, 0.0))
        row["classes"][name] = [count + 1, min(low, sure), max(high, sure), total + sure]
