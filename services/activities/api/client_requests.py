"""Bodies of requests about clients beyond their contacts, and about why activities are lost."""

from typing import Self
from uuid import UUID

from pydantic import model_validator

from services.activities.api.requests import Body, Change, Emails, Flag, Phones
from shared.contacts import Inn, Kpp
from shared.rules import rule_broken
from shared.text import Line


class NewLossReason(Body):
    """A reason of loss; one that does not `counts` (spam, a test) is outside conversion."""

    company_id: UUID
    name: Line
    counts: Flag = True
    active: Flag = True


class LossReasonChange(Change):
    name: Line = ""
    counts: Flag = True
    active: Flag = True


class NewLoss(Body):
    """Why the activity is lost: a reason of the company's list, where it has one, with an optional
    comment; in words alone otherwise.
    """

    reason: Line | None = None
    reason_id: UUID | None = None


class ClientCheck(Body):
    """What is known of somebody who may be a client: one of INN, phones, e-mails at least."""

    room_id: UUID
    company_id: UUID
    inn: Inn | None = None
    kpp: Kpp | None = None
    phones: Phones = []
    emails: Emails = []

    @model_validator(mode="after")
    def _something_given(self) -> Self:
        if not (self.inn or self.phones or self.emails):
            raise rule_broken("at_least_one", field="inn", fields=["inn", "phones", "emails"])
        if self.kpp and not self.inn:
            raise rule_broken("with_inn", field="kpp")
        return self


class MergeRequest(Body):
    """The client that stays."""

    into_client_id: UUID
