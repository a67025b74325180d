"""Suspected label errors beside the labels, and a newer model's word on what waits for one."""

import sqlalchemy as sa
from alembic import op

revision = "0007_suspicions"
down_revision = "0006_masks"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KIND = (
    "UPDATE current_labels SET plot_type_id ="
    " (SELECT p.plot_type_id FROM pictures p WHERE p.id = current_labels.picture_id)"
)
# Until the next training, what was said when the picture came in is what there is.
_SUSPECT = (
    "UPDATE current_labels SET {column} = (SELECT i.{said} FROM inferences i"
    " WHERE i.picture_id = current_labels.picture_id AND i.model_id IS NOT NULL"
    " AND i.label <> current_labels.class_name)"
    " WHERE class_name IN (SELECT c.name FROM classes c WHERE c.teaches)"
)


def upgrade() -> None:
    with op.batch_alter_table("inferences") as table:
        table.add_column(sa.Column("rescored", sa.JSON(), nullable=True))
        table.add_column(sa.Column("rescored_by", BIG, nullable=True))
    with op.batch_alter_table("current_labels") as table:
        table.add_column(sa.Column("plot_type_id", BIG, nullable=True))
        table.add_column(sa.Column("suspected", sa.String(190), nullable=True))
        table.add_column(sa.Column("suspicion", sa.Double(), nullable=True))
    op.execute(_KIND)
    for column, said in (("suspected", "label"), ("suspicion", "confidence")):
        op.execute(_SUSPECT.format(column=column, said=said))
    with op.batch_alter_table("current_labels") as table:
        table.alter_column("plot_type_id", existing_type=BIG, nullable=False)
        table.create_index("ix_current_labels_suspect", ["plot_type_id", "suspicion", "picture_id"])


def downgrade() -> None:
    with op.batch_alter_table("current_labels") as table:
        table.drop_index("ix_current_labels_suspect")
        for column in ("suspicion", "suspected", "plot_type_id"):
            table.drop_column(column)
    with op.batch_alter_table("inferences") as table:
        table.drop_column("rescored_by")
        table.drop_column("rescored")
