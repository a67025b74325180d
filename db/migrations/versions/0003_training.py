"""Trainings that can be stopped and show their curve; how sure a model was of its mistakes."""

import sqlalchemy as sa
from alembic import op

revision = "0003_training"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("training_jobs") as table:
        table.add_column(sa.Column("wish", sa.String(16), nullable=False, server_default=""))
        table.add_column(sa.Column("curve", sa.JSON(), nullable=True))
    with op.batch_alter_table("training_jobs") as table:
        table.alter_column(
            "wish", existing_type=sa.String(16), existing_nullable=False, server_default=None
        )
    with op.batch_alter_table("training_report_elements") as table:
        table.add_column(sa.Column("confidence", sa.Double(), nullable=False, server_default="0"))
    with op.batch_alter_table("training_report_elements") as table:
        table.alter_column(
            "confidence", existing_type=sa.Double(), existing_nullable=False, server_default=None
        )


def downgrade() -> None:
    with op.batch_alter_table("training_report_elements") as table:
        table.drop_column("confidence")
    with op.batch_alter_table("training_jobs") as table:
        table.drop_column("curve")
        table.drop_column("wish")
