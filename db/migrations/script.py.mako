"""${message}."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
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
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
