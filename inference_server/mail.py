"""Sends the daily report through the site's own mail server."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from email.message import EmailMessage

from inference_server.config import Mail

PATIENCE_S = 10.0


class MailTrouble(ValueError):
    """The mail was not sent; the message names the cause."""


def send(
    mail: Mail, readers: Sequence[str], subject: str, words: str, name: str, media: str, file: bytes
) -> None:
    """One message with ``file`` attached as ``name`` to each of ``readers``. Raises MailTrouble."""
    if not mail.host:
        raise MailTrouble(
            "no mail server is configured: set host in [mail] of the server's settings"
        )
    main, _, sub = media.partition("/")
    try:
        with smtplib.SMTP(mail.host, mail.port, timeout=PATIENCE_S) as server:
            if mail.starttls:
                server.starttls()
            if mail.user:
                server.login(mail.user, mail.password)
            for reader in readers:
                message = EmailMessage()
                message["From"], message["To"], message["Subject"] = mail.sender, reader, subject
                message.set_content(words)
                message.add_attachment(file, maintype=main, subtype=sub, filename=name)
                server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise MailTrouble(
            f"the mail server {mail.host}:{mail.port} did not take the report: {error}"
        ) from error
