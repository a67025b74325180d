"""All tables: columns and constraints only. Importing this fills ``Base.metadata``."""

from db.base import Base
from db.tables import judging, models, operation, people, plots, records

__all__ = ["Base", "judging", "models", "operation", "people", "plots", "records"]
