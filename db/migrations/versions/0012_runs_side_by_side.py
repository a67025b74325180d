"""What each plot type came to in each run, and how far runs came: for the history by runs."""

from typing import Any

import sqlalchemy as sa
from alembic import op

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


def upgrade() -> None:
    op.create_table(
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


def downgrade() -> None:
    op.drop_table("run_history")
    op.drop_index(op.f("ix_runs_first_seen"), "runs")
    with op.batch_alter_table("runs") as table:
        table.drop_column("last_chunk")
