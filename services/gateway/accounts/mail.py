"""E-mail by SMTP, where a server is set."""

import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Literal

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from shared.errors import Unavailable

Security = Literal["starttls", "tls", "none"]
_SECONDS = 10
_FOR_GOOD = 500


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server that takes mail from us; `sender` is the address in From."""

    host: str
    port: int
    security: Security
    user: str
    password: str
    sender: str


class Undeliverable(Unavailable):
    """The server refused this letter for good, by a code of its own (550: no such mailbox)."""

    def __init__(self, code: int) -> None:
        super().__init__("mail")
        self.smtp_code = code


class Mailer:
    """Sends letters; without a server it sends none."""

    def __init__(self, server: MailServer | None) -> None:
        self._server = server

    @property
    def is_set(self) -> bool:
        """Whether letters can be sent at all."""
        return self._server is not None

    async def send(
        self, recipient: str, subject: str, text: str, message_id: str | None = None
    ) -> None:
        """Hands a letter to the server. A letter that is sent again under the name `message_id`
        is known by mailboxes as the same.

        Raises `Undeliverable` where the server refuses it for good, `Unavailable` where it does
        not take it now.
        """
        if self._server is None:
            raise Unavailable("mail")
        letter = _letter(self._server, recipient, subject, text, message_id)
        try:
            await _hand_over(self._server, letter)
        except (OSError, SMTPException) as error:
            code = _refused_for_good(error)
            raise (Undeliverable(code) if code else Unavailable("mail", 30)) from error


def _letter(
    server: MailServer, recipient: str, subject: str, text: str, message_id: str | None
) -> EmailMessage:
    domain = _domain(server.sender)
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = server.sender, recipient, subject
    letter["Date"] = formatdate()
    letter["Message-ID"] = f"<{message_id}@{domain}>" if message_id else make_msgid(domain=domain)
    # Answered by no out-of-office reply.
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text)
    return letter


async def _hand_over(server: MailServer, letter: EmailMessage) -> None:
    connection = SMTP(
        hostname=server.host,
        port=server.port,
        timeout=_SECONDS,
        use_tls=server.security == "tls",
        start_tls=server.security == "starttls",
        tls_context=None if server.security == "none" else ssl.create_default_context(),
    )
    async with connection:
        if server.user:
            await connection.login(server.user, server.password)
        await connection.send_message(letter)


def _refused_for_good(error: Exception) -> int:
    """The code by which the server refused a letter or its only recipient for good; else 0."""
    if isinstance(error, SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    if isinstance(error, SMTPRecipientRefused) or (
        isinstance(error, SMTPResponseException) and type(error).__name__ == "SMTPDataError"
    ):
        return error.code if error.code >= _FOR_GOOD else 0
    return 0


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip("> ")
