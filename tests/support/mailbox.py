"""A small SMTP server that keeps what it takes."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage

from tests.support.servers import free_ports


class Mailbox:
    """Letters by recipient, as they come; without TLS and log-in."""

    server: asyncio.Server

    def __init__(self) -> None:
        self.port = free_ports(1)[0]
        self.refused: set[str] = set()
        """Recipients that there are not: 550."""
        self.answers = asyncio.Event()
        """Cleared, the server takes letters and does not say so."""
        self.answers.set()
        self._letters: asyncio.Queue[EmailMessage] = asyncio.Queue()

    async def next(self, seconds: float = 10) -> EmailMessage:
        """The next letter."""
        return await asyncio.wait_for(self._letters.get(), seconds)

    @property
    def is_empty(self) -> bool:
        return self._letters.empty()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mailbox\r\n")
        while line := await reader.readline():
            match line.split()[0].upper() if line.split() else b"":
                case b"DATA":
                    writer.write(b"354 go on\r\n")
                    content = await reader.readuntil(b"\r\n.\r\n")
                    letter = email.message_from_bytes(content[:-5], policy=email.policy.default)
                    assert isinstance(letter, EmailMessage)
                    self._letters.put_nowait(letter)
                    await self.answers.wait()
                    writer.write(b"250 taken\r\n")
                case b"RCPT" if any(name in line.decode() for name in self.refused):
                    writer.write(b"550 no such mailbox\r\n")
                case b"QUIT":
                    writer.write(b"221 bye\r\n")
                    break
                case _:
                    writer.write(b"250 8BITMIME\r\n")
        writer.close()


@asynccontextmanager
async def open_mailbox() -> AsyncIterator[Mailbox]:
    mailbox = Mailbox()
    server = await asyncio.start_server(mailbox.take, "127.0.0.1", mailbox.port)
    mailbox.server = server
    async with server:
        yield mailbox
