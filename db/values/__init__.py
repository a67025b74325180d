"""What queries return and take: plain values, safe to hand to another thread. One module for each subject."""

from __future__ import annotations

from db.values.catalogue import (
    Area,
    Catalogue,
    Mask,
    Model,
    PlotClass,
    PlotType,
    Threshold,
)
from db.values.people import (
    ExportedLabel,
    KeptVote,
    Notice,
)
from db.values.pictures import (
    NewPicture,
    PicturePlace,
    Quarantined,
)
from db.values.training import (
    LabelledPicture,
    Mistake,
    NewModel,
    TrainingJob,
)
from db.values.verdicts import (
    HeatmapSubject,
    Inference,
    NewInference,
    Run,
    StoredInference,
    Streak,
)

__all__ = [
    "Area",
    "Catalogue",
    "ExportedLabel",
    "HeatmapSubject",
    "Inference",
    "KeptVote",
    "LabelledPicture",
    "Mask",
    "Mistake",
    "Model",
    "NewInference",
    "NewModel",
    "NewPicture",
    "Notice",
    "PicturePlace",
    "PlotClass",
    "PlotType",
    "Quarantined",
    "Run",
    "StoredInference",
    "Streak",
    "Threshold",
    "TrainingJob",
]
