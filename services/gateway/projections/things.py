"""Names of what items mention by id alone: sources, products, employees."""

from uuid import UUID

import orjson

from services.gateway.projections.base import ERASED_RANK, Projection, event_rank, put
from services.gateway.read_models.keys import TenantKeys
from services.gateway.read_models.store import Call
from shared.events import Envelope
from shared.events.directory import ProductChanged, SourceChanged
from shared.events.people import PersonDescribed


class SourceNames(Projection[SourceChanged]):
    """Each source's name."""

    handles = (SourceChanged,)
    keys = ("source_names",)

    def from_event(self, event: SourceChanged, envelope: Envelope, keys: TenantKeys) -> list[Call]:
        return [_put(keys, "source_names", envelope, event.name)]


class ProductNames(Projection[ProductChanged]):
    """Each product's name."""

    handles = (ProductChanged,)
    keys = ("product_names",)

    def from_event(self, event: ProductChanged, envelope: Envelope, keys: TenantKeys) -> list[Call]:
        return [_put(keys, "product_names", envelope, event.name)]


class EmployeeNames(Projection[PersonDescribed]):
    """Each employee's name."""

    handles = (PersonDescribed,)
    keys = ("employee_names",)

    def from_event(
        self, event: PersonDescribed, envelope: Envelope, keys: TenantKeys
    ) -> list[Call]:
        if event.kind != "employee":
            return []
        return [_put(keys, "employee_names", envelope, event.name)]

    def erase(self, subject: UUID, keys: TenantKeys) -> list[Call]:
        return [put(keys.tenant("employee_names"), subject, ERASED_RANK, b"")]


def _put(keys: TenantKeys, key: str, envelope: Envelope, name: str) -> Call:
    rank = event_rank(envelope.version)
    return put(keys.tenant(key), envelope.subject, rank, orjson.dumps(name))
