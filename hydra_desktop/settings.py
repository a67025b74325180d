"""What the command line asks for, and what this desktop remembers from one day to the next."""

from __future__ import annotations

import argparse
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from hydra_desktop import __version__
from inference_server.protocol.keys import KeyTrouble, read_key_file

THEMES = ("light", "dark", "system")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The command line. ``None`` means: as remembered."""

    server: str | None = None
    key: Path | None = None
    station: str | None = None
    theme: str | None = None
    screenshot: Path | None = None
    every_s: float = 5.0
    exit_after_verdicts: int = 0
    print_verdicts: bool = False
    check: bool = False
    link: str = ""  # hydra://..., to be opened at the start
    log_level: str = "WARNING"


def parse(argv: Sequence[str] | None = None) -> Options:
    """Read the command line; prints help or an error and exits as argparse does."""
    parser = argparse.ArgumentParser(
        prog="hydra-desktop", description="The desktop of Hydra: the live run grid of one server."
    )
    add = parser.add_argument
    add(
        "--server",
        metavar="tcp://HOST:PORT",
        help="the server (default: the one in the key file, else the last chosen in the window)",
    )
    add("--key", type=Path, metavar="FILE", help="this station's key file")
    add("--station", metavar="NAME", help="how this station calls itself (default: the host name)")
    add("--theme", choices=THEMES, help="colours for this session")
    add(
        "--screenshot", type=Path, metavar="FILE", help="keep a current picture of the window there"
    )
    add("--every", type=float, default=5.0, metavar="S", help="seconds between two (default: 5)")
    add("--exit-after-verdicts", type=int, default=0, metavar="N", help="leave after N verdicts")
    add("--print-verdicts", action="store_true", help="print one line for each verdict")
    add("--check", action="store_true", help="try the connection, say how it went, and leave")
    add("link", nargs="?", default="", metavar="LINK", help="a hydra:// link: open that picture")
    add("--log-level", default="WARNING", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
    add("--version", action="version", version=f"hydra-desktop {__version__}")
    given = parser.parse_args(argv)
    return Options(
        server=given.server,
        key=given.key,
        station=given.station,
        theme=given.theme,
        screenshot=given.screenshot,
        every_s=max(0.5, given.every),
        exit_after_verdicts=given.exit_after_verdicts,
        print_verdicts=given.print_verdicts,
        check=given.check,
        link=given.link,
        log_level=given.log_level,
    )


class Memory:
    """Small settings in the user's configuration directory; every value has a usable default."""

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store or QSettings(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, "hydra", "desktop"
        )

    @property
    def spool(self) -> Path:
        """The file of votes that the server does not have yet: beside the settings, one per user."""
        return Path(self._store.fileName()).with_name("votes.jsonl")

    def text(self, name: str, otherwise: str = "") -> str:
        """A remembered word."""
        return str(self._store.value(name, otherwise))

    def choice(self, name: str, among: Sequence[str], otherwise: str) -> str:
        """A remembered word that must be one of ``among``: the file may be old or edited by hand."""
        found = self.text(name, otherwise)
        return found if found in among else otherwise

    def remember(self, name: str, value: str) -> None:
        """Keep a word."""
        self._store.setValue(name, value)

    def shape(self, name: str) -> QByteArray:
        """The remembered geometry of a window or splitter; empty when there is none."""
        found = self._store.value(name, QByteArray())
        return found if isinstance(found, QByteArray) else QByteArray()

    def remember_shape(self, name: str, shape: QByteArray) -> None:
        """Keep a geometry."""
        self._store.setValue(name, shape)

    def sync(self) -> None:
        """Write to disk now."""
        self._store.sync()


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect, with which key, as whom."""

    server: str
    key: str
    station: str


def address(options: Options, memory: Memory) -> Address:
    """The command line first, then the key file's own server, then what was used last.

    A key belongs to one server: one that was named now never goes to the server of last time.
    """
    key = str(options.key) if options.key else ""
    named = options.server or (server_of(key) if key else "")
    return Address(
        named or memory.text("server"),
        key or (memory.text("key") if options.server in (None, memory.text("server")) else ""),
        options.station or memory.text("station") or socket.gethostname(),
    )


def server_of(key: str) -> str:
    """The server that a key file names; empty when the file cannot be read: the link says why."""
    try:
        return read_key_file(Path(key)).server
    except KeyTrouble:
        return ""


def identity(where: Address) -> str:
    """What tells a server from others however it is reached: its public key, without keys its address.

    Empty when the key file cannot be read: then there is no connection either.
    """
    if not where.key:
        return where.server
    try:
        return read_key_file(Path(where.key)).server_public_key
    except KeyTrouble:
        return ""
