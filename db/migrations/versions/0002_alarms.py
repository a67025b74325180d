"""Alarm states, events, settings and shelves."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002_alarms"
down_revision = "0001"
branch_labels = None
depends_on = None

# Written out here: a migration must mean the same for ever, so it imports no living code.
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOUBLE: sa.Double[float] = sa.Double()
TABLE: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def UtcDateTime() -> sa.DateTime:  # noqa: N802 - as the models call it
    return sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def upgrade() -> None:
    op.create_table(
        "alarm_states",
        sa.Column("id", BIG, nullable=False),
        text("plot_type", 190),
        sa.Column("chunked", sa.Boolean(), nullable=False),
        text("line", 16),
        text("condition", 24),
        text("severity", 16),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("moved_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_states")),
        sa.UniqueConstraint(
            "plot_type", "chunked", "line", name=op.f("uq_alarm_states_plot_type_chunked_line")
        ),
        **TABLE,
    )
    op.create_table(
        "alarm_events",
        sa.Column("id", BIG, nullable=False),
        text("uid", 64),
        sa.Column("at", UtcDateTime(), nullable=False),
        text("kind", 24),
        text("plot_type", 190),
        sa.Column("chunked", sa.Boolean(), nullable=False),
        text("line", 16),
        text("severity", 16),
        text("condition", 24),
        sa.Column("sentence", sa.Text(), nullable=False),
        text("who", 190),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("chunk", sa.Integer(), nullable=False),
        text("picture_hash", 64),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_events")),
        sa.UniqueConstraint("uid", name=op.f("uq_alarm_events_uid")),
        **TABLE,
    )
    op.create_index(op.f("ix_alarm_events_at"), "alarm_events", ["at"])
    op.create_index(op.f("ix_alarm_events_plot_type_at"), "alarm_events", ["plot_type", "at"])
    op.create_table(
        "alarm_settings",
        sa.Column("plot_type_id", BIG, nullable=False, autoincrement=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("on_count", "on_of", "off_count", "off_of")
        ),
        sa.Column("latch", sa.Boolean(), nullable=False),
        sa.Column("beam_minimum", DOUBLE, nullable=True),
        sa.Column("run_needed", sa.Boolean(), nullable=False),
        sa.Column("watch_supply", sa.Boolean(), nullable=False),
        sa.Column("chatter_raises", sa.Integer(), nullable=False),
        sa.Column("chatter_s", DOUBLE, nullable=False),
        text("who", 190),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plot_type_id"], ["plot_types.id"], name=op.f("fk_alarm_settings_plot_type_id")
        ),
        sa.PrimaryKeyConstraint("plot_type_id", name=op.f("pk_alarm_settings")),
        **TABLE,
    )
    op.create_table(
        "alarm_shelves",
        sa.Column("id", BIG, nullable=False),
        text("uid", 64),
        text("plot_type", 190),
        sa.Column("chunked", sa.Boolean(), nullable=False),
        text("line", 16),
        text("who", 190),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        text("ended_by", 190),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_shelves")),
        sa.UniqueConstraint("uid", name=op.f("uq_alarm_shelves_uid")),
        **TABLE,
    )
    op.create_index(op.f("ix_alarm_shelves_until"), "alarm_shelves", ["until"])


def downgrade() -> None:
    for table in ("alarm_shelves", "alarm_settings", "alarm_events", "alarm_states"):
        op.drop_table(table)
