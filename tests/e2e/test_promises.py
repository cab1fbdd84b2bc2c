"""A promise made to a client who has bought is on the desk like any other."""

from datetime import UTC, datetime, timedelta

from tests.e2e.office import Office


async def test_an_overdue_step_of_a_won_activity_is_on_the_desk(office: Office) -> None:
    won = await office.win(office.anna, "plain")
    path = f"/activities/{won['id']}"
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    step = {"what": "Спросить о продлении", "due_at": yesterday}
    await office.anna.do(f"{path}/interactions", {"kind": "call", "next_step": step})
    desk = await office.anna.see("/desk")
    (shown,) = [each for each in desk["overdue_steps"] if each["id"] == won["id"]]
    assert (shown["status"], shown["next_step"]["what"]) == ("won", "Спросить о продлении")
    listed = await office.anna.see(f"/activities?q={won['client']['name']}")
    assert listed["items"] == [shown]
    assert won["id"] not in [each["id"] for mine in desk["mine"].values() for each in mine]
    assert desk["mine_count"] == sum(len(mine) for mine in desk["mine"].values())

    await office.anna.do(f"{path}/interactions", {"kind": "call"})
    assert not (await office.anna.see("/desk"))["overdue_steps"]
