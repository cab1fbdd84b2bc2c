"""The transaction: state, events and answer commit together or not at all; a command repeated is a
command once.
"""

import asyncio
from uuid import UUID

import pytest

from shared.db import Database
from shared.db.transaction import VersionConflict
from shared.errors import NotFound, Refusal, Unavailable
from shared.idempotency import KeyReused, Replayed
from shared.ids import TenantId, new_id
from shared.tenancy import Caller
from tests.integration.shared.scratch import Scratch
from tests.integration.shared.things import CHANGE, a_caller, change, enter, event_about


async def stored(scratch: Scratch, table: str) -> int:
    admin = await scratch.admin()
    return int(await admin.fetchval(f"SELECT count(*) FROM {table}"))


async def begin_and_respond(database: Database, caller: Caller) -> None:
    async with database.begin(caller) as tx:
        tx.respond(b"{}")


async def test_state_event_and_response_commit_together(scratch: Scratch) -> None:
    database, caller, subject = await scratch.database(), a_caller(idempotency_key="k"), new_id()
    async with database.begin(caller) as tx:
        await enter(tx, subject)
        tx.respond(b"{}", 201)
        assert await stored(scratch, "thing") == 0, "nothing before the end"
    admin = await scratch.admin()
    (event,) = await admin.fetch("SELECT * FROM outbox")
    assert (event["tenant_id"], event["aggregate_id"], event["aggregate_version"]) == (
        caller.tenant_id,
        subject,
        1,
    )
    assert event["created_at"] == tx.now
    assert event["published_at"] is None
    assert [await stored(scratch, table) for table in ("thing", "idempotent_response")] == [1, 1]


async def test_events_and_responses_lie_uncompressed(scratch: Scratch) -> None:
    database, large = await scratch.database(), b"[" + b"1," * 3000 + b"1]"
    async with database.begin(a_caller(idempotency_key="k")) as tx:
        await enter(tx, new_id())
        tx.respond(large)
    admin = await scratch.admin()
    await admin.execute("UPDATE outbox SET value = $1", large)
    for table, column in (("idempotent_response", "body"), ("outbox", "value")):
        query = f"SELECT pg_column_compression({column}), octet_length({column}) FROM {table}"
        assert tuple(await admin.fetchrow(query)) == (None, len(large))


@pytest.mark.parametrize("failure", [RuntimeError, NotFound, asyncio.CancelledError])
async def test_what_fails_leaves_nothing(scratch: Scratch, failure: type[BaseException]) -> None:
    database = await scratch.database(connections=1)
    with pytest.raises(failure):
        async with database.begin(a_caller(idempotency_key="k")) as tx:
            await enter(tx, new_id())
            await tx.flush()
            tx.respond(b"{}")
            raise failure("thing")
    assert [
        await stored(scratch, table) for table in ("thing", "outbox", "idempotent_response")
    ] == [0, 0, 0]
    async with database.begin(a_caller()) as tx:
        await enter(tx, new_id())
    assert await stored(scratch, "thing") == 1, "the connection is as good as new"


async def test_one_plan_is_asked_for_by_one_transaction_alone(scratch: Scratch) -> None:
    database, tenant_id = await scratch.database(connections=1), TenantId(new_id())
    modes = []
    for one_plan in (True, False):
        async with database.begin_for(tenant_id, one_plan) as tx:
            modes.append(await tx.connection.fetchval("SHOW plan_cache_mode"))
    assert modes == ["force_generic_plan", "auto"]


async def test_a_row_that_was_changed_meanwhile_fails_the_transaction(scratch: Scratch) -> None:
    database, caller, subject = await scratch.database(), a_caller(), new_id()
    async with database.begin(caller) as tx:
        await enter(tx, subject)
    with pytest.raises(VersionConflict):
        async with database.begin(caller) as tx:
            tx.publish(event_about(subject), subject, 8)
            await tx.save(CHANGE, id=subject, version=7)
    assert await stored(scratch, "outbox") == 1


