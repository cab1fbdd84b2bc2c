"""Who may do what on the broker: a user for each service, and the few rights that follow from
`topics.toml`.

aiokafka has no requests for users and many rights at once, so they are spelled out here, as
Kafka's protocol guide has them.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import (
    CreateAclsRequest_v1,
    DeleteAclsRequest_v1,
    DescribeAclsRequest_v1,
)
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    CompactArray,
    CompactBytes,
    CompactString,
    Int8,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from deploy.topics import DeclaredTopic, declared

SCRAM_SHA_512 = 2
ITERATIONS = 4096
ANY_HOST, LITERAL, ALLOW, ANY, MATCH = "*", 3, 3, 1, 1
APPLIED_SECONDS = 20.0
GONE = 91  # RESOURCE_NOT_FOUND: a user to be deleted who is not there


class Kind(IntEnum):
    """What a right is about."""

    TOPIC = 2
    GROUP = 3


class Operation(IntEnum):
    """What a right allows; READ and WRITE include seeing that the topic is there."""

    READ = 3
    WRITE = 4
    DESCRIBE_CONFIGS = 10


@dataclass(frozen=True, order=True)
class Right:
    """One user may do one thing with one topic or group."""

    user: str
    kind: Kind
    name: str
    operation: Operation


class AccessRefused(Exception):
    """Kafka refused a user or a right; the text says which and why."""


def rights(namespace: str = "", topics: Iterable[DeclaredTopic] | None = None) -> set[Right]:
    """Everything that services and guests may do; whatever is not here is forbidden."""
    return set(_rights(namespace, declared() if topics is None else topics))


def users(topics: Iterable[DeclaredTopic] | None = None) -> set[str]:
    """Every service and guest that `topics.toml` names."""
    return {
        user
        for topic in (declared() if topics is None else topics)
        for user in (*topic.writers, *topic.readers, *topic.guests)
    }


def _rights(namespace: str, topics: Iterable[DeclaredTopic]) -> Iterator[Right]:
    for topic in topics:
        name = namespace + topic.name
        for writer in topic.writers:
            yield Right(namespace + writer, Kind.TOPIC, name, Operation.WRITE)
        for reader in topic.readers:
            user, letters = namespace + reader, namespace + topic.dead_letters(reader)
            yield Right(user, Kind.TOPIC, name, Operation.READ)
            yield Right(user, Kind.TOPIC, name, Operation.DESCRIBE_CONFIGS)
            yield Right(user, Kind.TOPIC, letters, Operation.READ)
            yield Right(user, Kind.TOPIC, letters, Operation.WRITE)
            for group in (reader, *topic.groups.get(reader, ())):
                yield Right(user, Kind.GROUP, namespace + group, Operation.READ)
        for guest in topic.guests:
            user = namespace + guest
            yield Right(user, Kind.TOPIC, name, Operation.READ)
            yield Right(user, Kind.GROUP, user, Operation.READ)


async def set_passwords(admin: AIOKafkaAdminClient, passwords: Mapping[str, str]) -> None:
    """Create users or change their passwords; those who are connected stay so.

    Raises:
        AccessRefused: the broker refused one.
    """
    request = _AlterUsers(upsertions=[_credential(*user) for user in sorted(passwords.items())])
    await _alter_users(admin, request)


async def delete_users(admin: AIOKafkaAdminClient, names: Iterable[str]) -> None:
    """Delete users; nobody logs in as one of them any more.

    Raises:
        AccessRefused: the broker refused one.
    """
    request = _AlterUsers(deletions=[(name, SCRAM_SHA_512, {}) for name in sorted(names)])
    await _alter_users(admin, request)


async def grant(admin: AIOKafkaAdminClient, rights: set[Right]) -> None:
    """Give the users of `rights` these rights and no others: first what is new, then without what
    is too much, so that nobody lacks a right in between. Returns once the broker goes by them.

    Raises:
        AccessRefused: the broker refused one.
    """
    present = await rights_of(admin, {right.user for right in rights})
    if new := rights - present:
        response = await _send(admin, _CreateRights([_creation(right) for right in sorted(new)]))
        _raise_first(response.to_object()["creation_responses"])
    await revoke(admin, present - rights)
    async with asyncio.timeout(APPLIED_SECONDS):
        while await rights_of(admin, {right.user for right in rights}) != rights:
            await asyncio.sleep(0.05)


async def revoke(admin: AIOKafkaAdminClient, rights: Iterable[Right]) -> None:
    """Take rights away. Raises `AccessRefused`."""
    if filters := [_creation(right) for right in sorted(rights)]:
        response = await _send(admin, _DeleteRights(filters))
        _raise_first(response.to_object()["filter_responses"])


async def revoke_all(admin: AIOKafkaAdminClient, names: Iterable[str]) -> None:
    """Take every right of these users away. Raises `AccessRefused`."""
    await revoke(admin, await rights_of(admin, names))


async def rights_of(admin: AIOKafkaAdminClient, names: Iterable[str]) -> set[Right]:
    """What these users may do now. Raises `AccessRefused`."""
    return {right for name in sorted(names) for right in await _rights_of(admin, name)}


async def _rights_of(admin: AIOKafkaAdminClient, user: str) -> set[Right]:
    response = (await _send(admin, _DescribeRights(f"User:{user}"))).to_object()
    _raise_first([response])
    operations = set(Operation)
    return {
        Right(user, Kind(resource["resource_type"]), resource["resource_name"], acl["operation"])
        for resource in response["resources"]
        for acl in resource["acls"]
        if resource["resource_type"] in set(Kind) and acl["operation"] in operations
    }


async def _alter_users(admin: AIOKafkaAdminClient, request: "_AlterUsers") -> None:
    response = await admin._send_to_controller(request)
    for result in response.to_object()["results"]:
        if result["error_code"] not in (0, GONE):
            raise AccessRefused(
                f"user {result['user']}: {result['error_message'] or result['error_code']}"
            )


async def _send(admin: AIOKafkaAdminClient, request: Any) -> Any:
    return await admin._send_to_controller(request)


def _raise_first(results: Iterable[Mapping[str, Any]]) -> None:
    for result in results:
        if result["error_code"]:
            raise AccessRefused(str(result["error_message"] or result["error_code"]))


def _credential(name: str, password: str) -> tuple[Any, ...]:
    """What the broker keeps of a password (RFC 5802): it can't be turned back."""
    salt = secrets.token_bytes(32)
    salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return name, SCRAM_SHA_512, ITERATIONS, salt, salted, {}


