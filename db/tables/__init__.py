"""All tables: columns and constraints only. Importing this fills ``Base.metadata``."""

from db.base import Base
from db.tables import alarms, judging, masks, models, operation, people, plots, records

__all__ = [
    "Base",
    "alarms",
    "judging",
    "masks",
    "models",
    "operation",
    "people",
    "plots",
    "records",
]
