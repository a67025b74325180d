"""The server's settings: one TOML file, checked once, every key explained in ``docs/configuration.md``.

Order: command-line flag, environment (``HYDRA_PORT``, ...), file, default. An unknown key is an
error that says what was probably meant. Passwords belong in the environment or in a file that only
the service user can read, never in a flag.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from platformdirs import user_config_path, user_data_path

from inference_server.config_keys import complaint


class ConfigError(ValueError):
    """The configuration cannot be used; the message names the key and the next step."""


class Inbox(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One watched directory tree."""

    path: Path
    run_period: str = ""  # empty: the name of the directory above the run's
    patterns: tuple[
        str, ...
    ] = ()  # regular expressions with named groups; empty: the built-in ones
    remove: bool = True  # False: leave files alone and remember them (a directory of somebody else)
    rescan_s: float = 10.0  # for file systems without change notices


class Backbone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The shared network."""

    name: str = "efficientnet_lite0"  # or any torchvision architecture
    size: int = 224  # pixels, square
    weights: Path | None = None  # a state-dict file for a torchvision architecture
    device: str = "auto"  # auto, cpu, cuda, cuda:1
    runtime: str = "auto"  # auto, torch, onnx
    batch: int = 16
    deadline_ms: float = 4.0  # how long a batch waits for company
    threads: int = 0  # 0: the cores that the supervisor hands out


class Store(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which pictures are kept. Labelled, pinned, commented and logged (Bad, Unconfirmed) ones always are."""

    keep: str = "all"  # all, needed (Bad, Unconfirmed, unbiased draw), sampled
    sample_fraction: float = 0.05  # for keep = "sampled": this share of the others
    max_age_days: float = 0.0  # 0: for ever
    max_gb: float = 0.0  # 0: no limit