async def test_versions_have_no_holes_whoever_races(scratch: Scratch) -> None:
    database, caller, subject = await scratch.database(connections=8), a_caller(), new_id()
    async with database.begin(caller) as tx:
        await enter(tx, subject)

    async def one(fails: bool) -> None:
        try:
            async with database.begin(caller) as tx:
                await change(tx, subject)
                if fails:
                    raise NotFound("thing")
        except NotFound:
            pass

    await asyncio.gather(*(one(number % 4 == 0) for number in range(40)))
    admin = await scratch.admin()
    versions = [
        row["v"] for row in await admin.fetch("SELECT aggregate_version v FROM outbox ORDER BY v")
    ]
    assert versions == list(range(1, 32))
    assert await admin.fetchval("SELECT version FROM thing") == 31


async def test_a_key_sent_eight_times_has_one_effect_and_one_response(
    scratch: Scratch,
) -> None:
    database = await scratch.database(connections=8)
    for number in range(10):
        caller, subject = a_caller(idempotency_key=f"k{number}"), new_id()

        async def send(
            caller: Caller = caller, subject: UUID = subject, number: int = number
        ) -> object:
            try:
                async with database.begin(caller) as tx:
                    await enter(tx, new_id())
                    body = f"answer of {subject}".encode()
                    await tx.read_clock()
                    await asyncio.sleep(0.01 * (number % 3))
                    tx.respond(body, 201)
                return body
            except Replayed as replayed:
                assert replayed.response.status == 201
                return replayed.response.body

        answers = await asyncio.gather(*(send() for _ in range(8)))
        assert set(answers) == {f"answer of {subject}".encode()}
        assert (
            await stored(scratch, "thing")
            == await stored(scratch, "idempotent_response")
            == number + 1
        )
        assert await send() == f"answer of {subject}".encode()


async def test_a_reused_key_is_recognised_by_its_body(scratch: Scratch) -> None:
    database, caller = await scratch.database(), a_caller(idempotency_key="k")
    await begin_and_respond(database, caller)
    other = type(caller)(
        caller.tenant_id,
        caller.employee_id,
        command=a_caller(idempotency_key="k", body=b"other").command,
    )
    with pytest.raises(KeyReused) as refused:
        await begin_and_respond(database, other)
    assert (refused.value.status, refused.value.code) == (422, "idempotency_key_reused")
    for stranger in (a_caller(caller.tenant_id, "k"), a_caller(idempotency_key="k")):
        await begin_and_respond(database, stranger)
    assert await stored(scratch, "idempotent_response") == 3, "another caller's key is another key"


async def test_a_command_that_comes_again_does_not_ask_its_rule_again(scratch: Scratch) -> None:
    database, caller = await scratch.database(), a_caller(idempotency_key="k")
    await begin_and_respond(database, caller)
    with pytest.raises(Replayed) as replayed:
        async with database.begin(caller):
            raise NotThisOne("what was free then is taken now")
    assert replayed.value.response.status == 200


class NotThisOne(Refusal):
    code = "not_this_one"


async def test_a_rules_refusal_is_stored_and_replayed(scratch: Scratch) -> None:
    database, caller = await scratch.database(), a_caller(idempotency_key="k")
    with pytest.raises(NotThisOne):
        async with database.begin(caller) as tx:
            await enter(tx, new_id())
            raise NotThisOne("no", holder="x")
    with pytest.raises(Replayed) as replayed:
        await begin_and_respond(database, caller)
    assert replayed.value.response.status == 409
    assert b'"holder":"x"' in replayed.value.response.body
    assert await stored(scratch, "thing") == 0


@pytest.mark.parametrize("refusal", [NotFound("thing"), Unavailable("away")])
async def test_a_transient_refusal_is_not_stored(scratch: Scratch, refusal: Refusal) -> None:
    database, caller = await scratch.database(), a_caller(idempotency_key="k")
    with pytest.raises(type(refusal)):
        async with database.begin(caller):
            raise refusal
    await begin_and_respond(database, caller)


async def test_the_clock_is_the_databases_and_stands_still_within_a_transaction(
    scratch: Scratch,
) -> None:
    database = await scratch.database()
    admin = await scratch.admin()
    async with database.begin_for(TenantId(new_id())) as tx:
        with pytest.raises(RuntimeError):
            _ = tx.now
        before = await admin.fetchval("SELECT clock_timestamp()")
        first = await tx.read_clock()
        assert before <= first == await tx.read_clock() == tx.now
