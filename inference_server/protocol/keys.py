"""CURVE keys as files: the server's pair, the clients it knows, and the one file a client gets.

Files and not rows: somebody who comes to repair the database must be able to connect while it is
away. Secrets are 0600 in a directory that is 0700; a wider one is refused, as ssh does.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import zmq

SERVER = "server.key"
CLIENTS = "clients"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")


class KeyTrouble(RuntimeError):
    """A key cannot be used; the message says why and what to do."""


class Pair(msgspec.Struct, frozen=True):
    """A CURVE key pair, Z85 text."""

    public: str
    secret: str


class Client(msgspec.Struct, frozen=True):
    """A client that may connect."""

    name: str
    public_key: str
    created: datetime


class KeyFile(msgspec.Struct, frozen=True, kw_only=True):
    """What one client needs to connect: the only thing that is handed out."""

    name: str
    client: Pair
    server_public_key: str
    server: str = ""  # tcp://host:port


def server_keys(keys_dir: Path) -> Pair:
    """The server's pair, made at the first call. Raises KeyTrouble: unreadable or readable by others."""
    path = keys_dir / SERVER
    if not path.exists():
        _private_dir(keys_dir)
        _private_dir(keys_dir / CLIENTS)
        _publish(path, msgspec.json.encode(_new_pair()))
    try:
        return msgspec.json.decode(_read_private(path), type=Pair)
    except msgspec.MsgspecError as error:
        raise KeyTrouble(
            f"{path} is damaged: {error}. Restore it from a backup; if you remove it,"
            " the server makes a new key and every client needs a new key file."
        ) from error


def make_client(keys_dir: Path, name: str, out: Path, server: str) -> KeyFile:
    """Make a client known and write its key file.

    Raises KeyTrouble: bad name, name taken, file exists or cannot be written.
    """
    if not NAME.fullmatch(name):
        raise KeyTrouble(f"{name!r} is no name for a key: use letters, digits and . _ - @ only.")
    ours = server_keys(keys_dir)
    record = keys_dir / CLIENTS / f"{name}.json"
    if record.exists():
        raise KeyTrouble(
            f"There is a key for {name} already. Revoke it first, or choose another name."
        )
    pair = _new_pair()
    file = KeyFile(name=name, client=pair, server_public_key=ours.public, server=server)
    _write_private(out, msgspec.json.format(msgspec.json.encode(file), indent=2))
    client = Client(name=name, public_key=pair.public, created=datetime.now(UTC))
    _write_private(record, msgspec.json.encode(client))
    return file


def list_clients(keys_dir: Path) -> list[Client]:
    """The clients that may connect, by name; what cannot be read is left out."""
    found = []
    for path in sorted((keys_dir / CLIENTS).glob("*.json")):
        try:
            found.append(msgspec.json.decode(path.read_bytes(), type=Client))
        except (OSError, msgspec.MsgspecError):
            continue
    return found


def revoke_client(keys_dir: Path, name: str) -> None:
    """Forget a client: its next handshake and its next request are refused. Raises KeyTrouble."""
    try:
        (keys_dir / CLIENTS / f"{name}.json").unlink()
    except FileNotFoundError as error:
        names = ", ".join(client.name for client in list_clients(keys_dir)) or "none"
        raise KeyTrouble(f"There is no key for {name}. Known: {names}.") from error


def read_key_file(path: Path) -> KeyFile:
    """A client's key file. Raises KeyTrouble: missing, readable by others, not a key file."""
    try:
        return msgspec.json.decode(_read_private(path), type=KeyFile)
    except msgspec.MsgspecError as error:
        raise KeyTrouble(
            f"{path} is not a key file of Hydra. Ask for one: hydra-server keys make NAME."
        ) from error


def secure_server(socket: zmq.Socket[bytes], ours: Pair) -> None:
    """Make a socket that will be bound accept only clients that the ZAP handler knows."""
    socket.curve_server = True
    socket.curve_publickey = ours.public.encode()
    socket.curve_secretkey = ours.secret.encode()
    socket.zap_domain = b"hydra"


def secure_client(socket: zmq.Socket[bytes], key: KeyFile) -> None:
    """Make a socket that will be connected prove who it is, and want the same of the server."""
    socket.curve_serverkey = key.server_public_key.encode()
    socket.curve_publickey = key.client.public.encode()
    socket.curve_secretkey = key.client.secret.encode()


def _new_pair() -> Pair:
    public, secret = zmq.curve_keypair()
    return Pair(public.decode(), secret.decode())


def _private_dir(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o700)


def _publish(path: Path, data: bytes) -> None:
    """Create ``path`` whole; where several processes do so at once, the first one's counts."""
    own = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    _write_private(own, data)
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(own)
    own.unlink()


def _write_private(path: Path, data: bytes) -> None:
    """Create ``path`` with mode 0600; it must not exist yet."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyTrouble(f"{path} exists already. Remove it, or choose another file.") from error
    except OSError as error:
        raise KeyTrouble(f"{path} cannot be written: {error.strerror}.") from error
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _read_private(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode & 0o777
        if os.name == "posix" and mode & 0o077:
            raise KeyTrouble(
                f"{path} has mode {mode:04o}: others could read a secret key. Run: chmod 600 {path}"
            )
        return path.read_bytes()
    except OSError as error:
        raise KeyTrouble(f"{path} cannot be read: {error.strerror}. Check the path.") from error
