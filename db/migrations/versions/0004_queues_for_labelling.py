"""Queues for labelling."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002_alarms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("inferences") as table:
        table.add_column(sa.Column("margin", sa.Double(), nullable=False, server_default="1"))
    with op.batch_alter_table("inferences") as table:
        table.alter_column(
            "margin", existing_type=sa.Double(), existing_nullable=False, server_default=None
        )
        table.create_index(
            "ix_inferences_wanted", ["plot_type_id", "noteworthy", "run", "chunk", "picture_id"]
        )
        table.create_index("ix_inferences_uncertain", ["plot_type_id", "margin", "picture_id"])
        table.create_index(
            "ix_inferences_unbiased", ["plot_type_id", "unbiased", "run", "chunk", "picture_id"]
        )
    with op.batch_alter_table("current_labels") as table:
        table.add_column(sa.Column("disputed", sa.Boolean(), nullable=False, server_default="0"))
        table.alter_column("class_name", existing_type=sa.String(190), nullable=True)
    with op.batch_alter_table("current_labels") as table:
        table.alter_column(
            "disputed", existing_type=sa.Boolean(), existing_nullable=False, server_default=None
        )
        table.create_index("ix_current_labels_disputed_picture_id", ["disputed", "picture_id"])


def downgrade() -> None:
    op.execute("DELETE FROM current_labels WHERE class_name IS NULL")
    with op.batch_alter_table("current_labels") as table:
        table.drop_index("ix_current_labels_disputed_picture_id")
        table.alter_column("class_name", existing_type=sa.String(190), nullable=False)
        table.drop_column("disputed")
    with op.batch_alter_table("inferences") as table:
        for name in ("unbiased", "uncertain", "wanted"):
            table.drop_index(f"ix_inferences_{name}")
        table.drop_column("margin")
