"""What a company asks for in pay."""

from typing import Any

from fastapi import APIRouter

from services.motivation.api.adjustment_requests import PaySettingsBody
from services.motivation.api.adjustment_responses import PaySettingsView
from services.motivation.handlers import pay_settings as handlers
from services.motivation.queries.pay_settings import settings_view
from services.motivation.storage import directory, pay_settings
from shared.db import Tx
from shared.ids import CompanyId
from shared.web.callers import Accountant, Admin
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(prefix="/motivation/settings", tags=["motivation"])


@router.get("", responses=responses(PaySettingsView))
async def get_pay_settings(
    company_id: CompanyId, caller: Accountant, commands: Commands
) -> JsonBytes:
    """A company's settings of pay."""

    async def query(tx: Tx) -> dict[str, Any]:
        company = await directory.company(tx, company_id)
        return settings_view(company, await pay_settings.of_company(tx, company_id))

    return await commands.read(caller, query)


@router.put("", responses=responses(PaySettingsView, 409))
async def set_pay_settings(
    company_id: CompanyId, body: PaySettingsBody, caller: Admin, commands: Commands
) -> JsonBytes:
    """Set a company's settings of pay. What was proposed before waits on."""

    async def use_case(tx: Tx) -> dict[str, Any]:
        settings = await handlers.set_pay_settings(tx, body.command(company_id), caller)
        return settings_view(await directory.company(tx, company_id), settings)

    return await commands.run(caller, use_case)
