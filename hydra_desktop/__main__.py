"""Starts the desktop: ``hydra-desktop`` or ``python -m hydra_desktop``."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from hydra_desktop.app import Desktop
from hydra_desktop.camera import Camera
from hydra_desktop.rooms.connect_room import Trial
from hydra_desktop.settings import Memory, Options, address, parse
from hydra_desktop.trouble import Trouble
from hydra_desktop.words import clock, run_chunk
from inference_server.protocol.messages import Verdict


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; the exit code is 0 unless ``--check`` failed or something broke."""
    options = parse(argv)
    logging.basicConfig(
        level=options.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("hydra-desktop")
    app.setApplicationDisplayName("Hydra")
    waking = _obey_signals(app)
    try:
        return _check(app, options) if options.check else _show(app, options)
    finally:
        waking.stop()


def _show(app: QApplication, options: Options) -> int:
    trouble = Trouble()
    trouble.install()
    desktop = Desktop(app, options, Memory())
    witness = Witness(options, app)
    desktop.run.judged.connect(witness.see)
    camera = (
        Camera(desktop.window, options.screenshot, options.every_s) if options.screenshot else None
    )
    desktop.window.show()
    desktop.start()
    try:
        return app.exec()
    finally:
        if camera is not None:
            camera.stop()
        desktop.stop()


def _check(app: QApplication, options: Options) -> int:
    where = address(options, Memory())
    if not where.server:
        print("No server is known. Name one with --server tcp://HOST:PORT.", file=sys.stderr)
        return 2
    trial = Trial(where)
    trial.ended.connect(_tell)
    trial.start()
    try:
        return app.exec()
    finally:
        trial.stop()


def _tell(works: bool, words: str) -> None:
    print(words, file=sys.stdout if works else sys.stderr)
    QApplication.exit(0 if works else 1)


class Witness(QObject):
    """Prints verdicts as they come, and leaves when it has seen enough."""

    def __init__(self, options: Options, app: QApplication) -> None:
        super().__init__(app)
        self._options, self._seen = options, 0

    def see(self, verdict: Verdict) -> None:
        """One verdict came over the feed."""
        self._seen += 1
        if self._options.print_verdicts:
            print(line(verdict), flush=True)
        if self._seen == self._options.exit_after_verdicts:
            QApplication.exit(0)


def line(verdict: Verdict) -> str:
    """A verdict as one line of text."""
    standing = "confirmed" if verdict.confirmed else "unconfirmed"
    return (
        f"{clock(verdict.judged_at)}  {verdict.plot_type:<24} {run_chunk(verdict):>12}  "
        f"{verdict.label:<12} {verdict.confidence:.3f}  {standing}"
    )


def _obey_signals(app: QApplication) -> QTimer:
    """Ctrl+C and a polite kill end the program as closing the window does."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: app.exit(0))
    # Python looks at signals only when it runs; Qt's loop alone would never let it.
    waking = QTimer(interval=200)
    waking.timeout.connect(lambda: None)
    waking.start()
    return waking


if __name__ == "__main__":
    sys.exit(main())
