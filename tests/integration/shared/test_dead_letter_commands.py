"""Dead letters listed, replayed and dropped."""

from shared.bus.dead_letters import DeadLetters
from shared.bus.records import Rejected
from shared.bus.subscription import Batch
from shared.ids import new_id
from tests.integration.shared.scratch import READER, Scratch, good
from tests.integration.shared.test_dead_letters import HEADERS, KEY, STRANGER, VALUE
from tests.integration.shared.things import (
    TENANT,
    counted,
)


async def test_dead_letters_are_listed_and_replayed_once_the_cause_is_gone(
    scratch: Scratch,
) -> None:
    database = await scratch.database()
    subjects, mended = [new_id() for _ in range(3)], False

    async def fail_until_mended(batch: Batch) -> None:
        if not mended:
            raise KeyError("a bug")
        await batch.apply()

    await scratch.send((KEY, b"{", HEADERS), *(good(TENANT, subject) for subject in subjects))
    async with scratch.runs(scratch.consumer(database, fail_until_mended)):
        await scratch.letters(4)
    box = await scratch.box(database)
    waiting = await box.waiting()
    assert [(letter.topic, letter.partition, letter.offset) for letter in waiting] == [
        (scratch.topic(), 0, number) for number in range(4)
    ]
    assert {letter.tenant_id for letter in waiting} == {TENANT}
    mended = True
    operator = scratch.consumer(database, fail_until_mended)
    outcomes = await box.replay(operator.applier.replay, "tests")
    assert [outcome for _, outcome in outcomes][1:] == ["applied"] * 3
    assert await counted(database) == dict.fromkeys(subjects, (1, 1))
    (left,) = await box.waiting()
    assert (left.topic, left.offset, left.value) == (scratch.topic(), 0, b"{")
    again = await box.replay(operator.applier.replay, "tests")
    assert [outcome for _, outcome in again] == [outcomes[0][1]]
    assert await box.waiting() == [left], "what failed again goes on waiting, as one letter"


async def test_letters_dealt_with_stay_dealt_with_and_who_dropped_them_is_recorded(
    scratch: Scratch,
) -> None:
    database = await scratch.database()
    await scratch.send((KEY, b"{", HEADERS), (KEY, b"{", HEADERS), (STRANGER, VALUE, HEADERS))
    async with scratch.runs(scratch.consumer(database)):
        await scratch.letters(3)
    box = await scratch.box(database)
    first, second, third = await box.waiting()
    assert await box.drop(lambda letter: letter.id == first.id, "not ours", "olga") == [first]
    assert await box.drop(lambda letter: letter.id == first.id, "again", "oleg") == []
    assert await box.waiting() == [second, third]
    admin = await scratch.admin()
    # Nothing of it depends on a group of Kafka's, whose offsets expire.
    assert [
        tuple(row)
        for row in await admin.fetch(
            "SELECT tenant_id, id, outcome, origin, reason, settled_by FROM settled_letter"
        )
    ] == [(TENANT, first.id, "dropped", f"{scratch.topic()}[0]@0", "not ours", "olga")]


async def test_a_letter_published_twice_is_one_letter(scratch: Scratch) -> None:
    database = await scratch.database()
    await scratch.send((KEY, b"{", HEADERS))
    async with scratch.runs(scratch.consumer(database)):
        ((_, record),) = await scratch.letters(1)
    (origin,) = await scratch.everything_on(scratch.topic())
    writer = DeadLetters(READER, scratch.kafka)
    await writer.publish([Rejected(origin, "again", TENANT)])
    await writer.close()
    box = await scratch.box(database)
    (letter,) = await box.waiting()
    assert len(letter.ids) == 2 and letter.reason == "again" and record.value == letter.value
    await box.drop(lambda each: each.id == letter.id, "seen", "olga")
    assert await box.waiting() == []
