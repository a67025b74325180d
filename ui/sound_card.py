"""The alarm sounds in the settings: volume, own files, and a test of each."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QPushButton, QSlider

from ui.parts import Card, label

SOUNDS = (
    ("major", "Bad plot"),
    ("minor", "Plot to look at"),
    ("invalid", "No picture"),
    ("link", "Link lost"),
)

QUIETEST = 10  # percent: a station at 0 would say that it can be heard


class SoundCard(Card):
    """Changes take effect at once."""

    volume_changed = Signal(int)  # percent
    test_wanted = Signal(str)
    file_chosen = Signal(str, str)  # sound, WAV file; empty: ours again

    def __init__(self) -> None:
        super().__init__("Alarm sounds")
        self.state = label("", "body", kind="muted")
        self.state.setWordWrap(True)
        self.volume = QSlider(Qt.Orientation.Horizontal)
        self.volume.setRange(QUIETEST, 100)
        self.volume.setToolTip("To be silent for a time, mute the sound: that ends by itself")
        self.volume.setAccessibleName("Volume of the alarm sounds")
        self.volume.valueChanged.connect(self._volume_changed)
        self._percent, self.note = label("100 %"), label("", "body")
        self.files = {key: label("", "body", kind="muted") for key, _ in SOUNDS}
        self.tests = {key: QPushButton("Test") for key, _ in SOUNDS}
        self._lay_out()

    def show_volume(self, percent: int) -> None:
        """Without telling anybody."""
        with QSignalBlocker(self.volume):
            self.volume.setValue(percent)
        self._percent.setText(f"{percent} %")

    def show_file(self, key: str, file: str, *, lost: bool = False) -> None:
        """Whose sound it is; ``lost``: the file cannot be played, so that ours is heard."""
        name = Path(file).name if file else "Hydra's own"
        self.files[key].setText(f"Hydra's own: {name} cannot be played" if lost else name)
        self.files[key].setToolTip(file)

    def show_state(self, words: str) -> None:
        """Whether this station can be heard."""
        self.state.setText(words)

    def show_note(self, words: str) -> None:
        """What came of the last click, where it is not as wished."""
        self.note.setText(words)
        self.note.setVisible(bool(words))

    def _volume_changed(self, percent: int) -> None:
        self._percent.setText(f"{percent} %")
        self.volume_changed.emit(percent)

    def _browse(self, key: str) -> None:
        dialog = QFileDialog(self, "Choose a sound", "", "Sounds (*.wav)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(partial(self.file_chosen.emit, key))
        dialog.open()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(label("Volume"))
        row.addWidget(self.volume, 1)
        row.addWidget(self._percent)
        self.body.addWidget(self.state)
        self.body.addLayout(row)
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        for number, (key, words) in enumerate(SOUNDS):
            grid.addWidget(label(words), number, 0)
            grid.addWidget(self.files[key], number, 1)
            self._buttons(grid, number, key, words)
        self.body.addLayout(grid)
        self.note.setWordWrap(True)
        self.note.hide()
        self.body.addWidget(self.note)

    def _buttons(self, grid: QGridLayout, number: int, key: str, words: str) -> None:
        own, ours = QPushButton("Own file"), QPushButton("Hydra's")
        for column, (button, act, name) in enumerate(
            (
                (self.tests[key], partial(self.test_wanted.emit, key), "Test the sound"),
                (own, partial(self._browse, key), "Choose an own file"),
                (ours, partial(self.file_chosen.emit, key, ""), "Use Hydra's own sound"),
            ),
            2,
        ):
            button.clicked.connect(lambda _=False, act=act: act())
            button.setAccessibleName(f"{name}: {words}")
            grid.addWidget(button, number, column)
