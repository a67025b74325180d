"""Entries for the experiment's log book: as files, by e-mail, or to an HTTP log book."""

from __future__ import annotations

import json
import os
import re
import smtplib
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from inference_server.config import Logbook

TIMEOUT_S = 8.0
PASSWORD = "HYDRA_LOGBOOK_PASSWORD"  # noqa: S105 - the name of a variable, not a password


class LogbookError(ValueError):
    """The entry was not written; the message names the cause and the next step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry, complete."""

    key: str  # the same for an entry that is sent again
    at: datetime
    who: str
    plot_type: str
    run: str  # "92317.8"
    verdict: str  # "Bad 97 %, Confirmed"
    text: str
    picture: bytes
    extension: str

    @property
    def title(self) -> str:
        """One line for lists."""
        return f"{self.plot_type}, run {self.run}: {self.verdict}"

    @property
    def body(self) -> str:
        """All of it as text."""
        return (
            f"{self.text}\n\nPlot: {self.plot_type}\nRun: {self.run}\nVerdict: {self.verdict}\n"
            f"By: {self.who}\nAt: {self.at.isoformat(timespec='seconds')}\n"
        )

    @property
    def file(self) -> str:
        """A name for its files, readable, and the same when it is sent again."""
        safe = re.sub(r"[^A-Za-z0-9._-]+", "_", f"{self.plot_type}_{self.run}")
        key = re.sub(r"[^A-Za-z0-9]+", "", self.key)[:12]
        return f"{safe}_{key}"


def describe(settings: Logbook) -> str:
    """Where an entry goes, for people; empty: nowhere."""
    match settings.kind:
        case "file":
            return f"files in {settings.folder}"
        case "email":
            return f"e-mail to {', '.join(settings.recipients)}"
        case "http":
            return settings.url
    return ""


def write(settings: Logbook, entry: Entry) -> str:
    """Write an entry; where it went, for people. Raises LogbookError."""
    try:
        match settings.kind:
            case "file":
                return _to_file(settings, entry)
            case "email":
                return _by_email(settings, entry)
            case "http":
                return _over_http(settings, entry)
    except (OSError, smtplib.SMTPException) as error:
        raise LogbookError(
            f"the log book cannot be reached ({error}); try again, or check [logbook] in the settings"
        ) from error
    raise LogbookError("no log book is set up; the maintainer can do so in [logbook]")


def _to_file(settings: Logbook, entry: Entry) -> str:
    if settings.folder is None:
        raise LogbookError("the log book has no folder; name one in [logbook]")
    folder = settings.folder / f"{entry.at:%Y-%m-%d}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{entry.file}.{entry.extension}").write_bytes(entry.picture)
    text = folder / f"{entry.file}.txt"
    text.write_text(entry.body, encoding="utf-8")
    return str(text)


def _by_email(settings: Logbook, entry: Entry) -> str:
    mail = EmailMessage()
    mail["Subject"] = f"[Hydra] {entry.title}"
    mail["From"], mail["To"] = settings.sender, ", ".join(settings.recipients)
    mail["Message-ID"] = f"<{entry.key}@hydra>"
    mail.set_content(entry.body)
    subtype = "jpeg" if entry.extension == "jpg" else entry.extension
    mail.add_attachment(
        entry.picture, maintype="image", subtype=subtype, filename=f"{entry.file}.{entry.extension}"
    )
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_S) as server:
        if settings.smtp_user:
            server.starttls()
            server.login(settings.smtp_user, os.environ.get(PASSWORD, ""))
        server.send_message(mail)
    return describe(settings)


def _over_http(settings: Logbook, entry: Entry) -> str:
    """A form with the fields title, text, author, key and the file attachment."""
    if not settings.url.startswith(("http://", "https://")):
        raise LogbookError(
            "the address of the log book is not an http one; correct it in [logbook]"
        )
    boundary = f"hydra-{entry.file}"
    fields = {"title": entry.title, "text": entry.body, "author": entry.who, "key": entry.key}
    fields |= {"meta": json.dumps({"plot_type": entry.plot_type, "run": entry.run})}
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="attachment";'
        f' filename="{entry.file}.{entry.extension}"\r\nContent-Type: application/octet-stream\r\n\r\n'
    ).encode()
    body = b"".join([*parts, head, entry.picture, f"\r\n--{boundary}--\r\n".encode()])
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    if token := os.environ.get(PASSWORD):
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(settings.url, body, headers)  # noqa: S310 - checked above
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S):  # noqa: S310 - checked above
            return settings.url
    except urllib.error.HTTPError as error:
        raise LogbookError(
            f"the log book answered {error.code} {error.reason}; ask its keeper"
        ) from error
