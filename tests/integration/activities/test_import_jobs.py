"""Jobs of imports: killed, at once, by whom; uploaded once, and gone when they have expired."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

from services.activities.handlers.importing import open_tables, reading
from services.activities.handlers.importing.reading import ROWS
from shared.jobs.runner import JobRunner
from shared.service_context import ServiceContext
from tests.integration.activities.dying_jobs import Killed, dying_runner, release_lease
from tests.integration.activities.importing import HEADER, Importer, table
from tests.integration.activities.jobs import let_jobs_run, open_jobs


async def test_a_job_killed_again_and_again_imports_each_row_once(
    importer: Importer, context: ServiceContext
) -> None:
    tenant = importer.tenant
    lines = [[str(n), f"Клиент {n}", "", "", f"c{n}@example.ru"] for n in range(2 * ROWS + 12)]
    broken = [["bad", "", "", "", ""]]
    unread = await importer.upload_unread(table(HEADER, *lines, *broken), context)
    runner, deaths = dying_runner(context), 0
    for command in (None, "run"):
        if command:
            assert (await importer.command(unread, command)).status == 202
        while await open_jobs(tenant):
            await release_lease(tenant)
            try:
                await runner.advance(tenant.tenant_id)
            except Killed:
                deaths += 1
    assert deaths > 3
    seen = await importer.see(unread)
    assert seen["state"] == "done"
    assert seen["imported"] == {
        "created": 2 * ROWS + 12, "updated": 0, "unchanged": 0, "refused": 1,
    }  # fmt: skip
    assert await importer.count("client") == 2 * ROWS + 12
    assert len(await importer.refused(seen)) == 1


async def test_two_imports_of_the_same_rows_at_once_make_each_client_once(
    importer: Importer, context: ServiceContext
) -> None:
    lines = [[str(n), f"Клиент {n}", "", "", f"c{n}@example.ru"] for n in range(40)]
    first = await importer.upload(table(HEADER, *lines))
    second = await importer.upload(table(HEADER, *reversed(lines)))
    for import_ in (first, second):
        assert (await importer.command(import_, "run")).status == 202
    await let_jobs_run(importer.tenant, context)
    counts = [(await importer.see(import_))["imported"] for import_ in (first, second)]
    assert sum(each["created"] for each in counts) == 40
    assert sum(each["unchanged"] for each in counts) == 40
    assert await importer.count("client") == 40


async def test_a_run_under_way_is_not_mapped_checked_or_run_again(importer: Importer) -> None:
    import_ = await importer.upload(table(HEADER, ["1", "Ромашка", "", "", ""]))
    assert (await importer.command(import_, "run")).status == 202
    for response in (
        await importer.command(import_, "run"),
        await importer.command(import_, "check"),
        await importer.map(import_, "external_id", "name"),
    ):
        assert (response.status, response.body["code"]) == (409, "import_busy")
    await importer.worker.run_until_idle()
    assert await importer.count("client") == 1


async def test_who_does_not_oversee_the_room_imports_nothing_there(importer: Importer) -> None:
    tenant = importer.tenant
    content = table(HEADER, ["1", "Ромашка", "", "", ""])
    import_ = await importer.upload(content)
    stranger = await tenant.user("head", room_id=await tenant.another_room())
    assert (await importer.try_upload(content, user=stranger)).status == 404
    assert (await importer.try_upload(content, user=await tenant.user())).status == 403
    path = f"/imports/{import_['id']}"
    for method, rest in (("GET", ""), ("POST", "/check"), ("POST", "/run"), ("GET", "/refused")):
        response = await tenant.call(stranger, method, path + rest)
        assert (response.status, response.body["code"]) == (404, "not_found")
    assert (await importer.map(import_, "external_id", "name", user=stranger)).status == 404
    listed = (await tenant.call(stranger, "GET", "/imports")).body["items"]
    assert listed == []
    assert [
        each["id"] for each in (await tenant.call(tenant.admin, "GET", "/imports")).body["items"]
    ] == [import_["id"]]


async def test_who_lost_the_room_meanwhile_imports_nothing(importer: Importer) -> None:
    tenant = importer.tenant
    import_ = await importer.upload(table(HEADER, ["1", "Ромашка", "", "", ""]))
    await importer.command(import_, "run")
    other = await tenant.another_room()
    change: dict[str, Any] = {"room_ids": [str(other)]}
    await tenant.call(tenant.admin, "PATCH", f"/employees/{importer.head.id}", change)
    await importer.worker.run_until_idle()
    seen = await importer.see(import_, tenant.admin)
    assert (seen["job"]["state"], seen["job"]["error"]) == ("failed", "not_found")
    assert await importer.count("client") == 0


async def test_an_upload_with_a_key_is_answered_once(importer: Importer) -> None:
    content = table(HEADER, ["1", "Ромашка", "", "", ""])
    first = await importer.try_upload(content, key="k1")
    again = await importer.try_upload(content, key="k1")
    assert (first.status, again.status) == (201, 201)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.body["id"] == first.body["id"]
    other = await importer.try_upload(content + b"2;b;;;\n", key="k1")
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")
    assert await importer.count("import_file") == 1


async def test_the_rows_are_gone_once_they_have_expired(importer: Importer) -> None:
    import_ = await importer.upload(
        table(HEADER, ["1", "Ромашка", "", "", ""], ["2", "", "", "", ""])
    )
    await importer.do(import_, "check")
    kept_until = datetime.fromisoformat(import_["expires_at"])
    assert (kept_until - datetime.fromisoformat(import_["created_at"])).days == 7
    await importer.tenant.reader.execute(
        "DELETE FROM upload WHERE tenant_id = $1", importer.tenant.tenant_id
    )
    assert await importer.count("import_chunk") == 0
    seen = await importer.see(import_)
    assert (seen["state"], seen["columns"][0]["samples"]) == ("expired", [])
    refused = await importer.command(import_, "run")
    assert (refused.status, refused.body["code"]) == (409, "import_expired")
    path = f"/imports/{import_['id']}/refused"
    assert (await importer.tenant.call(importer.head, "GET", path)).status == 404


async def test_a_reading_that_was_cancelled_does_not_keep_the_file_from_coming_again(
    importer: Importer,
) -> None:
    tenant = importer.tenant
    content = table(HEADER, ["1", "Ромашка", "", "", ""])
    first = (await importer.try_upload(content)).body
    await tenant.reader.execute(
        "UPDATE import_file SET row_count = NULL WHERE id = $1", UUID(first["id"])
    )
    assert (await importer.see(first))["state"] == "unreadable"
    again = await importer.upload(content)
    assert (again["id"] != first["id"], again["state"]) == (True, "ready")


async def test_reading_goes_on_in_another_process_where_it_stood(
    importer: Importer, context: ServiceContext
) -> None:
    lines = [[str(n), f"Клиент {n}", "", "", ""] for n in range(3 * ROWS)]
    reading.SECONDS, seconds = 0.0, reading.SECONDS
    try:
        unread = await importer.upload_unread(table(HEADER, *lines), context)
        runner, steps = JobRunner(context), 0
        while await open_jobs(importer.tenant):
            open_tables.forget()
            await release_lease(importer.tenant)
            steps += await runner.advance(importer.tenant.tenant_id)
    finally:
        reading.SECONDS = seconds
    assert steps > 3
    seen = await importer.see(unread)
    assert (seen["state"], seen["row_count"]) == ("ready", 3 * ROWS)
    assert await importer.do(seen, "run") == {"created": 3 * ROWS}


async def test_an_import_that_has_not_run_is_discarded_with_all_it_kept(
    importer: Importer,
) -> None:
    tenant = importer.tenant
    content = table(HEADER, ["1", "Ромашка", "", "", ""])
    import_ = await importer.upload(content)
    await importer.do(import_, "check")
    path = f"/imports/{import_['id']}"
    stranger = await tenant.user("head", room_id=await tenant.another_room())
    assert (await tenant.call(stranger, "DELETE", path)).status == 404
    assert (await tenant.call(await tenant.user(), "DELETE", path)).status == 403
    assert (await tenant.call(importer.head, "DELETE", path)).status == 204
    for of in ("import_file", "import_chunk", "upload", "upload_chunk"):
        assert await importer.count(of) == 0, of
    for method, rest in (("GET", ""), ("DELETE", ""), ("POST", "/run"), ("GET", "/mapping")):
        assert (await tenant.call(importer.head, method, path + rest)).status == 404
    again = await importer.upload(content)
    assert again["id"] != import_["id"]
    assert await importer.do(again, "run") == {"created": 1}


async def test_what_is_under_way_or_has_run_in_part_is_not_discarded(
    importer: Importer, context: ServiceContext
) -> None:
    tenant = importer.tenant
    lines = [[str(n), f"Клиент {n}", "", "", ""] for n in range(ROWS + 5)]
    import_ = await importer.upload(table(HEADER, *lines))
    path = f"/imports/{import_['id']}"
    for command in ("check", "run"):
        assert (await importer.command(import_, command)).status == 202
        busy = await tenant.call(importer.head, "DELETE", path)
        assert (busy.status, busy.body["code"]) == (409, "import_busy")
        if command == "check":
            await importer.worker.run_until_idle()
    await JobRunner(context).advance(tenant.tenant_id)
    job_id = (await importer.see(import_))["job"]["id"]
    await tenant.call(importer.head, "POST", f"/jobs/{job_id}/cancel")
    await importer.worker.run_until_idle()
    assert 0 < (await importer.see(import_))["imported"]["created"] < ROWS + 5
    stays = await tenant.call(importer.head, "DELETE", path)
    assert (stays.status, stays.body["code"]) == (409, "import_has_run")


async def test_a_discard_and_a_run_at_once_have_one_winner(importer: Importer) -> None:
    tenant = importer.tenant
    for n in range(6):
        import_ = await importer.upload(table(HEADER, [str(n), f"Клиент {n}", "", "", ""]))
        discarded, run = await asyncio.gather(
            tenant.call(importer.head, "DELETE", f"/imports/{import_['id']}"),
            importer.command(import_, "run"),
        )
        assert (discarded.status, run.status) in ((204, 404), (409, 202))
        await importer.worker.run_until_idle()
        count = await importer.count("client")
        assert (run.status == 202) == (f"Клиент {n}" in str(await importer.clients())), count
