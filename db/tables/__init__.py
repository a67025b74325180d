"""All tables: columns and constraints only. Importing this fills ``Base.metadata``."""

from db.base import Base
from db.tables import alarms, judging, models, operation, people, plots, records

__all__ = ["Base", "alarms", "judging", "models", "operation", "people", "plots", "records"]
