"""Bodies of requests about clients beyond their contacts, and about why activities are lost."""

from collections.abc import Sequence
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from services.activities.api.requests import _INN_RULES, Body, Change, Flag
from services.activities.domain.identity import broken_inn_rule
from shared.contacts import Inn, Kpp, Phone
from shared.rules import rule_broken
from shared.text import Email, Line, Name
from shared.vocabulary import ClientKind


def _distinct(items: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(items))


Phones = Annotated[list[Phone], Field(max_length=20), AfterValidator(_distinct)]
Emails = Annotated[list[Email], Field(max_length=20), AfterValidator(_distinct)]


class NewClient(Body):
    name: Name
    kind: ClientKind
    inn: Inn | None = None
    kpp: Kpp | None = None
    phones: Phones = []
    emails: Emails = []
    large: Flag = False

    @model_validator(mode="after")
    def _inn_of_its_kind(self) -> Self:
        if rule := broken_inn_rule(self.kind, self.inn, self.kpp):
            raise _INN_RULES[rule]()
        return self


class ContactsChange(Change):
    """Contacts are set as whole lists, which drop what a colleague has added unless `If-Match` is
    sent; or some are added and others removed.
    """

    phones: Phones = []
    emails: Emails = []
    add_phones: Phones = []
    remove_phones: Phones = []
    add_emails: Emails = []
    remove_emails: Emails = []

    @model_validator(mode="after")
    def _whole_or_in_part(self) -> Self:
        for name in ("phones", "emails"):
            parts = {f"add_{name}", f"remove_{name}"} & self.model_fields_set
            if parts and name in self.model_fields_set:
                raise rule_broken("not_together", field=name, others=sorted(parts))
            both = set(getattr(self, f"add_{name}")) & set(getattr(self, f"remove_{name}"))
            if both:
                raise rule_broken("not_together", field=f"add_{name}", others=[f"remove_{name}"])
        return self


class ClientChange(ContactsChange):
    """Some of what a client is; contacts as whole lists, which drop what a colleague has added
    unless `If-Match` is sent, or added and removed one by one.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "ООО Ромашка",
                    "add_phones": ["+74951234568"],
                    "remove_emails": ["staryi@example.com"],
                }
            ]
        },
    )

    name: Name = ""
    inn: Inn | None = None
    kpp: Kpp | None = None
    large: Flag = False


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
