"""The print form of an invoice."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.activities.printing.invoice import template_input, title_of
from services.activities.printing.typesetting import typesetter
from services.activities.queries.invoice_paper import get_invoice_paper
from shared.clock import Day
from shared.ids import ActivityId
from shared.web.callers import AnyCaller
from shared.web.commands import Commands
from shared.web.responses import responses

router = APIRouter(tags=["activities"])
PDF = "application/pdf"


class PdfBytes(Response):
    """A response that is a PDF."""

    media_type = PDF


@router.get(
    "/activities/{activity_id}/invoices/{invoice_id}/print",
    response_class=PdfBytes,
    responses={
        **{status: refusal for status, refusal in responses(None, 409).items() if status != 200},
        200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}},
    },
)
async def print_invoice(
    activity_id: ActivityId,
    invoice_id: UUID,
    caller: AnyCaller,
    commands: Commands,
    shipment_on: Annotated[
        Day | None,
        Query(
            description="When it is to be shipped, which decides the rate of value added tax until "
            "something is; without it the day of the invoice.",
        ),
    ] = None,
) -> PdfBytes:
    """Print «Счёт на оплату» with the payment code, as PDF, by the company's present requisites.

    409 `requisites_missing` names what the company has not given, `invoice_cancelled`; 503
    `unavailable` while too much is printed.
    """
    paper = await commands.service.read(
        caller, lambda tx: get_invoice_paper(tx, activity_id, invoice_id, shipment_on, caller)
    )
    pdf = await typesetter.typeset(caller.tenant_id, template_input(paper))
    name = quote(f"{title_of(paper)}.pdf", safe="")
    return PdfBytes(pdf, headers={"Content-Disposition": f"inline; filename*=UTF-8''{name}"})
