"""Masks, and which areas of a picture were left out when it was judged."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0006_masks"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def UtcDateTime() -> sa.DateTime:  # noqa: N802 - as the models call it
    return sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "masks",
        sa.Column("id", BIG, nullable=False),
        sa.Column("plot_type_id", BIG, nullable=False),
        sa.Column("areas", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("contact", sa.String(length=500), nullable=False),
        sa.Column("who", sa.String(length=190), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("run_period", sa.String(length=190), nullable=False),
        sa.Column("reference_hash", sa.String(length=64), nullable=False),
        sa.Column("reference_extension", sa.String(length=8), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=190), nullable=False),
        sa.ForeignKeyConstraint(
            ["plot_type_id"], ["plot_types.id"], name=op.f("fk_masks_plot_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_masks")),
        **TABLE,
    )
    op.create_index(op.f("ix_masks_plot_type_id_id"), "masks", ["plot_type_id", "id"])
    op.create_index(op.f("ix_masks_ended_at_until"), "masks", ["ended_at", "until"])
    op.add_column("inferences", sa.Column("masked", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("inferences") as table:
        table.drop_column("masked")
    op.drop_table("masks")
