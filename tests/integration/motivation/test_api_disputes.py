"""The API of disputes: opened by whose line it is, answered by the head, resolved, listed."""

import asyncio
from typing import Any
from uuid import UUID

from services.motivation.api.dispute_bodies import DisputeWithHistory
from shared.ids import ActivityId, RoomId, new_id
from tests.integration.motivation.api import TenantApi, User


async def line_of(api: TenantApi) -> str:
    """A line of 50.00 of the first seller."""
    tenant = api.tenant
    await api.plan()
    win = tenant.event(ActivityId(new_id()), 1, tenant.state("1000"))
    await api.publish(*tenant.directory(), win)
    return str((await api.statement("50.00"))["lines"][0]["id"])


def seller(api: TenantApi, number: int = 0) -> User:
    return api.user("seller", employee=api.tenant.sellers[number], rooms=(api.tenant.room,))


async def opened(api: TenantApi) -> dict[str, Any]:
    body = {"entry_id": await line_of(api), "reason": "Считали от 1000, а оплачено 1500"}
    status, dispute = await seller(api).send("POST", "/disputes", body)
    assert status == 201, dispute
    return dict(dispute)


async def test_a_dispute_is_opened_answered_and_declined(api: TenantApi) -> None:
    dispute = await opened(api)
    assert DisputeWithHistory.model_validate(dispute).model_dump(mode="json") == dispute
    assert (dispute["state"], dispute["overdue"], dispute["version"]) == ("open", False, 1)
    head = api.user("head", rooms=(api.tenant.room,))
    listed = (await head.send("GET", "/disputes?state=open&overdue=false"))[1]["items"]
    assert [item["id"] for item in listed] == [dispute["id"]]
    assert (await head.send("GET", "/disputes?overdue=true"))[1]["items"] == []
    late = "UPDATE dispute SET overdue_at = opened_at WHERE dispute_id = $1"
    await api.tenant.query(late, UUID(dispute["id"]))
    (item,) = (await head.send("GET", "/disputes?overdue=true"))[1]["items"]
    assert item["overdue"]
    assert (await head.send("GET", "/disputes?overdue=false"))[1]["items"] == []
    path = f"/disputes/{dispute['id']}"
    status, answered = await head.send("POST", f"{path}/answer", {"text": "Оплата не дошла"})
    assert (status, answered["state"]) == (200, "answered")
    status, problem = await head.send("POST", f"{path}/answer", {"text": "Ещё раз"})
    assert (status, problem["code"]) == (409, "dispute_not_open")
    status, resolved = await head.send("POST", f"{path}/resolve", {"text": "Всё верно"})
    assert (status, resolved["state"], resolved["outcome"]) == (200, "resolved", "declined")
    words = [(step["what"], step["text"]) for step in resolved["history"]]
    assert words == [
        ("opened", "Считали от 1000, а оплачено 1500"),
        ("answered", "Оплата не дошла"),
        ("resolved", "Всё верно"),
    ]
    status, problem = await head.send("POST", f"{path}/resolve", {"text": "Ещё раз"})
    assert (status, problem["code"]) == (409, "dispute_not_open")
    again = {"entry_id": dispute["entry_id"], "reason": "Не согласен"}
    assert (await seller(api).send("POST", "/disputes", again))[0] == 201
    rows = await api.tenant.query(
        "SELECT type, value FROM outbox WHERE type LIKE 'dispute.%' ORDER BY created_at, type"
    )
    assert len(rows) == 4
    assert all("Оплата".encode() not in row["value"] for row in rows)


