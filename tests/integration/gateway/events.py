"""Events as the services publish them, and views as they respond with them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.gateway.read_models.fragments import render
from shared.activity_view import compose_activity
from shared.events import REGISTRY, Envelope, Event, PublishedEvent
from shared.events.activities import ActivityMoved
from shared.events.directory import ClientChanged, RoomChanged, RoomSettingsChanged
from shared.events.motivation import AccrualPosted
from shared.events.people import ActivityDescribed, PersonDescribed
from shared.events.vip import VipClaimed, VipReleased, VipState
from shared.ids import ClientId, CompanyId, EmployeeId, RoomId, TenantId, VipId, new_id
from shared.money import Money
from shared.room_settings import DEFAULTS

ROOM, COMPANY, SELLER, OTHER = (UUID(int=number) for number in range(11, 15))
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ZERO = Money.model_validate({"amount": "0.00", "currency": "RUB"})


def published(tenant_id: UUID, event: Event, subject: UUID, version: int) -> PublishedEvent:
    return PublishedEvent(
        Envelope(new_id(), event.type, TenantId(tenant_id), subject, version, NOW), event
    )


def activity_state(
    room_id: UUID, client_id: UUID, company_id: UUID, seller: UUID | None = None, **fields: Any
) -> dict[str, Any]:
    checks = dict.fromkeys(("invoiced", "paid", "shipped", "documents_signed", "fully_paid"), False)
    status = "in_work" if seller else "free"
    state: dict[str, Any] = {
        "company_id": company_id,
        "room_id": room_id,
        "client_id": client_id,
        "source_id": UUID(int=5),
        "source_kind": "cold",
        "sale": "first",
        "products": [],
        "status": status,
        "stage": "in_work" if seller else "new",
        "responsible_id": seller,
        "responsible_since": NOW if seller else None,
        "how": "taken" if seller else None,
        "shares": [],
        "reset_due_at": NOW + timedelta(days=14) if seller else None,
        "next_step_due_at": None,
        "invoice_due_on": None,
        "invoiced": ZERO,
        "paid": ZERO,
        "checklist": checks,
        "progress_at": NOW,
        "won_at": None,
        "created_at": NOW,
        "created_by": None,
        "lost_at": None,
        "lost_reason_id": None,
    }
    return state | fields


def activity_event(
    tenant_id: UUID, activity_id: UUID, version: int, state: dict[str, Any]
) -> PublishedEvent:
    """The event that fits the state."""
    kinds = {
        "free": "activity.registered" if version == 1 else "activity.released",
        "in_work": "activity.taken",
        "lost": "activity.lost",
    }
    kind = kinds[state["status"]]
    details: dict[str, Any] = {
        "activity.released": {"former": uuid4(), "has_reason": False},
        "activity.taken": {"responsible": state["responsible_id"], "how": "taken"},
        "activity.lost": {"former": None},
    }.get(kind, {})
    event = REGISTRY[kind].model_validate(
        {"activity_id": activity_id, "by": None, "state": state, **details}
    )
    return published(tenant_id, event, activity_id, version)


def activity_moved(
    tenant_id: UUID, activity_id: UUID, version: int, from_room: UUID, state: dict[str, Any]
) -> PublishedEvent:
    """The activity came from `from_room` to that of its state."""
    event = ActivityMoved.model_validate(
        {
            "activity_id": activity_id,
            "by": None,
            "state": state,
            "from_room": from_room,
            "to_room": state["room_id"],
            "former": None,
            "responsible": None,
        }
    )
    return published(tenant_id, event, activity_id, version)


def activity_view(
    activity_id: UUID,
    version: int,
    state: dict[str, Any],
    name: str,
    text: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The view with which the owning service responds for the same state."""
    event: Any = activity_event(UUID(int=0), activity_id, version, state).event
    client = {"id": str(state["client_id"]), "name": name, "large": False, "do_not_call": False}
    view = compose_activity(
        activity_id, version, event.state.model_dump(mode="json"), client, text or {}, NOW
    )
    assert render(view)
    return view


def client_changed(
    tenant_id: UUID, client_id: UUID, room_ids: Sequence[UUID], version: int = 1
) -> PublishedEvent:
    event = ClientChanged(
        client_id=ClientId(client_id),
        kind="organization",
        large=False,
        registered_by=None,
        room_ids=[RoomId(room_id) for room_id in room_ids],
    )
    return published(tenant_id, event, client_id, version)


def person_described(
    tenant_id: UUID, client_id: UUID, name: str, version: int = 1
) -> PublishedEvent:
    return published(tenant_id, PersonDescribed(kind="client", name=name), client_id, version)


def activity_described(
    tenant_id: UUID, activity_id: UUID, note: str, version: int = 1
) -> PublishedEvent:
    return published(
        tenant_id,
        ActivityDescribed(note=note, next_step=None, lost_reason=None),
        activity_id,
        version,
    )


def vip_event(
    tenant_id: UUID, vip_id: UUID, version: int, holder: UUID | None, kind: str = "in_development"
) -> PublishedEvent:
    state = VipState.model_validate(
        {
            "company_id": UUID(int=2),
            "room_id": RoomId(UUID(int=3)),
            "client_id": UUID(int=4),
            "responsible_id": holder,
            "kind": kind if holder else None,
            "receipts": ZERO,
            "reset_due_at": None,
        }
    )
    common: dict[str, Any] = {"vip_id": VipId(vip_id), "by": None, "state": state}
    if holder:
        return published(
            tenant_id,
            VipClaimed.model_validate({**common, "responsible": holder, "kind": kind}),
            vip_id,
            version,
        )
    return published(
        tenant_id, VipReleased(**common, former=EmployeeId(uuid4()), why="reset"), vip_id, version
    )


def room_changed(tenant_id: UUID, room_id: UUID, *company_ids: UUID) -> PublishedEvent:
    """A room that sells for `COMPANY`, unless others are given."""
    event = RoomChanged(
        room_id=RoomId(room_id),
        name="Север",
        company_ids=[CompanyId(company_id) for company_id in company_ids or (COMPANY,)],
    )
    return published(tenant_id, event, room_id, 1)


def room_settings_changed(
    tenant_id: UUID, room_id: UUID, company_id: UUID, **numbers: int
) -> PublishedEvent:
    event = RoomSettingsChanged(
        room_id=RoomId(room_id),
        company_id=CompanyId(company_id),
        changed_by=None,
        **{**DEFAULTS, **numbers},
    )
    return published(tenant_id, event, uuid4(), 1)


def accrual_posted(
    tenant_id: UUID, company_id: UUID, version: int, total: str, period: str
) -> PublishedEvent:
    """An accrual of `SELLER` that leaves the statement of the company at `total` roubles."""
    money = {"amount": total, "currency": "RUB"}
    fields = {
        "entry_id": uuid4(),
        "employee_id": SELLER,
        "personnel_number": None,
        "company_id": company_id,
        "room_id": ROOM,
        "period": period,
        "amount": money,
        "activity_id": None,
        "plan_id": None,
        "plan_version": None,
        "rule": "5%",
        "corrects": None,
        "posted_at": NOW,
        "statement_total": money,
    }
    event = AccrualPosted.model_validate(fields)
    return published(tenant_id, event, UUID(int=company_id.int + 1), version)
