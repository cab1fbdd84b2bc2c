"""Identifiers: UUIDv7, so that a key's order is roughly the order of creation."""

from datetime import datetime
from typing import NewType
from uuid import UUID, uuid5

from uuid_utils.compat import uuid7

TenantId = NewType("TenantId", UUID)
CompanyId = NewType("CompanyId", UUID)
RoomId = NewType("RoomId", UUID)
EmployeeId = NewType("EmployeeId", UUID)
ClientId = NewType("ClientId", UUID)
ProductId = NewType("ProductId", UUID)
SourceId = NewType("SourceId", UUID)
ActivityId = NewType("ActivityId", UUID)
VipId = NewType("VipId", UUID)
PlanId = NewType("PlanId", UUID)
EntryId = NewType("EntryId", UUID)
JobId = NewType("JobId", UUID)
LossReasonId = NewType("LossReasonId", UUID)
CustomFieldId = NewType("CustomFieldId", UUID)
ChoiceId = NewType("ChoiceId", UUID)
ConsentId = NewType("ConsentId", UUID)
AbsenceId = NewType("AbsenceId", UUID)
UploadId = NewType("UploadId", UUID)
ImportId = NewType("ImportId", UUID)


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return uuid7()


def lowest_id(moment: datetime) -> UUID:
    """The id below all that are made at `moment` or later."""
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=(milliseconds << 80) | (7 << 76) | (2 << 62))


def derived_id(*parts: UUID | str) -> UUID:
    """The id of something named by others, the same wherever it is computed (a room's numbers for a
    company, say).
    """
    return uuid5(UUID(int=0), ":".join(str(part) for part in parts))
