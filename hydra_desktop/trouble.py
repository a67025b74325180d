"""What happens to an error that nobody expected: one log entry, and one dialog, never a silent end."""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QMessageBox

log = logging.getLogger("hydra.desktop")

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Trouble(QObject):
    """Catches what Python's and Qt's last-resort hooks report. Lives on the GUI thread."""

    met = Signal(str)  # queued, so a dialog opens on the GUI thread whoever failed

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._told: set[str] = set()
        self._box: QMessageBox | None = None
        self.met.connect(self._show)

    def install(self) -> None:
        """Take over the hooks of this process."""
        sys.excepthook = self._python
        threading.excepthook = self._thread
        qInstallMessageHandler(_qt)

    def _python(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        log.critical("an error nobody expected", exc_info=(kind, error, trace))
        if not issubclass(kind, KeyboardInterrupt):
            self.met.emit(f"{kind.__name__}: {error}")

    def _thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._python(args.exc_type, args.exc_value, args.exc_traceback)

    def _show(self, what: str) -> None:
        # One box for each kind of trouble: a fault in a timer must not bury the screen.
        if what in self._told or self._box is not None or QApplication.instance() is None:
            return
        self._told.add(what)
        box = self._box = QMessageBox(QApplication.activeWindow())
        box.setWindowTitle("Hydra")
        box.setText(
            "Something failed that Hydra did not expect. It goes on, but may show old plots."
        )
        box.setInformativeText(
            "Tell the expert, with the log. Start Hydra again if it looks wrong."
        )
        box.setDetailedText(what)
        box.finished.connect(self._closed)
        box.open()

    def _closed(self) -> None:
        self._box = None


def _qt(kind: QtMsgType, context: QMessageLogContext, words: str) -> None:
    # The offscreen platform says this at every window; it is no trouble.
    harmless = words.startswith("This plugin does not support")
    level = logging.DEBUG if harmless else _LEVELS.get(kind, logging.WARNING)
    log.log(level, "Qt: %s", words, extra={"qt": context.category})
