"""When one plot type calls: so many of so many pictures, latch, gates, each with a line that explains it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QHBoxLayout, QSpinBox, QWidget

from ui.alarm_dialogs import PersonDialog
from ui.parts import label, padded

MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleValues:
    """What the dialog holds; the same numbers as the server's settings."""

    on_count: int = 1
    on_of: int = 1
    off_count: int = 1
    off_of: int = 1
    latch: bool = True
    beam_minimum: float | None = None
    run_needed: bool = False
    watch_supply: bool = True


class AlarmRuleDialog(PersonDialog):
    """Who changes it and why is kept with the change."""

    plot_chosen = Signal(str)
    chosen = Signal(str, str, str, object)  # who, why, plot type, RuleValues

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("When does it call", "Set", parent)
        self.why_needed = True
        self.setMinimumWidth(580)
        self.why.setPlaceholderText("Needed: others will read it")
        self.plot = QComboBox()
        self.on, self.off = _Share("an alarm"), _Share("the return")
        self.latch = QCheckBox("Latch: it waits for somebody, also when it is good again")
        self.supply = QCheckBox("Missing pictures are an alarm")
        self.run = QCheckBox("Only while a run goes on")
        self.beam = padded(QDoubleSpinBox())
        self.beam.setRange(0.0, 1_000_000.0)
        self.beam.setSpecialValueText("Not looked at")
        self.drawing = label("", "small", kind="muted")
        self.drawing.setWordWrap(True)
        self._fill_form()
        self.plot.currentTextChanged.connect(self.plot_chosen)
        self.go.clicked.connect(self._tell)
        for share in (self.on, self.off):
            share.changed.connect(self._draw)
        self._draw()
        self.check()

    def offer(self, plots: list[str], first: str) -> None:
        """The plot types, beginning with ``first``."""
        with QSignalBlocker(self.plot):
            self.plot.clear()
            self.plot.addItems(plots)
            self.plot.setCurrentText(first)

    def show_values(self, values: RuleValues) -> None:
        """What is in force."""
        self.on.show_share(values.on_count, values.on_of)
        self.off.show_share(values.off_count, values.off_of)
        self.latch.setChecked(values.latch)
        self.supply.setChecked(values.watch_supply)
        self.run.setChecked(values.run_needed)
        self.beam.setValue(values.beam_minimum or 0.0)

    @property
    def values(self) -> RuleValues:
        """What stands in the fields."""
        return RuleValues(
            on_count=self.on.count.value(),
            on_of=self.on.of.value(),
            off_count=self.off.count.value(),
            off_of=self.off.of.value(),
            latch=self.latch.isChecked(),
            beam_minimum=self.beam.value() or None,
            run_needed=self.run.isChecked(),
            watch_supply=self.supply.isChecked(),
        )

    def _draw(self) -> None:
        """The newest pictures as signs: the last one is the one that calls."""
        count, of = self.on.count.value(), self.on.of.value()
        signs = "■ " * (count - 1) + "● " * (of - count) + "■"
        self.drawing.setText(
            f"{signs}  calls (■ bad, ● good): {count} bad of the newest {of}."
            f" Good again after {self.off.count.value()} good of {self.off.of.value()}."
        )

    def _fill_form(self) -> None:
        self.add("Plot", self.plot)
        self.form.addRow("Call", self.on)
        self.form.addRow("Return", self.off)
        self.form.addRow("", self.drawing)
        self.add("Beam at least", self.beam)
        for box in (self.latch, self.supply, self.run):
            self.form.addRow("", box)

    def _tell(self) -> None:
        who, why = self.person.text().strip(), self.why.text().strip()
        self.chosen.emit(who, why, self.plot.currentText(), self.values)


class _Share(QWidget):
    """ "3 of the newest 5 pictures"; the first is never more than the second."""

    changed = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.count, self.of = padded(QSpinBox()), padded(QSpinBox())
        for box, words in (
            (self.count, f"Pictures for {name}"),
            (self.of, f"Of the newest, for {name}"),
        ):
            box.setRange(1, MOST)
            box.setAccessibleName(words)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.count)
        row.addWidget(label("of the newest"))
        row.addWidget(self.of)
        row.addWidget(label("pictures"))
        row.addStretch(1)
        self.count.valueChanged.connect(self._count_changed)
        self.of.valueChanged.connect(self._of_changed)

    def show_share(self, count: int, of: int) -> None:
        """Both numbers."""
        self.of.setValue(of)
        self.count.setValue(count)

    def _count_changed(self, count: int) -> None:
        self.of.setValue(max(count, self.of.value()))
        self.changed.emit()

    def _of_changed(self, of: int) -> None:
        self.count.setValue(min(of, self.count.value()))
        self.changed.emit()
