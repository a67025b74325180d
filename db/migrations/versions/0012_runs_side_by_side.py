"""What each plot type came to in each run, and how far runs came: for the history by runs."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0012_runs_side_by_side"
down_revision = "0011_acts"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}
PAGE = 5000


def UtcDateTime() -> sa.DateTime:  # noqa: N802 - as the models call it
    return sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    history = op.create_table(
        "run_history",
        sa.Column("id", BIG, nullable=False),
        sa.Column("plot_type_id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("first_run", sa.Integer(), nullable=False),
        sa.Column("last_run", sa.Integer(), nullable=False),
        sa.Column("pictures", sa.Integer(), nullable=False),
        sa.Column("noteworthy", sa.Integer(), nullable=False),
        sa.Column("classes", sa.JSON(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        sa.Column("model_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["plot_type_id"], ["plot_types.id"], name=op.f("fk_run_history_plot_type_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_history_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_history")),
        sa.UniqueConstraint(
            "plot_type_id", "run_id", name=op.f("uq_run_history_plot_type_id_run_id")
        ),
        **TABLE,
    )
    with op.batch_alter_table("runs") as table:
        table.add_column(sa.Column("last_chunk", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("runs") as table:
        table.alter_column(
            "last_chunk", existing_type=sa.Integer(), existing_nullable=False, server_default=None
        )
    op.create_index(op.f("ix_runs_first_seen"), "runs", ["first_seen"])
    _fill(op.get_bind(), history)


def downgrade() -> None:
    op.drop_table("run_history")
    op.drop_index(op.f("ix_runs_first_seen"), "runs")
    with op.batch_alter_table("runs") as table:
        table.drop_column("last_chunk")


def _fill(connection: sa.Connection, history: sa.Table) -> None:
    """Sum up the verdicts that are there already, one plot type after the other."""
    last_chunks: dict[int, int] = {}
    for kind in connection.scalars(sa.text("SELECT id FROM plot_types")).all():
        rows: dict[int, dict[str, Any]] = {}
        for verdict in _verdicts(connection, kind):
            last = last_chunks.get(verdict.run_id, 0)
            last_chunks[verdict.run_id] = max(last, verdict.chunk)
            _add(rows.setdefault(verdict.run_id, _empty(kind, verdict)), verdict)
        whole = list(rows.values())
        for start in range(0, len(whole), PAGE):
            connection.execute(history.insert(), whole[start : start + PAGE])
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