def _creation(right: Right) -> tuple[Any, ...]:
    """A right as creations and filters spell it."""
    principal = f"User:{right.user}"
    return right.kind, right.name, LITERAL, principal, ANY_HOST, right.operation, ALLOW


class _AlterUsersResponse(Response):  # type: ignore[misc]
    API_KEY = 51
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _AlterUsersStruct(RequestStruct):  # type: ignore[misc]
    API_KEY = 51
    API_VERSION = 0
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _AlterUsersResponse
    SCHEMA = Schema(
        (
            "deletions",
            CompactArray(
                ("name", CompactString("utf-8")), ("mechanism", Int8), ("tags", TaggedFields)
            ),
        ),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _AlterUsers(Request[_AlterUsersStruct]):  # type: ignore[misc]
    """AlterUserScramCredentials."""

    API_KEY = 51

    def __init__(
        self,
        deletions: list[tuple[Any, ...]] | None = None,
        upsertions: list[tuple[Any, ...]] | None = None,
    ) -> None:
        self._deletions, self._upsertions = deletions or [], upsertions or []

    def build(self, request_struct_class: type[_AlterUsersStruct]) -> _AlterUsersStruct:
        return request_struct_class(self._deletions, self._upsertions, {})


class _CreateRights(Request[CreateAclsRequest_v1]):  # type: ignore[misc]
    API_KEY = 30

    def __init__(self, creations: list[tuple[Any, ...]]) -> None:
        self._creations = creations

    def build(self, request_struct_class: type[CreateAclsRequest_v1]) -> CreateAclsRequest_v1:
        return request_struct_class(self._creations)


class _DeleteRights(Request[DeleteAclsRequest_v1]):  # type: ignore[misc]
    API_KEY = 31

    def __init__(self, filters: list[tuple[Any, ...]]) -> None:
        self._filters = filters

    def build(self, request_struct_class: type[DeleteAclsRequest_v1]) -> DeleteAclsRequest_v1:
        return request_struct_class(self._filters)


class _DescribeRights(Request[DescribeAclsRequest_v1]):  # type: ignore[misc]
    API_KEY = 29

    def __init__(self, principal: str) -> None:
        self._principal = principal

    def build(self, request_struct_class: type[DescribeAclsRequest_v1]) -> DescribeAclsRequest_v1:
        return request_struct_class(ANY, None, ANY, self._principal, None, ANY, ANY)
