"""Asks for the server, the key file and this station's name; tries them before it takes them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.parts import IconLabel, label


class ConnectDialog(QDialog):
    """No password: the key file is what the server knows this station by."""

    tried = Signal(str, str, str)  # server, key file, station
    connect_wanted = Signal(str, str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Connect to Hydra")
        self.setMinimumWidth(520)
        self.server, self.key, self.station = QLineEdit(), QLineEdit(), QLineEdit()
        self.result_line = label("", "body")
        self.result_line.setWordWrap(True)
        self.try_button, self.connect_button = QPushButton("Try it"), QPushButton("Connect")
        self._lay_out()
        self.server.textChanged.connect(self._check)
        self.try_button.clicked.connect(self._ask_try)
        self.connect_button.clicked.connect(self._ask_connect)
        self._check()

    def fill(self, server: str, key: str, station: str) -> None:
        """What is known already."""
        self.server.setText(server)
        self.key.setText(key)
        self.station.setText(station)

    def show_result(self, sentence: str) -> None:
        """What became of the trial."""
        self.result_line.setText(sentence)
        self._check()

    def _values(self) -> tuple[str, str, str]:
        return self.server.text().strip(), self.key.text().strip(), self.station.text().strip()

    def _ask_try(self) -> None:
        self.try_button.setEnabled(False)
        self.result_line.setText("Asking the server.")
        self.tried.emit(*self._values())

    def _ask_connect(self) -> None:
        self.connect_wanted.emit(*self._values())
        self.accept()

    def _check(self) -> None:
        usable = bool(self.server.text().strip())
        self.try_button.setEnabled(usable)
        self.connect_button.setEnabled(usable)

    def _browse(self) -> None:
        dialog = QFileDialog(self, "Choose the key file", self.key.text())
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.key.setText)
        dialog.open()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(IconLabel("hydra", 40, "accent"))
        head.addWidget(label("Connect to Hydra", "card"))
        head.addStretch(1)
        self.server.setPlaceholderText("tcp://host:5700")
        self.key.setPlaceholderText("The file that the server's keeper gave you")
        browse = QPushButton("Browse")
        browse.clicked.connect(self._browse)
        key_row = QHBoxLayout()
        key_row.addWidget(self.key, 1)
        key_row.addWidget(browse)
        form = QFormLayout()
        form.setVerticalSpacing(10)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.addRow("Server", self.server)
        form.addRow("Key file", key_row)
        form.addRow("Station name", self.station)
        for field, name in (
            (self.server, "Server"),
            (self.key, "Key file"),
            (self.station, "Station name"),
        ):
            field.setAccessibleName(name)
        buttons = QHBoxLayout()
        buttons.addWidget(self.try_button)
        buttons.addStretch(1)
        buttons.addWidget(self.connect_button)
        self.connect_button.setProperty("kind", "primary")
        self.connect_button.setDefault(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 20)
        column.setSpacing(16)
        column.addLayout(head)
        column.addLayout(form)
        column.addWidget(self.result_line)
        column.addLayout(buttons)
