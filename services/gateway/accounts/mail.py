"""E-mail by SMTP, where a server is set."""

import asyncio
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Literal

from shared.errors import Unavailable

Security = Literal["starttls", "tls", "none"]
_SECONDS = 10


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server that takes mail from us; `sender` is the address in From."""

    host: str
    port: int
    security: Security
    user: str
    password: str
    sender: str


class Mailer:
    """Sends letters; without a server it sends none."""

    def __init__(self, server: MailServer | None) -> None:
        self._server = server

    @property
    def is_set(self) -> bool:
        """Whether letters can be sent at all."""
        return self._server is not None

    async def send(self, recipient: str, subject: str, text: str) -> None:
        """Hands a letter to the server. Raises `Unavailable` where it does not take it."""
        if self._server is None:
            raise Unavailable("mail")
        try:
            await asyncio.to_thread(_hand_over, self._server, recipient, subject, text)
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable("mail", 30) from error


def _hand_over(server: MailServer, recipient: str, subject: str, text: str) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = server.sender, recipient, subject
    letter["Date"], letter["Message-ID"] = formatdate(), make_msgid(domain=_domain(server.sender))
    # Answered by no out-of-office reply.
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text)
    context = ssl.create_default_context()
    if server.security == "tls":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=_SECONDS, context=context
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=_SECONDS)
    with connection:
        if server.security == "starttls":
            connection.starttls(context=context)
        if server.user:
            connection.login(server.user, server.password)
        connection.send_message(letter)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip("> ")
