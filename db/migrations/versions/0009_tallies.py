"""Counts of evaluations, so that a confusion matrix need not be counted each time it is looked at."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009_tallies"
down_revision = "0008_queue_counts"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}
LABELS = """UPDATE evaluations SET expert = (
    SELECT class_name FROM current_labels WHERE current_labels.picture_id = evaluations.picture_id
)"""
# The bar b with b / 600 <= confidence < (b + 1) / 600, at most 599: multiplying alone may miss by one.
COUNTS = """INSERT INTO tallies (model_id, purpose, expert, said, bar, count)
SELECT model_id, purpose, expert, label,
    CASE WHEN near < 599 AND confidence >= (near + 1) / 600.0 THEN near + 1
         WHEN near > 0 AND confidence < near / 600.0 THEN near - 1 ELSE near END AS exact, COUNT(*)
FROM (
    SELECT model_id, purpose, expert, label, confidence,
        CASE WHEN confidence >= 1 THEN 599 ELSE {whole} END AS near
    FROM evaluations WHERE expert IS NOT NULL
) AS counted
GROUP BY model_id, purpose, expert, label, exact"""


def upgrade() -> None:
    with op.batch_alter_table("evaluations") as table:
        table.add_column(sa.Column("expert", sa.String(length=190), nullable=True))
    op.create_table(
        "tallies",
        sa.Column("model_id", BIG, nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("expert", sa.String(length=190), nullable=False),
        sa.Column("said", sa.String(length=190), nullable=False),
        sa.Column("bar", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_tallies_model_id")),
        sa.PrimaryKeyConstraint(
            "model_id", "purpose", "expert", "said", "bar", name=op.f("pk_tallies")
        ),
        **TABLE,
    )
    op.execute(LABELS)
    signed = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "SIGNED"
    floor = "confidence * 600" if signed == "INTEGER" else "FLOOR(confidence * 600)"
    op.execute(COUNTS.format(whole=f"CAST({floor} AS {signed})"))
    op.create_index(op.f("ix_evaluations_picture_id"), "evaluations", ["picture_id"])
    op.create_index(
        "ix_evaluations_cell",
        "evaluations",
        ["model_id", "purpose", "expert", "label", "confidence", "picture_id"],
    )


def downgrade() -> None:
    op.drop_table("tallies")
    if op.get_bind().dialect.name != "sqlite":
        # A foreign key needs an index: the one it had before comes back first.
        op.create_index("fk_evaluations_picture_id", "evaluations", ["picture_id"])
    op.drop_index(op.f("ix_evaluations_picture_id"), "evaluations")
    op.drop_index("ix_evaluations_cell", "evaluations")
    with op.batch_alter_table("evaluations") as table:
        table.drop_column("expert")
