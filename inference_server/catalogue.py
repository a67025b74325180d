"""The catalogue (plot types, classes, thresholds, active models), also while the database is away."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

import msgspec
from sqlalchemy.orm import Session, sessionmaker

from db import catalogue
from db.session import DatabaseAway, transaction
from db.values import Catalogue
from inference_server.config import Config

log = logging.getLogger(__name__)


def load(config: Config, sessions: sessionmaker[Session]) -> Catalogue:
    """The catalogue of the database, or its mirror on disk while the database is away.

    Raises DatabaseAway: the database is away and this machine has never seen it.
    """
    try:
        with transaction(sessions) as session:
            current = catalogue.load(session)
    except DatabaseAway:
        mirrored = read_mirror(mirror_path(config))
        if mirrored is None:
            raise
        log.warning("the database is away: working with the catalogue as last seen")
        return mirrored
    write_mirror(mirror_path(config), current)
    return current


def mirror_path(config: Config) -> Path:
    """Where the mirror is."""
    return config.data_dir / "catalogue.json"


def read_mirror(path: Path) -> Catalogue | None:
    """The mirrored catalogue; None where there is none, or none that this version can read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Catalogue)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        log.warning("%s cannot be used (%s): it is written anew from the database", path, error)
        return None


def write_mirror(path: Path, current: Catalogue) -> None:
    """Replace the mirror, if it changed, so that a reader sees the old one or the new one whole."""
    text = msgspec.json.encode(current)
    try:
        if path.read_bytes() == text:
            return
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    # Threads of the gateway's pool may be here at once, and other roles too.
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    with part.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
