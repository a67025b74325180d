"""Hours and days of every plot type, comments on streaks, and the indexes of the log."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0005"
down_revision = "0003_training"
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
        "history",
        sa.Column("id", BIG, nullable=False),
        sa.Column("plot_type_id", BIG, nullable=False),
        sa.Column("span", sa.String(length=8), nullable=False),
        sa.Column("start", UtcDateTime(), nullable=False),
        sa.Column("first_run", sa.Integer(), nullable=False),
        sa.Column("last_run", sa.Integer(), nullable=False),
        sa.Column("pictures", sa.Integer(), nullable=False),
        sa.Column("noteworthy", sa.Integer(), nullable=False),
        sa.Column("classes", sa.JSON(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        sa.Column("model_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["plot_type_id"], ["plot_types.id"], name=op.f("fk_history_plot_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
        sa.UniqueConstraint(
            "plot_type_id", "span", "start", name=op.f("uq_history_plot_type_id_span_start")
        ),
        **TABLE,
    )
    op.create_index("ix_history_calendar", "history", ["span", "start", "pictures", "noteworthy"])
    op.create_table(
        "episode_comments",
        sa.Column("id", BIG, nullable=False),
        sa.Column("episode_id", BIG, nullable=False),
        sa.Column("who", sa.String(length=190), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episodes.id"], name=op.f("fk_episode_comments_episode_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episode_comments")),
        **TABLE,
    )
    op.create_index(op.f("ix_episode_comments_episode_id"), "episode_comments", ["episode_id"])
    op.create_index(op.f("ix_episodes_label_last_at"), "episodes", ["label", "last_at"])
    op.create_index(op.f("ix_episodes_run"), "episodes", ["run"])
    op.create_index(op.f("ix_runs_number"), "runs", ["number"])
    _fill(op.get_bind(), history)


def downgrade() -> None:
    op.drop_index(op.f("ix_runs_number"), "runs")
    op.drop_index(op.f("ix_episodes_run"), "episodes")
    op.drop_index(op.f("ix_episodes_label_last_at"), "episodes")
    op.drop_table("episode_comments")
    op.drop_table("history")


def _fill(connection: sa.Connection, history: sa.Table) -> None:
    """Sum up the verdicts that are there already."""
    spans: dict[tuple[int, str, datetime], dict[str, Any]] = {}
    for verdict in _verdicts(connection):
        hour = verdict.judged_at.replace(minute=0, second=0, microsecond=0)
        for span, start in (("hour", hour), ("day", hour.replace(hour=0))):
            _add(spans.setdefault((verdict.plot_type_id, span, start), _empty(verdict)), verdict)
    rows = [
        {"plot_type_id": kind, "span": span, "start": start, **row}
        for (kind, span, start), row in spans.items()
    ]
    for start in range(0, len(rows), PAGE):
        connection.execute(history.insert(), rows[start : start + PAGE])


def _verdicts(connection: sa.Connection) -> Iterator[Any]:
    table = sa.table(
        "inferences",
        sa.column("id", BIG),
        sa.column("plot_type_id", BIG),
        sa.column("run", sa.Integer()),
        sa.column("model_id", BIG),
        sa.column("label", sa.String()),
        sa.column("noteworthy", sa.Boolean()),
        sa.column("scores", sa.JSON()),
        sa.column("thresholds", sa.JSON()),
        sa.column("judged_at", UtcDateTime()),
    )
    last = 0
    query = sa.select(table).order_by(table.c.id).limit(PAGE)
    while page := connection.execute(query.where(table.c.id > last)).all():
        yield from page
        last = page[-1].id


def _empty(verdict: Any) -> dict[str, Any]:
    return {
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
    row["first_run"] = min(row["first_run"], verdict.run)
    row["last_run"] = max(row["last_run"], verdict.run)
    row["pictures"] += 1
    row["noteworthy"] += bool(verdict.noteworthy)
    row["labels"][verdict.label] = row["labels"].get(verdict.label, 0) + 1
    row["thresholds"], row["model_id"] = verdict.thresholds, verdict.model_id
    for name, sure in verdict.scores.items():
        count, low, high, total = row["classes"].get(name, (0, 1.0, 0.0, 0.0))
        row["classes"][name] = [count + 1, min(low, sure), max(high, sure), total + sure]
