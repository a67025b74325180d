"""The index of the labelling queues holds all that their conditions ask, so that no row is read to count."""

from alembic import op

revision = "0008_queue_counts"
down_revision = "0007_suspicions"
branch_labels = None
depends_on = None

NAME = "ix_inferences_wanted"
BEFORE = ["plot_type_id", "noteworthy", "run", "chunk", "picture_id"]


def upgrade() -> None:
    _replace([*BEFORE, "confirmed", "severity"])


def downgrade() -> None:
    _replace(BEFORE)


def _replace(columns: list[str]) -> None:
    with op.batch_alter_table("inferences") as table:
        table.drop_index(NAME)
    with op.batch_alter_table("inferences") as table:
        table.create_index(NAME, columns)
