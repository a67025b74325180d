"""The first schema."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Written out here: a migration must mean the same for ever, so it imports no living code.
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Names that differ in case only are two names, on MySQL as on SQLite, whatever a server's default.
TABLE: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def UtcDateTime() -> sa.DateTime:  # noqa: N802 - as the models call it
    return sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.String(length=190), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=190), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        **TABLE,
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_subject_at"), ["subject", "at"], unique=False)

    op.create_table(
        "classes",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=190), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("colour", sa.String(length=16), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("teaches", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "severity IN ('good', 'warning', 'bad', 'neutral')",
            name=op.f("ck_classes_severity_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_classes")),
        sa.UniqueConstraint("name", name=op.f("uq_classes_name")),
        **TABLE,
    )
    op.create_table(
        "components",
        sa.Column("id", BIG, nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=120), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("ms_per_item", sa.Double(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_components")),
        sa.UniqueConstraint("name", "host", name=op.f("uq_components_name_host")),
        **TABLE,
    )
    op.create_table(
        "news",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.String(length=190), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news")),
        **TABLE,
    )
    op.create_table(
        "plot_groups",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=190), nullable=False),
        sa.Column("parent_id", BIG, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["plot_groups.id"], name=op.f("fk_plot_groups_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plot_groups")),
        sa.UniqueConstraint("name", name=op.f("uq_plot_groups_name")),
        **TABLE,
    )
    op.create_table(
        "quarantine",
        sa.Column("id", BIG, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kept_as", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
        **TABLE,
    )
    with op.batch_alter_table("quarantine", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quarantine_at"), ["at"], unique=False)

    op.create_table(
        "run_conditions",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=190), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_conditions")),
        **TABLE,
    )
    with op.batch_alter_table("run_conditions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_run_conditions_name_at"), ["name", "at"], unique=False)

    op.create_table(
        "run_periods",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=190), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_periods")),
        sa.UniqueConstraint("name", name=op.f("uq_run_periods_name")),
        **TABLE,
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("who", sa.String(length=190), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
        **TABLE,
    )
    op.create_table(
        "users",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=190), nullable=False),
        sa.Column("full_name", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("wants_report", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
        **TABLE,
    )
    op.create_table(
        "plot_types",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=190), nullable=False),
        sa.Column("chunked", sa.Boolean(), nullable=False),
        sa.Column("group_id", BIG, nullable=True),
        sa.Column("file_type", sa.String(length=10), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("guidance", sa.Text(), nullable=False),
        sa.Column("contact", sa.String(length=500), nullable=False),
        sa.Column("collect_fraction", sa.Double(), nullable=False),
        sa.Column("ignored", sa.Boolean(), nullable=False),
        sa.Column("stale_after_s", sa.Double(), nullable=False),
        sa.Column("active_model_id", BIG, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "collect_fraction >= 0 AND collect_fraction <= 1",
            name=op.f("ck_plot_types_collect_fraction_is_a_fraction"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["plot_groups.id"], name=op.f("fk_plot_types_group_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plot_types")),
        sa.UniqueConstraint("name", "chunked", name=op.f("uq_plot_types_name_chunked")),
        **TABLE,
    )
    op.create_table(
        "runs",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run_period_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_period_id"], ["run_periods.id"], name=op.f("fk_runs_run_period_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint("run_period_id", "number", name=op.f("uq_runs_run_period_id_number")),
        **TABLE,
    )
    op.create_table(
        "models",
        sa.Column("id", BIG, nullable=False),
        sa.Column("plot_type_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=190), nullable=False),
        sa.Column("folder", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.String(length=190), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("parent_id", BIG, nullable=True),
        sa.Column("backbone", sa.String(length=96), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("merged", sa.Boolean(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("curves", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["models.id"], name=op.f("fk_models_parent_id")),
        sa.ForeignKeyConstraint(
            ["plot_type_id"], ["plot_types.id"], name=op.f("fk_models_plot_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_models")),
        **TABLE,
    )
    with op.batch_alter_table("models", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_models_plot_type_id_created_at"),
            ["plot_type_id", "created_at"],
            unique=False,
        )

    op.create_table(
        "pictures",
        sa.Column("id", BIG, nullable=False),
        sa.Column("plot_type_id", BIG, nullable=False),
        sa.Column("run_period_id", BIG, nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("chunk", sa.Integer(), nullable=False),
        sa.Column("picture_hash", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("extension", sa.String(length=8), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("stored", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("collected", sa.String(length=16), nullable=True),
        sa.Column("picture_time", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("training_weight", sa.Integer(), nullable=False),
        sa.Column("pin", sa.String(length=16), nullable=True),
        sa.CheckConstraint(
            "pin IS NULL OR pin IN ('training', 'validation')", name=op.f("ck_pictures_pin_known")
        ),
        sa.ForeignKeyConstraint(
            ["plot_type_id"], ["plot_types.id"], name=op.f("fk_pictures_plot_type_id")
        ),
        sa.ForeignKeyConstraint(
            ["run_period_id"], ["run_periods.id"], name=op.f("fk_pictures_run_period_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pictures")),
        sa.UniqueConstraint(
            "plot_type_id", "run_period_id", "run", "chunk", "picture_hash", name="one_picture"
        ),
        **TABLE,
    )
    with op.batch_alter_table("pictures", schema=None) as batch_op:
        batch_op.create_index(
            "ix_pictures_queue", ["plot_type_id", "stored", "run", "chunk"], unique=False
        )
        batch_op.create_index("ix_pictures_by_age", ["stored", "received_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_pictures_picture_hash"), ["picture_hash"], unique=False
        )

    op.create_table(
        "plot_type_classes",
        sa.Column("id", BIG, nullable=False),
        sa.Column("plot_type_id", BIG, nullable=False),
        sa.Column("class_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("shortcut", sa.String(length=16), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_id"], ["classes.id"], name=op.f("fk_plot_type_classes_class_id")
        ),
        sa.ForeignKeyConstraint(
            ["plot_type_id"], ["plot_types.id"], name=op.f("fk_plot_type_classes_plot_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plot_type_classes")),
        sa.UniqueConstraint(
            "plot_type_id", "class_id", name=op.f("uq_plot_type_classes_plot_type_id_class_id")
        ),
        **TABLE,
    )
    op.create_table(
        "rights",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("plot_type_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["plot_type_id"], ["plot_types.id"], name=op.f("fk_rights_plot_type_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_rights_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights")),
        sa.UniqueConstraint(
            "user_id", "role", "plot_type_id", name=op.f("uq_rights_user_id_role_plot_type_id")
        ),
        **TABLE,
    )
    op.create_table(
        "activations",
        sa.Column("id", BIG, nullable=False),
        sa.Column("plot_type_id", BIG, nullable=False),
        sa.Column("model_id", BIG, nullable=True),
        sa.Column("who", sa.String(length=190), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_activations_model_id")),
        sa.ForeignKeyConstraint(
            ["plot_type_id"], ["plot_types.id"], name=op.f("fk_activations_plot_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activations")),
        **TABLE,
    )
    with op.batch_alter_table("activations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_activations_plot_type_id_at"), ["plot_type_id", "at"], unique=False
        )

    op.create_table(
        "evaluations",
        sa.Column("id", BIG, nullable=False),
        sa.Column("model_id", BIG, nullable=False),
        sa.Column("picture_id", BIG, nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("label", sa.String(length=190), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_evaluations_model_id")),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["pictures.id"], name=op.f("fk_evaluations_picture_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
        sa.UniqueConstraint(
            "model_id",
            "picture_id",
            "purpose",
            name=op.f("uq_evaluations_model_id_picture_id_purpose"),
        ),
        **TABLE,
    )
    op.create_table(
        "features",
        sa.Column("picture_id", BIG, nullable=False),
        sa.Column("backbone", sa.String(length=96), nullable=False),
        sa.Column(
            "vector",
            sa.LargeBinary()
            .with_variant(mysql.LONGBLOB(), "mariadb")
            .with_variant(mysql.LONGBLOB(), "mysql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["pictures.id"], name=op.f("fk_features_picture_id")
        ),
        sa.PrimaryKeyConstraint("picture_id", "backbone", name=op.f("pk_features")),
        **TABLE,
    )
    op.create_table(
        "heatmaps",
        sa.Column("id", BIG, nullable=False),
        sa.Column("picture_id", BIG, nullable=False),
        sa.Column("model_id", BIG, nullable=False),
        sa.Column("label", sa.String(length=190), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_heatmaps_model_id")),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["pictures.id"], name=op.f("fk_heatmaps_picture_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heatmaps")),
        sa.UniqueConstraint(
            "picture_id", "model_id", "label", name=op.f("uq_heatmaps_picture_id_model_id_label")
        ),
        **TABLE,
    )
    op.create_table(
        "inferences",
        sa.Column("id", BIG, nullable=False),
        sa.Column("picture_id", BIG, nullable=False),
        sa.Column("plot_type_id", BIG, nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("chunk", sa.Integer(), nullable=False),
        sa.Column("model_id", BIG, nullable=True),
        sa.Column("label", sa.String(length=190), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("noteworthy", sa.Boolean(), nullable=False),
        sa.Column("unbiased", sa.Boolean(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        sa.Column("anomaly", sa.Double(), nullable=True),
        sa.Column("run_conditions", sa.JSON(), nullable=False),
        sa.Column("judged_at", UtcDateTime(), nullable=False),
        sa.Column("decode_ms", sa.Double(), nullable=False),
        sa.Column("forward_ms", sa.Double(), nullable=False),
        sa.Column("latency_ms", sa.Double(), nullable=False),
        sa.Column("host", sa.String(length=190), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_inferences_model_id")),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["pictures.id"], name=op.f("fk_inferences_picture_id")
        ),
        sa.ForeignKeyConstraint(
            ["plot_type_id"], ["plot_types.id"], name=op.f("fk_inferences_plot_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inferences")),
        sa.UniqueConstraint("picture_id", name=op.f("uq_inferences_picture_id")),
        **TABLE,
    )
    with op.batch_alter_table("inferences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inferences_judged_at"), ["judged_at"], unique=False)
        batch_op.create_index("ix_inferences_log", ["noteworthy", "judged_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_inferences_plot_type_id_judged_at"),
            ["plot_type_id", "judged_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_inferences_plot_type_id_run_chunk"),
            ["plot_type_id", "run", "chunk"],
            unique=False,
        )

    op.create_table(
        "labels",
        sa.Column("id", BIG, nullable=False),
        sa.Column("client_id", sa.String(length=190), nullable=False),
        sa.Column("picture_id", BIG, nullable=False),
        sa.Column("who", sa.String(length=190), nullable=False),
        sa.Column("class_name", sa.String(length=190), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("verdict_visible", sa.Boolean(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["picture_id"], ["pictures.id"], name=op.f("fk_labels_picture_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
        sa.UniqueConstraint("client_id", name=op.f("uq_labels_client_id")),
        **TABLE,
    )
    with op.batch_alter_table("labels", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_labels_picture_id_id"), ["picture_id", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_labels_who_at"), ["who", "at"], unique=False)

    op.create_table(
        "signoffs",
        sa.Column("id", BIG, nullable=False),
        sa.Column("model_id", BIG, nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("who", sa.String(length=190), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_signoffs_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signoffs")),
        sa.UniqueConstraint("model_id", "step", name=op.f("uq_signoffs_model_id_step")),
        **TABLE,
    )
    op.create_table(
        "thresholds",
        sa.Column("id", BIG, nullable=False),
        sa.Column("model_id", BIG, nullable=False),
        sa.Column("class_name", sa.String(length=190), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("method", sa.String(length=32), nullable=False),
        sa.Column("who", sa.String(length=190), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "threshold >= 0 AND threshold <= 1",
            name=op.f("ck_thresholds_threshold_is_a_probability"),
        ),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_thresholds_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thresholds")),
        **TABLE,
    )
    with op.batch_alter_table("thresholds", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_thresholds_model_id_class_name_id"),
            ["model_id", "class_name", "id"],
            unique=False,
        )

    op.create_table(
        "training_jobs",
        sa.Column("id", BIG, nullable=False),
        sa.Column("plot_type_id", BIG, nullable=False),
        sa.Column("who", sa.String(length=190), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("fraction", sa.Double(), nullable=False),
        sa.Column("model_id", BIG, nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("moved_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["models.id"], name=op.f("fk_training_jobs_model_id")
        ),
        sa.ForeignKeyConstraint(
            ["plot_type_id"], ["plot_types.id"], name=op.f("fk_training_jobs_plot_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_jobs")),
        **TABLE,
    )
    with op.batch_alter_table("training_jobs", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_training_jobs_state_id"), ["state", "id"], unique=False
        )

    op.create_table(
        "training_reports",
        sa.Column("id", BIG, nullable=False),
        sa.Column("model_id", BIG, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["models.id"], name=op.f("fk_training_reports_model_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_reports")),
        sa.UniqueConstraint("model_id", name=op.f("uq_training_reports_model_id")),
        **TABLE,
    )
    op.create_table(
        "training_sets",
        sa.Column("model_id", BIG, nullable=False),
        sa.Column("picture_id", BIG, nullable=False),
        sa.Column("class_name", sa.String(length=190), nullable=False),
        sa.Column("side", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["models.id"], name=op.f("fk_training_sets_model_id")
        ),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["pictures.id"], name=op.f("fk_training_sets_picture_id")
        ),
        sa.PrimaryKeyConstraint("model_id", "picture_id", name=op.f("pk_training_sets")),
        **TABLE,
    )
    op.create_table(
        "current_labels",
        sa.Column("picture_id", BIG, nullable=False),
        sa.Column("label_id", BIG, nullable=False),
        sa.Column("class_name", sa.String(length=190), nullable=False),
        sa.Column("who", sa.String(length=190), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["label_id"], ["labels.id"], name=op.f("fk_current_labels_label_id")
        ),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["pictures.id"], name=op.f("fk_current_labels_picture_id")
        ),
        sa.PrimaryKeyConstraint("picture_id", name=op.f("pk_current_labels")),
        **TABLE,
    )
    with op.batch_alter_table("current_labels", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_current_labels_class_name"), ["class_name"], unique=False
        )

    op.create_table(
        "episodes",
        sa.Column("id", BIG, nullable=False),
        sa.Column("plot_type_id", BIG, nullable=False),
        sa.Column("label", sa.String(length=190), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("first_inference_id", BIG, nullable=False),
        sa.Column("last_inference_id", BIG, nullable=False),
        sa.Column("first_chunk", sa.Integer(), nullable=False),
        sa.Column("last_chunk", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["first_inference_id"], ["inferences.id"], name=op.f("fk_episodes_first_inference_id")
        ),
        sa.ForeignKeyConstraint(
            ["last_inference_id"], ["inferences.id"], name=op.f("fk_episodes_last_inference_id")
        ),
        sa.ForeignKeyConstraint(
            ["plot_type_id"], ["plot_types.id"], name=op.f("fk_episodes_plot_type_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episodes")),
        **TABLE,
    )
    with op.batch_alter_table("episodes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_episodes_first_at"), ["first_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_episodes_last_at"), ["last_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_episodes_plot_type_id_last_at"),
            ["plot_type_id", "last_at"],
            unique=False,
        )

    op.create_table(
        "training_report_elements",
        sa.Column("id", BIG, nullable=False),
        sa.Column("report_id", BIG, nullable=False),
        sa.Column("picture_id", BIG, nullable=False),
        sa.Column("said", sa.String(length=190), nullable=False),
        sa.Column("labelled", sa.String(length=190), nullable=False),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["pictures.id"], name=op.f("fk_training_report_elements_picture_id")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["training_reports.id"],
            name=op.f("fk_training_report_elements_report_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_report_elements")),
        sa.UniqueConstraint(
            "report_id", "picture_id", name=op.f("uq_training_report_elements_report_id_picture_id")
        ),
        **TABLE,
    )
    op.create_table(
        "training_report_responses",
        sa.Column("id", BIG, nullable=False),
        sa.Column("element_id", BIG, nullable=False),
        sa.Column("who", sa.String(length=190), nullable=False),
        sa.Column("class_name", sa.String(length=190), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["element_id"],
            ["training_report_elements.id"],
            name=op.f("fk_training_report_responses_element_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_report_responses")),
        **TABLE,
    )
    with op.batch_alter_table("training_report_responses", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_training_report_responses_element_id"), ["element_id"], unique=False
        )


def downgrade() -> None:
    # Indexes go with their tables; MariaDB would not let go of those that a foreign key uses.
    for table in (
        "training_report_responses",
        "training_report_elements",
        "episodes",
        "current_labels",
        "training_sets",
        "training_reports",
        "training_jobs",
        "thresholds",
        "signoffs",
        "labels",
        "inferences",
        "heatmaps",
        "features",
        "evaluations",
        "activations",
        "rights",
        "plot_type_classes",
        "pictures",
        "models",
        "runs",
        "plot_types",
        "users",
        "settings",
        "run_periods",
        "run_conditions",
        "quarantine",
        "plot_groups",
        "news",
        "components",
        "classes",
        "audit",
    ):
        op.drop_table(table)
