"""Why an activity may be lost, for the form of every activity: kept for a moment a company."""

from time import monotonic
from typing import Any

from services.gateway.web.api import PageApi
from services.gateway.web.problems import Refused
from shared.ids import TenantId

FRESH_SECONDS = 2.0
_COMPANIES = 10_000
Reasons = list[tuple[str, str]]
"""Ids and names."""


class LossReasons:
    """The reasons of the companies whose activities were looked at lately. Whoever may see an
    activity may read them.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[TenantId, str], tuple[float, Reasons]] = {}

    async def of(self, tenant_id: TenantId, company_id: str, api: PageApi) -> Reasons:
        """Those in use, at most two seconds old; none where they are not to be had."""
        kept = self._kept.get((tenant_id, company_id))
        if kept and kept[0] > monotonic() - FRESH_SECONDS:
            return kept[1]
        try:
            page: Any = await api.read_or_none("/loss-reasons", company_id=company_id)
        except Refused:
            return []
        if page is None:
            return []
        reasons = [(reason["id"], reason["name"]) for reason in page["items"] if reason["active"]]
        if len(self._kept) >= _COMPANIES:
            self._kept.clear()
        self._kept[tenant_id, company_id] = monotonic(), reasons
        return reasons
