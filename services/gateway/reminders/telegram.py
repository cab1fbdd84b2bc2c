"""Messages by a Telegram bot; off unless the installation has one.

A person's chat is linked by a code that they send the bot, once, within ten minutes. Telegram knows
no repeats: whoever is killed between a send and its commit sends the message twice.
"""

import secrets
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import aiohttp
import orjson
from redis.exceptions import RedisError

from services.gateway.accounts.tokens import digest
from services.gateway.reminders.channels import ChannelFault
from services.gateway.reminders.texts import Message
from services.gateway.storage import accounts, messenger_links
from shared.db import Database, Tx
from shared.errors import Unavailable
from shared.ids import EmployeeId, TenantId
from shared.vocabulary import NotificationChannel

CODE_SECONDS = 600
POLL_SECONDS = 2.0
_LOCK_SECONDS = 30
_SECONDS = 10
_START = "/start "
_GONE = frozenset({400, 403})
_LINKED = "Запуск Продаж: уведомления включены. Sales Launch: notifications are on."


class TelegramBot:
    """Calls the bot's methods; its token is part of the address, and in no log."""

    def __init__(self, token: str, name: str, url: str) -> None:
        self.name, self._address = name, f"{url.rstrip('/')}/bot{token}"
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS))

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def call(self, method: str, **parameters: Any) -> Any:
        """The method's result. Raises `ChannelFault` where there is no such chat (any more),
        `Unavailable` for all else.
        """
        assert self._session
        try:
            async with self._session.post(f"{self._address}/{method}", json=parameters) as response:
                status, answer = response.status, orjson.loads(await response.read())
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            # The error names the address, so it goes no further.
            raise Unavailable("messenger") from None
        if status in _GONE:
            raise ChannelFault("gone")
        if status != 200 or not answer.get("ok"):
            raise Unavailable("messenger")
        return answer["result"]


class MessengerLinks:
    """Links people's chats by codes, which are kept in Redis, as digests, for ten minutes."""

    def __init__(self, bot: TelegramBot, database: Database, redis: Any, namespace: str) -> None:
        self._bot, self._database, self._redis = bot, database, redis
        self._stem = f"{namespace}gw:messenger:"

    async def new_code(self, tenant_id: TenantId, employee_id: EmployeeId) -> tuple[str, str]:
        """A code, and the address that opens the chat with it. Raises `Unavailable`."""
        code = secrets.token_urlsafe(16)
        try:
            await self._redis.set(self._key(code), f"{tenant_id}:{employee_id}", ex=CODE_SECONDS)
        except (RedisError, OSError) as error:
            raise Unavailable("messenger") from error
        return code, f"https://t.me/{self._bot.name}?start={code}"

    async def poll(self) -> None:
        """Takes the codes that came to the bot, in one process at a time. Raises `Unavailable`."""
        try:
            if not await self._redis.set(f"{self._stem}poll", b"1", ex=_LOCK_SECONDS, nx=True):
                return
            try:
                await self._take_codes()
            finally:
                await self._redis.delete(f"{self._stem}poll")
        except (RedisError, OSError) as error:
            raise Unavailable("messenger") from error

    async def _take_codes(self) -> None:
        offset = int(await self._redis.get(f"{self._stem}offset") or 0)
        updates = await self._bot.call(
            "getUpdates", offset=offset, timeout=0, allowed_updates=["message"]
        )
        for update in updates:
            message = update.get("message") or {}
            text, chat = message.get("text") or "", message.get("chat") or {}
            if text.startswith(_START) and chat.get("type") == "private":
                await self._link(text.removeprefix(_START).strip(), int(chat["id"]))
            await self._redis.set(f"{self._stem}offset", int(update["update_id"]) + 1)

    async def _link(self, code: str, chat_id: int) -> None:
        """Links the chat of whose code it is; one that is wrong, old or used links nobody's."""
        owner = await self._redis.getdel(self._key(code))
        if owner is None:
            return
        tenant, _, employee = owner.decode().partition(":")
        employee_id = EmployeeId(UUID(employee))
        async with self._database.begin_for(TenantId(UUID(tenant))) as tx:
            account = await accounts.get(tx, employee_id)
            if account is None or not account["active"]:
                return
            await messenger_links.put(tx, employee_id, chat_id)
        try:
            await self._bot.call("sendMessage", chat_id=chat_id, text=_LINKED)
        except (ChannelFault, Unavailable):
            # It is linked all the same.
            return

    def _key(self, code: str) -> str:
        return f"{self._stem}code:{digest(code).hex()}"


class TelegramChannel:
    """Messages to the chats that people linked."""

    name: NotificationChannel = "messenger"

    def __init__(self, bot: TelegramBot, database: Database) -> None:
        self._bot, self._database = bot, database

    async def addresses(self, tx: Tx, people: Collection[UUID]) -> Mapping[UUID, Any]:
        return await messenger_links.of_people(tx, people)

    async def send(self, address: Any, message: Message) -> None:
        text = f"{message.subject}\n{message.link}"
        try:
            await self._bot.call("sendMessage", chat_id=address["chat_id"], text=text)
        except ChannelFault:
            async with self._database.begin_for(TenantId(address["tenant_id"])) as tx:
                await messenger_links.remove(tx, address["employee_id"])
            raise
