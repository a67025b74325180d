"""Questions of training reports by picture: every label that a person gives looks for them."""

from alembic import op

revision = "0010_questions"
down_revision = "0009_tallies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        op.f("ix_training_report_elements_picture_id"), "training_report_elements", ["picture_id"]
    )


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        # A foreign key needs an index: the one it had before comes back first.
        op.create_index(
            "fk_training_report_elements_picture_id", "training_report_elements", ["picture_id"]
        )
    op.drop_index(op.f("ix_training_report_elements_picture_id"), "training_report_elements")
