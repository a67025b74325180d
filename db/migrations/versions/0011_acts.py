"""Votes of one act belong together and say what they take back; pictures with a remark are found by it."""

import sqlalchemy as sa
from alembic import op

revision = "0011_acts"
down_revision = "0010_questions"
branch_labels = None
depends_on = None

NAME = "ix_labels_kind_picture_id"


def upgrade() -> None:
    with op.batch_alter_table("labels") as table:
        table.add_column(sa.Column("act", sa.String(40), nullable=True))
        table.add_column(sa.Column("undoes", sa.String(190), nullable=True))
        table.create_index(NAME, ["kind", "picture_id"])


def downgrade() -> None:
    with op.batch_alter_table("labels") as table:
        table.drop_index(NAME)
        table.drop_column("undoes")
        table.drop_column("act")
