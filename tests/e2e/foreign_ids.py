"""Requests with another's ids, and what they must not have shown or changed."""

from collections.abc import Iterable
from typing import Any

from shared.web.permissions import PERMISSIONS
from tests.e2e.belongings import Belongings
from tests.e2e.office import Office
from tests.e2e.operations import Operation, Request
from tests.support.client import ApiClient

LISTS = (
    "/companies",
    "/rooms",
    "/employees",
    "/products",
    "/sources",
    "/clients",
    "/activities",
    "/vip",
    "/motivation/plans",
    "/api-keys",
)


async def ask(gateway: ApiClient, token: str, request: Request) -> tuple[int, str]:
    """Status and text; of a stream of events what comes at once."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"/api/v1{request.path}"
    body = {"data" if isinstance(request.body, bytes) else "json": request.body}
    async with gateway.http.request(
        request.method, url, params=request.query, headers=headers, **body
    ) as answer:
        if answer.content_type == "text/event-stream":
            return answer.status, (await answer.content.readany()).decode()
        return answer.status, await answer.text()


def choices(
    operation: Operation, theirs: Belongings, own: Belongings
) -> Iterable[tuple[str, Request]]:
    """Their id in every place; then in one place at a time, our own in the others."""
    yield "everywhere", operation.request(theirs.id)
    for place in operation.places:
        yield (
            place,
            operation.request(
                lambda name, place=place: (  # type: ignore[misc]
                    theirs if name == place else own
                ).id(name)
            ),
        )


async def everything(office: Office) -> dict[str, Any]:
    """All that the office's admin and its best seller can see, without what the clock alone
    moves.
    """
    state: dict[str, Any] = {path: await office.admin.see(f"{path}?limit=200") for path in LISTS}
    for activity in state["/activities"]["items"]:
        state[activity["id"]] = await office.admin.see(f"/activities/{activity['id']}")
    desk = await office.anna.see("/desk")
    return state | {
        "pay": await office.anna.see("/motivation/statement"),
        "desk": {**desk, "as_of": None},
    }


def without_what_is_new(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """`after` without the entries that somebody made for themselves meanwhile."""
    known = {path: [item["id"] for item in before[path]["items"]] for path in LISTS}
    return after | {
        path: {
            **after[path],
            "items": [item for item in after[path]["items"] if item["id"] in known[path]],
        }
        for path in LISTS
    }


def permitted(operation: Operation, role: str) -> bool:
    """Whether the table of permissions lets the role call the operation."""
    return {"anna": "seller"}.get(role, role) in PERMISSIONS[operation.name].roles


def leaks(secrets: Iterable[str], text: str) -> list[str]:
    return [secret for secret in secrets if secret in text]