async def test_only_whose_line_it_is_disputes_it_once_at_a_time(api: TenantApi) -> None:
    body = {"entry_id": await line_of(api), "reason": "Мало"}
    for user, expected in (
        (seller(api, 1), (404, "not_found")),
        (api.user("head", rooms=(RoomId(new_id()),)), (404, "not_found")),
        (api.user("head", rooms=(api.tenant.room,)), (403, "forbidden")),
        (api.user("accountant"), (403, "forbidden")),
    ):
        status, problem = await user.send("POST", "/disputes", body)
        assert (status, problem["code"]) == expected
    answers = await asyncio.gather(*(seller(api).send("POST", "/disputes", body) for _ in range(8)))
    codes = sorted(str(answer.get("code", status)) for status, answer in answers)
    assert codes == ["201", *["already_disputed"] * 7]
    unknown = {"entry_id": str(new_id()), "reason": "Мало"}
    assert (await seller(api).send("POST", "/disputes", unknown))[0] == 404
    assert (await seller(api).send("POST", "/disputes", {**body, "reason": " "}))[0] == 422


async def test_of_two_answers_at_one_moment_one_counts(api: TenantApi) -> None:
    dispute = await opened(api)
    path = f"/disputes/{dispute['id']}/answer"
    users = [api.user("head", rooms=(api.tenant.room,)), api.user("accountant")] * 4
    answers = await asyncio.gather(*(user.send("POST", path, {"text": "Ответ"}) for user in users))
    assert sorted(status for status, _ in answers) == [200, *[409] * 7]
    seen = (await seller(api).send("GET", f"/disputes/{dispute['id']}"))[1]
    assert [step["what"] for step in seen["history"]] == ["opened", "answered"]


async def test_a_heads_adjustment_waits_and_opens_the_dispute_again_if_rejected(
    api: TenantApi,
) -> None:
    dispute = await opened(api)
    head, accountant = api.user("head", rooms=(api.tenant.room,)), api.user("accountant")
    resolve = f"/disputes/{dispute['id']}/resolve"
    more = {"text": "Доплата", "amount": {"amount": "25.00", "currency": "RUB"}}
    status, resolved = await head.send("POST", resolve, more)
    assert (status, resolved["outcome"]) == (200, "adjusted")
    adjustment = f"/adjustments/{resolved['adjustment_id']}"
    status, _ = await accountant.send("POST", f"{adjustment}/reject", {"reason": "Без акта"})
    assert status == 200
    seen = (await seller(api).send("GET", f"/disputes/{dispute['id']}"))[1]
    assert (seen["state"], seen["outcome"], seen["adjustment_id"]) == ("open", None, None)
    assert seen["history"][-1]["text"] == "Без акта"
    status, resolved = await head.send("POST", resolve, more)
    confirm = f"/adjustments/{resolved['adjustment_id']}/confirm"
    assert (await accountant.send("POST", confirm))[0] == 200
    statement = await api.statement("75.00")
    assert statement["lines"][-1]["reason"] == "Доплата"


async def test_nobody_decides_their_own_dispute_or_a_foreign_rooms(api: TenantApi) -> None:
    dispute = await opened(api)
    anna = api.tenant.sellers[0]
    path = f"/disputes/{dispute['id']}"
    own = api.user("head", "seller", employee=anna, rooms=(api.tenant.room,))
    for word in ("answer", "resolve"):
        status, problem = await own.send("POST", f"{path}/{word}", {"text": "Да"})
        assert (status, problem["code"]) == (403, "own_pay")
        foreign = api.user("head", rooms=(RoomId(new_id()),))
        assert (await foreign.send("POST", f"{path}/{word}", {"text": "Да"}))[0] == 404
        assert (await seller(api).send("POST", f"{path}/{word}", {"text": "Да"}))[0] == 403
    assert (await seller(api, 1).send("GET", path))[0] == 404
    assert (await seller(api, 1).send("GET", "/disputes"))[1]["items"] == []
    withdraw = f"{path}/withdraw"
    accountant = api.user("accountant")
    assert (await accountant.send("POST", withdraw, {"text": "Отзываю"}))[0] == 403
    status, resolved = await own.send("POST", withdraw, {"text": "Отзываю"})
    assert (status, resolved["outcome"]) == (200, "withdrawn")
