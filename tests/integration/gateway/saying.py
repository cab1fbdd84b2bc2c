"""Facts as the services would say them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.gateway.read_models.fragments import render
from shared.activity_view import compose_activity
from shared.events import REGISTRY, Envelope, Event, PublishedEvent
from shared.events.people import ActivityDescribed, PersonDescribed
from shared.events.vip import VipClaimed, VipReleased, VipState
from shared.ids import EmployeeId, RoomId, TenantId, VipId, new_id
from shared.money import Money

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ROUBLES = Money.model_validate({"amount": "0.00", "currency": "RUB"})


def said(tenant_id: UUID, event: Event, subject: UUID, version: int) -> PublishedEvent:
    return PublishedEvent(
        Envelope(new_id(), event.type, TenantId(tenant_id), subject, version, NOW), event
    )


def activity_state(
    room_id: UUID, client_id: UUID, company_id: UUID, seller: UUID | None = None, **more: Any
) -> dict[str, Any]:
    checks = dict.fromkeys(("invoiced", "paid", "shipped", "documents_signed", "fully_paid"), False)
    status = "in_work" if seller else "free"
    state = {
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
        "invoiced": ROUBLES,
        "paid": ROUBLES,
        "checklist": checks,
        "progress_at": NOW,
        "won_at": None,
        "created_at": NOW,
        "created_by": None,
    }
    return state | more


def activity_fact(
    tenant_id: UUID, activity_id: UUID, version: int, state: dict[str, Any]
) -> PublishedEvent:
    """The kind of fact that fits the state."""
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
    return said(tenant_id, event, activity_id, version)


def activity_view(
    activity_id: UUID,
    version: int,
    state: dict[str, Any],
    name: str,
    text: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """What the owning service answers for the same state."""
    event: Any = activity_fact(UUID(int=0), activity_id, version, state).event
    client = {"id": str(state["client_id"]), "name": name, "large": False}
    view = compose_activity(
        activity_id, version, event.state.model_dump(mode="json"), client, text or {}, NOW
    )
    assert render(view)
    return view


def person(tenant_id: UUID, client_id: UUID, name: str, version: int = 1) -> PublishedEvent:
    return said(tenant_id, PersonDescribed(kind="client", name=name), client_id, version)


def text(tenant_id: UUID, activity_id: UUID, note: str, version: int = 1) -> PublishedEvent:
    return said(
        tenant_id,
        ActivityDescribed(note=note, next_step=None, lost_reason=None),
        activity_id,
        version,
    )


def vip(
    tenant_id: UUID, vip_id: UUID, version: int, holder: UUID | None, kind: str = "in_development"
) -> PublishedEvent:
    state = VipState.model_validate(
        {
            "company_id": UUID(int=2),
            "room_id": RoomId(UUID(int=3)),
            "client_id": UUID(int=4),
            "responsible_id": holder,
            "kind": kind if holder else None,
            "receipts": ROUBLES,
            "reset_due_at": None,
        }
    )
    common: dict[str, Any] = {"vip_id": VipId(vip_id), "by": None, "state": state}
    if holder:
        return said(
            tenant_id,
            VipClaimed.model_validate({**common, "responsible": holder, "kind": kind}),
            vip_id,
            version,
        )
    return said(
        tenant_id, VipReleased(**common, former=EmployeeId(uuid4()), why="reset"), vip_id, version
    )
