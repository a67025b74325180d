"""Makes the pictures of the status and the administration page; ``make screenshots`` runs it after the others.

It needs no trained models, so it has a data directory of its own. One picture is broken, and the keeper
is killed once: so that the page shows what it says of a trouble.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psutil
import stage
from PySide6.QtWidgets import QApplication

from hydra_desktop.app import Desktop
from inference_server import supervise
from inference_server.cli.serve import prepare
from inference_server.config import Config
from inference_server.protocol.administration import PutUser, SetRight
from inference_server.protocol.people import Role
from inference_server.supervise import Supervisor

PORT = 5799  # beside the other pictures' servers
CHUNKS = 4


def main() -> int:
    """Run the server, feed it, kill its keeper, take the pictures."""
    work, out = stage.wanted(__doc__, stage.WORK / "status")
    shutil.rmtree(work, ignore_errors=True)
    config = msgspec.structs.replace(stage.config_in(work), port=PORT)
    app = QApplication([])
    with _server(config) as supervisor:
        _feed(app, config, 1)
        desk = stage.desktop(app, config, work)
        try:
            for chunk in range(2, CHUNKS + 1):
                _feed(app, config, chunk)
            _kill_keeper(supervisor)
            _take(app, desk, out)
        finally:
            desk.stop()
    return 0


@contextmanager
def _server(config: Config) -> Iterator[Supervisor]:
    """All roles, watched."""
    stop, supervisor = threading.Event(), Supervisor(config)
    with supervise.only_one(config):
        prepare(config)
        supervisor.start(supervise.roles(config, os.cpu_count() or 1))
        watching = threading.Thread(target=supervisor.watch, args=(stop,))
        watching.start()
        try:
            yield supervisor
        finally:
            stop.set()
            watching.join()
            supervisor.stop()


def _feed(app: QApplication, config: Config, chunk: int) -> None:
    stage.feed(config, 92_317, chunk)
    if chunk == 1:
        broken = config.inboxes[0].path / "Run092317" / "FCAL_occupancy_0099.png"
        broken.write_bytes(b"not a picture")
    stage.let_pass(app, stage.EVERY_S)


def _kill_keeper(supervisor: Supervisor) -> None:
    for number in supervisor.pids():
        process = psutil.Process(number)
        if "keeper" in process.cmdline():
            process.kill()


def _take(app: QApplication, desk: Desktop, out: Path) -> None:
    desk.preferences.set_theme("light")
    desk.window.show_page("status")
    cards, page = desk.status_page, desk.administration_page
    stage.until(app, lambda: "ended" in cards.past_of("keeper"), "the keeper's trouble")
    stage.let_pass(
        app, 12.0
    )  # until it has written to the database again, and figures were asked anew
    stage.shoot(app, desk, out / "status_page.png")
    for request in (
        PutUser(name="ann", full_name="Ann Example", email="ann@lab", wants_report=True),
        SetRight(name="ann", role=Role.EXPERT),
    ):
        desk.link.ask(request)
        stage.let_pass(app, 1.0)
    desk.preferences.set_theme("dark")
    desk.window.show_page("administration")
    page.tabs.setCurrentIndex(1)
    stage.until(app, lambda: "retention.max_gb" in page.site.rows, "the settings")
    row = page.site.rows["retention.max_gb"]
    row.editor.setValue(500)
    row.trial.click()
    stage.until(app, lambda: "would change" in page.site.result.text(), "what it would do")
    stage.shoot(app, desk, out / "administration_page.png")


if __name__ == "__main__":
    sys.exit(main())
