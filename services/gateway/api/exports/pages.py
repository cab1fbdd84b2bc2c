"""The pages of a list, read one after the other as the caller would read them."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlencode

from services.gateway.api.exports.export import Export
from services.gateway.edge.public_api import PublicApi
from services.gateway.edge.routes import PREFIX
from services.gateway.edge.upstream import UpstreamResponse
from shared.errors import Unavailable
from shared.tenancy import Caller

_PAGE = "200"
Page = Mapping[str, Any]


class ListReader:
    """Reads lists for one caller: who may not see something does not find it in a file either."""

    def __init__(self, api: PublicApi, caller: Caller, headers: Mapping[str, str]) -> None:
        self._api, self._caller, self._headers = api, caller, headers

    async def first(self, export: Export, filters: list[tuple[str, str]]) -> UpstreamResponse:
        """The response to the first page, which may be a refusal."""
        return await self._page(export, filters, None)

    async def following(
        self, export: Export, filters: list[tuple[str, str]], first: Page
    ) -> AsyncIterator[Page]:
        """The first page and those behind it. Raises `Unavailable` where one is not to be had."""
        page = first
        yield page
        while cursor := page["next_cursor"]:
            response = await self._page(export, filters, cursor)
            if not response.ok:
                raise Unavailable("service", service=export.path)
            page = response.json()
            yield page

    async def names_of(self, noun: str) -> tuple[dict[str, str], list[Page]]:
        """The names of companies, rooms or employees by id, archived ones too, and the things."""
        whole = Export(noun, noun, (), {} if noun == "employees" else {"archived": "true"})
        response = await self.first(whole, [])
        items: list[Page] = []
        if response.ok:
            async for page in self.following(whole, [], response.json()):
                items += page["items"]
        return {item["id"]: item["name"] for item in items}, items

    async def _page(
        self, export: Export, filters: list[tuple[str, str]], cursor: str | None
    ) -> UpstreamResponse:
        pairs = [*filters, *export.query.items(), ("limit", _PAGE)]
        if cursor:
            pairs.append(("cursor", cursor))
        path = f"{PREFIX}{export.path}"
        return await self._api.call(
            self._caller, "GET", path, query=urlencode(pairs), headers=self._headers
        )


def zone_for(companies: list[Page], company_id: str | None) -> str:
    """The zone in which a file tells moments: that of the company which was asked for, or of all
    companies where they share one; else UTC.
    """
    zones = {
        company["time_zone"]
        for company in companies
        if company_id is None or company["id"] == company_id
    }
    return str(zones.pop()) if len(zones) == 1 else "UTC"
