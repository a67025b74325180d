"""A private MariaDB on loopback, started by the tests and ended by its process id."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pymysql

from tests.ports import free_ports

PATIENCE_S = 60


class MariaDb:
    """One ``mariadbd`` with its data in ``folder``; can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_ports(1)
        self._process: subprocess.Popen[bytes] | None = None
        # The socket is named as it is in the data, since its path has to be short.
        # A temporary directory of its own: a server that starts removes what others left in a shared one.
        user = ["--user=root"] if os.geteuid() == 0 else []
        self._options = [
            f"--datadir={folder / 'data'}", "--socket=s", f"--pid-file={folder / 'pid'}",
            f"--port={self._port}", "--bind-address=127.0.0.1", f"--tmpdir={folder}", "--skip-name-resolve", *user,
            f"--log-error={folder / 'log'}", "--innodb-flush-log-at-trx-commit=1",
        ]  # fmt: skip
        subprocess.run(
            [_tool("mariadb-install-db"), "--no-defaults", f"--datadir={folder / 'data'}",
             "--auth-root-authentication-method=normal", "--skip-test-db", *user],
            check=True, capture_output=True,
        )  # fmt: skip

    def url(self, database: str) -> str:
        """SQLAlchemy URL of an (existing or to be created) database."""
        return f"mysql+pymysql://root@127.0.0.1:{self._port}/{database}"

    def start(self) -> None:
        """Return when it answers."""
        self._process = subprocess.Popen(
            [_tool("mariadbd"), "--no-defaults", *self._options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + PATIENCE_S
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                self.kill()
                raise RuntimeError((self._folder / "log").read_text()[-2000:])
            time.sleep(0.05)  # between two knocks on the port; the condition is the answer

    def stop(self) -> None:
        """Return when it is gone."""
        if self._process is not None:
            self._process.terminate()
            self._wait()

    def kill(self) -> None:
        """Like a power cut."""
        if self._process is not None:
            self._process.kill()
            self._wait()

    def _wait(self) -> None:
        assert self._process is not None
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def create(self, database: str) -> None:
        """An empty database, with an old server's default: the tables must not lean on it."""
        self._execute(f"CREATE DATABASE `{database}` CHARACTER SET latin1")

    def drop(self, database: str) -> None:
        """Remove a database."""
        self._execute(f"DROP DATABASE `{database}`")

    def _execute(self, statement: str) -> None:
        connection = pymysql.connect(host="127.0.0.1", port=self._port, user="root")
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()

    def _answers(self) -> bool:
        try:
            self._execute("SELECT 1")
        except pymysql.err.OperationalError:
            return False
        return True


def installed() -> bool:
    """Whether this machine has the server."""
    return all(_find(name) for name in ("mariadbd", "mariadb-install-db"))


def _find(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")


def _tool(name: str) -> str:
    found = _find(name)
    if found is None:
        raise RuntimeError(f"{name} is not installed")
    return found
