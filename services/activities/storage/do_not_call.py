"""Who is not to be called: the last word of a phone or a client, and the clients that follow it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.domain.consents import Consent
from services.activities.domain.identity import number_of
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.consents import do_not_call
from shared.db import Statement, Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.folding import pattern_of_phone

MOST_CLIENTS = 10_000
"""Clients that follow the word of one phone; more than these share none."""
_BEFORE_EXTENSION: tuple[Any, Any] = (literal_column("';'"), literal_column("1"))
_c, _d = client.c, do_not_call.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_phone = bindparam("phone", type_=Text)


def forbids_calls(client_id: ColumnElement[Any], phones: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a client with these phones is not to be called, as SQL: by its own last word, or by
    that of a phone. The word of a number holds for its extensions.
    """
    phone = func.unnest(phones)
    number = func.split_part(phone, *_BEFORE_EXTENSION)
    subject = union(
        select(literal("phone").label("kind"), phone.label("value")).correlate(client),
        select(literal("phone"), number).correlate(client),
        select(literal("client"), cast(client_id, Text)).correlate(client),
    ).subquery("subject")
    words = and_(_d.kind == subject.c.kind, _d.value == subject.c.value)
    return (
        select(literal_column("1"))
        .select_from(subject.join(do_not_call, words))
        .where(_d.tenant_id == _tenant_id, _d.active)
        .exists()
    )


# The index of the search finds them; each is then asked for the very phone, or its extensions.
_found = select(column("id", Uuid)).select_from(
    func.client_found(
        _tenant_id, bindparam("patterns", type_=ARRAY(Text)), literal_column(str(MOST_CLIENTS))
    ).table_valued("id")
)
_number = column("number", Text)
_has_phone = (
    select(literal_column("1"))
    .select_from(func.unnest(_c.phones).table_valued(_number).render_derived("phones"))
    .where(or_(_number == _phone, func.split_part(_number, *_BEFORE_EXTENSION) == _phone))
    .correlate(client)
    .exists()
)
_living = (_c.tenant_id == _tenant_id, _c.merged_into.is_(None))
_of_phone = and_(*_living, _c.id == func.any(func.array(_found.scalar_subquery())), _has_phone)
_of_client = and_(*_living, _c.id == bindparam("client_id", type_=Uuid))


def _locking(concerned: ColumnElement[bool]) -> Statement:
    """In the order of ids, as merges lock them; registrations that are under way are waited for."""
    locked = select(client).where(concerned).order_by(_c.id).with_for_update().subquery("locked")
    return compiled(select(func.clock_timestamp().label("now"), locked))


def _following(concerned: ColumnElement[bool]) -> Statement:
    forbidden = forbids_calls(_c.id, _c.phones)
    return compiled(
        update(client)
        .where(concerned, _c.do_not_call.is_distinct_from(forbidden))
        .values(
            version=_c.version + 1,
            changed_at=bindparam("now", type_=Moment),
            do_not_call=forbidden,
        )
        .returning(client)
    )


_LOCK_OF_PHONE, _LOCK_CLIENT = _locking(_of_phone), _locking(_of_client)
_FOLLOW_PHONE, _FOLLOW_CLIENT = _following(_of_phone), _following(_of_client)

_word = upsert(do_not_call).values(
    tenant_id=_tenant_id,
    kind=bindparam("kind", type_=Text),
    value=bindparam("value", type_=Text),
    active=bindparam("active", type_=Boolean),
    at=bindparam("at", type_=Moment),
    consent_id=bindparam("consent_id", type_=Uuid),
)
_KEY = ["tenant_id", "kind", "value"]


def _last(word: Any) -> Statement:
    """Of two words the one that was said later holds, whichever was entered first."""
    new = word.excluded
    return compiled(
        word.on_conflict_do_update(
            index_elements=_KEY,
            set_={"active": new.active, "at": new.at, "consent_id": new.consent_id},
            where=_d.at <= new.at,
        )
    )


_SAY = _last(_word)
_CARRY = _last(
    upsert(do_not_call).from_select(
        ["tenant_id", "kind", "value", "active", "at", "consent_id"],
        select(
            _d.tenant_id,
            _d.kind,
            cast(bindparam("into_id", type_=Uuid), Text),
            _d.active,
            _d.at,
            _d.consent_id,
        ).where(
            _d.tenant_id == _tenant_id,
            _d.kind == "client",
            _d.value == cast(bindparam("client_id", type_=Uuid), Text),
        ),
    )
)
_OF_PHONES = compiled(
    select(_d.value).where(
        _d.tenant_id == _tenant_id,
        _d.kind == "phone",
        _d.value == func.any(bindparam("phones", type_=ARRAY(Text))),
        _d.active,
    )
)


async def lock_concerned(tx: Tx, client_id: UUID | None, phone: str | None) -> list[Row]:
    """The clients that have the phone, or the one client, locked until the transaction ends."""
    statement = _LOCK_OF_PHONE if phone else _LOCK_CLIENT
    rows = await tx.rows(statement, **_values(client_id, phone))
    if rows:
        tx.at(rows[0]["now"])
    return rows


async def say(tx: Tx, consent: Consent) -> None:
    """Makes it the last word of its phone or client, unless a later one is known."""
    kind, value = consent.subject
    await tx.rows(
        _SAY,
        kind=kind,
        value=value,
        active=consent.forbids_calls,
        at=consent.at,
        consent_id=consent.id,
    )


async def follow(tx: Tx, client_id: UUID | None, phone: str | None) -> list[Row]:
    """Marks the clients concerned as the last words have it; those that change, one version later.

    A client that has come by the phone since `lock_concerned` is among them.
    """
    statement = _FOLLOW_PHONE if phone else _FOLLOW_CLIENT
    return await tx.rows(statement, **_values(client_id, phone), now=tx.now)


async def carry(tx: Tx, client_id: UUID, into_id: UUID) -> None:
    """Makes a client's own last word that of the client into which it is merged."""
    await tx.rows(_CARRY, client_id=client_id, into_id=into_id)


async def forbidden_of(tx: Tx, phones: Sequence[str]) -> list[str]:
    """Those of `phones` that are not to be called, in their order."""
    numbers = {phone: number_of(phone) for phone in phones}
    rows = await tx.rows(_OF_PHONES, phones=sorted({*numbers, *numbers.values()}))
    words = {row["value"] for row in rows}
    return [phone for phone, number in numbers.items() if phone in words or number in words]


def _values(client_id: UUID | None, phone: str | None) -> dict[str, Any]:
    if phone:
        return {"phone": phone, "patterns": [pattern_of_phone(phone)]}
    return {"client_id": client_id}
