"""Set a mask, end a mask: windows that ask who and why, and block nothing."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from ui.alarm_dialogs import PersonDialog
from ui.mask_areas import MaskAreas

ENDS = (
    ("1 d", "day"),
    ("7 d", "week"),
    ("End of the run period", "period"),
    ("Until removed", "open"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskWish:
    """What a person wants to be left out."""

    areas: tuple[QRectF, ...]  # fractions of the picture
    reason: str
    contact: str
    end: str  # a key of ENDS
    person: str


class MaskDialog(PersonDialog):
    """Needs an area, a name and a reason; it stays until the server has confirmed."""

    chosen = Signal(object)  # MaskWish
    _ready = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Mask a known problem", "Mask it", parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(880, 700)
        self.why_needed = True
        self.why.setPlaceholderText("Needed: others will read it")
        self.why.setAccessibleName("Reason")
        self.areas, self.contact, self.end = MaskAreas(), QLineEdit(), QComboBox()
        self.contact.setPlaceholderText("Whom to ask, or the entry of the log book")
        for words, key in ENDS:
            self.end.addItem(words, key)
        self.add("Contact or entry", self.contact)
        self.add("Until", self.end)
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        column.insertWidget(2, self.areas, 1)
        self.areas.changed.connect(self.check)
        self.go.clicked.connect(self._tell)
        self._ready = True
        self.check()

    def check(self) -> None:
        super().check()
        if self._ready and not self.areas.areas:
            self.go.setEnabled(False)

    def _tell(self) -> None:
        self.chosen.emit(
            MaskWish(
                areas=tuple(self.areas.areas),
                reason=self.why.text().strip(),
                contact=self.contact.text().strip(),
                end=str(self.end.currentData()),
                person=self.person.text().strip(),
            )
        )


class EndMaskDialog(PersonDialog):
    """Whole pictures are judged again."""

    chosen = Signal(str)  # who

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("End the mask", "End the mask", parent)
        self.form.setRowVisible(self.why, False)
        self.go.clicked.connect(lambda: self.chosen.emit(self.person.text().strip()))