class Mail(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The mail server that takes the daily report; without a host nothing is sent."""

    host: str = ""
    port: int = 25
    sender: str = "hydra@localhost"
    user: str = ""
    password: str = ""
    starttls: bool = False


class Logbook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where log-book entries go. A password or token belongs into HYDRA_LOGBOOK_PASSWORD."""

    kind: str = ""  # file, email, http; empty: there is no log book
    folder: Path | None = None  # file: a folder a day below it, a text and a picture each
    smtp_host: str = "localhost"
    smtp_port: int = 25
    smtp_user: str = ""  # empty: no login
    sender: str = "hydra@localhost"
    recipients: tuple[str, ...] = ()
    url: str = ""  # http: takes a form with title, text, author, key and attachment


class ConditionSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where beam and run are told. Desktops with the right may tell them too."""

    file: Path | None = None  # TOML: beam_current = 210.0, running = true, run = 92317
    beam_pv: str = ""  # EPICS channels; need the extra "epics"
    running_pv: str = ""  # 0: no run goes on
    run_pv: str = ""
    beam_unit: str = "nA"
    beam_off_below: float = 1.0  # in that unit: less is no beam, as the history marks it


class Training(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What trainings may use."""

    weights: dict[str, Path] = {}  # state-dict files that torchvision networks start from, by name


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a server needs to know."""

    experiment: str = "Hydra"
    data_dir: Path = msgspec.field(
        default_factory=lambda: user_data_path("hydra-server", appauthor=False)
    )
    database_url: str = ""  # empty: SQLite in data_dir
    host: str = "127.0.0.1"  # where desktops connect; "*" for all interfaces
    port: int = 5700  # requests; the feed is the next port, remote feeders the one after it
    inboxes: tuple[Inbox, ...] = ()
    backbone: Backbone = Backbone()
    store: Store = Store()
    mail: Mail = Mail()
    logbook: Logbook = Logbook()
    logo: Path | None = None  # of the experiment: a small PNG or JPEG for the status line
    conditions: ConditionSource = ConditionSource()
    training: Training = Training()
    predict_workers: int = 1
    collect_fraction: float = 0.02  # for plot types that the feeder registers
    max_picture_mb: float = 32.0
    max_megapixels: float = 64.0
    metrics_port: int = 0  # HTTP: /metrics, /livez, /readyz on ``host``; 0: none
    log_format: str = "text"  # text, json: one object a line

    @property
    def log_dir(self) -> Path:
        return self.data_dir / "logs"

    @property
    def database(self) -> str:
        """SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{self.data_dir / 'hydra.sqlite'}"

    @property
    def keys_dir(self) -> Path:
        return self.data_dir / "keys"

    @property
    def pictures_dir(self) -> Path:
        return self.data_dir / "pictures"

    @property
    def thumbnails_dir(self) -> Path:
        return self.data_dir / "thumbnails"

    @property
    def heatmaps_dir(self) -> Path:
        return self.data_dir / "heatmaps"

    @property
    def models_dir(self) -> Path:
        return self.data_dir / "models"

    @property
    def backbones_dir(self) -> Path:
        return self.data_dir / "backbones"

    @property
    def journal_dir(self) -> Path:
        return self.data_dir / "journal"

    @property
    def quarantine_dir(self) -> Path:
        return self.data_dir / "quarantine"

    @property
    def run_dir(self) -> Path:
        """For ipc sockets: short, since a socket's path is limited to about 100 characters."""
        digest = hashlib.sha256(str(self.data_dir.resolve()).encode()).hexdigest()[:12]
        session = os.environ.get("XDG_RUNTIME_DIR")  # services and containers may have none
        base = Path(session) if session else Path(tempfile.gettempdir(), f"hydra-{os.getuid()}")
        return base / "hydra" / digest

    def ipc(self, name: str) -> str:
        """Address of an internal socket: balancer-frames, balancer-workers, keeper, settled, bus,
        control."""
        return f"ipc://{self.run_dir / name}"


@dataclass(frozen=True, slots=True)
class Source:
    """One place that settings come from."""

    name: str  # "flag", "environment HYDRA_PORT", a file's path
    values: Mapping[str, Any]


def load(path: Path | None, overrides: Mapping[str, Any] | None = None) -> Config:
    """The settings in ``path`` (TOML), with ``overrides`` on top.

    Raises ConfigError: file missing or unreadable, key unknown, value of the wrong type.
    """
    files = [from_file(path)] if path is not None else []
    return joined([*files, Source("flag", overrides or {})])


def sources(
    path: Path | None, flags: Mapping[str, Any], environment: Mapping[str, str]
) -> list[Source]:
    """Where the settings of a command come from, weakest first: files, environment, flags.

    A file that is named replaces the usual two (the site's and the user's, where they exist).
    Raises ConfigError: a file cannot be read.
    """
    user = user_config_path("hydra-server", appauthor=False) / "hydra.toml"
    usual = [each for each in (SITE_FILE, user) if each.exists()]
    return [
        *(from_file(each) for each in ([path] if path is not None else usual)),
        *_from_environment(environment),
        Source("flag", flags),
    ]


def joined(given: Sequence[Source]) -> Config:
    """The settings of all sources, a later one winning key by key. Raises ConfigError."""
    raw: dict[str, Any] = {}
    for source in given:
        for key, value in source.values.items():
            held = raw.get(key)
            both = isinstance(value, dict) and isinstance(held, dict)
            raw[key] = {**held, **value} if both and held else value
    if unknown := complaint(raw, Config, _TABLES):
        raise ConfigError(unknown)
    try:
        return msgspec.convert(raw, Config, dec_hook=_path, strict=False)
    except msgspec.ValidationError as error:
        names = ", ".join(source.name for source in given if source.values) or "settings"
        raise ConfigError(f"{names}: {error}.") from error


def origins(given: Sequence[Source]) -> dict[str, str]:
    """For each key that is set somewhere, the name of the source that wins."""
    return {key: source.name for source in given for key in source.values}


def from_file(path: Path) -> Source:
    """A settings file. Raises ConfigError: missing, unreadable, not TOML."""
    try:
        return Source(str(path), tomllib.loads(path.read_text()))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}. Check --config.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from error


def _from_environment(environment: Mapping[str, str]) -> list[Source]:
    """HYDRA_PORT and the like, for every setting that is one plain value."""
    plain = [field.name for field in msgspec.structs.fields(Config) if field.name not in _TABLES]
    return [
        Source(f"environment {name}", {key: environment[name]})
        for key in plain
        if (name := f"HYDRA_{key.upper()}") in environment
    ]


def dump(config: Config) -> bytes:
    """The settings as JSON, for the processes of one server; ``restore`` is its inverse."""
    return msgspec.json.encode(config, enc_hook=str)


def restore(path: Path) -> Config:
    """The settings that ``dump`` wrote."""
    return msgspec.json.decode(path.read_bytes(), type=Config, dec_hook=_path)


def _path(kind: type, value: object) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value).expanduser()
    raise NotImplementedError(kind)


SITE_FILE = Path("/etc/hydra/hydra.toml")
_TABLES: dict[str, type[msgspec.Struct]] = {
    "backbone": Backbone,
    "store": Store,
    "mail": Mail,
    "logbook": Logbook,
    "conditions": ConditionSource,
    "training": Training,
    "inboxes": Inbox,
}
