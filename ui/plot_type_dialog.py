"""One plot type as a form, with the files that would belong to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui.parts import label, padded

CALM_MS = 250  # of the keyboard before files are looked for
SEVERITIES = (("Good", "good"), ("Warning", "warning"), ("Bad", "bad"), ("Neutral", "neutral"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotTypeForm:
    """What the form holds; ``classes``: name and severity, in order."""

    name: str = ""
    chunked: bool = True
    group: str = ""
    contact: str = ""
    guidance: str = ""
    description: str = ""
    collect_fraction: float = 0.02
    stale_after_s: float = 180.0
    ignored: bool = False
    classes: tuple[tuple[str, str], ...] = ()


class PlotTypeDialog(QDialog):
    """Opened with ``open``; stays open until the server has kept what it says."""

    saved = Signal(object)  # PlotTypeForm
    name_typed = Signal(str, bool)  # name, chunked: after the keyboard has come to rest

    def __init__(
        self, parent: QWidget, title: str, verb: str, form: PlotTypeForm,
        vocabulary: Sequence[tuple[str, str]], groups: Sequence[str],
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(720, 700)
        self.name, self.group, self.contact = (
            QLineEdit(form.name),
            QComboBox(),
            QLineEdit(form.contact),
        )
        self.chunked, self.ignored = (
            QCheckBox("A picture for each chunk of a run"),
            QCheckBox("Ignored"),
        )
        self.guidance = QPlainTextEdit(form.guidance)
        self.description = QLineEdit(form.description)
        self.collect, self.stale = padded(QDoubleSpinBox()), padded(QDoubleSpinBox())
        self.classes, self.new_class, self.severity = QListWidget(), QLineEdit(), QComboBox()
        self.add, self.save = QPushButton("Add class"), QPushButton(verb)
        self.mask_area = QPushButton("Mask an area of its picture")
        self.mask_area.hide()  # a plot type that is being made has none
        self.files, self.message = label("", "small", kind="muted"), label("")
        self._calm = QTimer(self, interval=CALM_MS, singleShot=True)
        self._calm.timeout.connect(self._look_for_files)
        self._fill(form, vocabulary, groups)
        self._lay_out(title)
        self._typed()

    def form(self) -> PlotTypeForm:
        """What it holds now."""
        items = [self.classes.item(row) for row in range(self.classes.count())]
        chosen = [item for item in items if item.checkState() is Qt.CheckState.Checked]
        return PlotTypeForm(
            name=self.name.text().strip(),
            chunked=self.chunked.isChecked(),
            group=self.group.currentText().strip(),
            contact=self.contact.text().strip(),
            guidance=self.guidance.toPlainText().strip(),
            description=self.description.text().strip(),
            collect_fraction=self.collect.value(),
            stale_after_s=self.stale.value(),
            ignored=self.ignored.isChecked(),
            classes=tuple((item.text(), item.data(Qt.ItemDataRole.UserRole)) for item in chosen),
        )

    def show_files(self, words: str) -> None:
        """Which files match the name."""
        self.files.setText(words)

    def show_message(self, words: str) -> None:
        """What the server said."""
        self.message.setText(words)

    # ------------------------------------------------------------ parts

    def _fill(
        self, form: PlotTypeForm, vocabulary: Sequence[tuple[str, str]], groups: Sequence[str]
    ) -> None:
        self.name.setPlaceholderText("As it stands in the names of its files, CDC_occupancy")
        for field, name in (
            (self.name, "Name"), (self.group, "Group"), (self.contact, "Contact"),
            (self.guidance, "What the shift shall do"), (self.description, "Description"),
            (self.collect, "Collect fraction"), (self.stale, "Old after"), (self.classes, "Classes"),
            (self.new_class, "New class"), (self.severity, "Severity of the new class"),
        ):  # fmt: skip
            field.setAccessibleName(name)
        self.group.setEditable(True)
        self.group.addItems([*groups])
        self.group.setCurrentText(form.group)
        self.chunked.setChecked(form.chunked)
        self.ignored.setChecked(form.ignored)
        self.ignored.setToolTip("Not shown on the run page and not in lists; still judged")
        self.guidance.setPlaceholderText("Shown on the bad plot under Do this")
        self.guidance.setMaximumHeight(80)
        self.collect.setRange(0, 1)
        self.collect.setSingleStep(0.01)
        self.collect.setValue(form.collect_fraction)
        self.collect.setToolTip("Share of all pictures that are drawn at random for labelling")
        self.stale.setRange(0, 86_400)
        self.stale.setDecimals(0)
        self.stale.setSuffix(" s")
        self.stale.setValue(form.stale_after_s)
        chosen = dict(form.classes)
        for name, severity in [*form.classes, *(c for c in vocabulary if c[0] not in chosen)]:
            self._add_class(name, severity, chosen=name in chosen)
        for words, key in SEVERITIES:
            self.severity.addItem(words, key)
        self.new_class.setPlaceholderText("Another class")
        self.save.setProperty("kind", "primary")
        self.name.textChanged.connect(self._typed)
        self.chunked.toggled.connect(self._typed)
        self.add.clicked.connect(self._new_class)
        self.save.clicked.connect(lambda: self.saved.emit(self.form()))

    def _add_class(self, name: str, severity: str, *, chosen: bool) -> None:
        item = QListWidgetItem(name)
        item.setData(Qt.ItemDataRole.UserRole, severity)
        item.setToolTip(f"Severity: {severity}")
        item.setCheckState(Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked)
        self.classes.addItem(item)

    def _new_class(self) -> None:
        name = self.new_class.text().strip()
        known = [self.classes.item(row).text() for row in range(self.classes.count())]
        if name and name not in known:
            self._add_class(name, self.severity.currentData(), chosen=True)
        self.new_class.clear()

    def _typed(self) -> None:
        self._enable()
        self.show_files("Looks for files.")
        self._calm.start()

    def _enable(self) -> None:
        self.save.setEnabled(bool(self.name.text().strip()))

    def _look_for_files(self) -> None:
        if name := self.name.text().strip():
            self.name_typed.emit(name, self.chunked.isChecked())
        else:
            self.show_files("Type a name to see which files match.")

    def _lay_out(self, title: str) -> None:
        rows = QFormLayout()
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self.files.setWordWrap(True)
        self.files.setMinimumHeight(2 * self.files.fontMetrics().lineSpacing() + 4)
        self.files.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.message.setWordWrap(True)
        more = QHBoxLayout()
        for widget in (self.new_class, self.severity, self.add):
            more.addWidget(widget)
        rows.addRow("Name", self.name)
        rows.addRow("", self.chunked)
        rows.addRow("Files", self.files)
        rows.addRow("Group", self.group)
        rows.addRow("Contact", self.contact)
        rows.addRow("Do this when Bad", self.guidance)
        rows.addRow("Description", self.description)
        rows.addRow("Collect fraction", self.collect)
        rows.addRow("Old after", self.stale)
        rows.addRow("", self.ignored)
        rows.addRow("Classes", self.classes)
        rows.addRow("", more)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.mask_area, QDialogButtonBox.ButtonRole.ResetRole)
        buttons.addButton(self.save, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 16)
        column.addWidget(label(title, "card"))
        column.addLayout(rows, 1)
        column.addWidget(self.message)
        column.addWidget(buttons)
