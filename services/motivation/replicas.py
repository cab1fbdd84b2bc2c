"""Replicas of the directory, which the activities service owns."""

from services.motivation.storage.tables import company, employee, product, room, tenant
from shared.events.directory import (
    CompanyChanged,
    EmployeeChanged,
    ProductChanged,
    RoomChanged,
    TenantChanged,
)
from shared.replicas import Replica

COMPANIES = Replica(
    CompanyChanged,
    company,
    {"company_id": "company_id", "time_zone": "time_zone", "currency": "currency"},
)
"""Whose changes may let pay follow."""
REPLICAS = (
    Replica(TenantChanged, tenant, {"time_zone": "time_zone", "currency": "currency"}),
    Replica(RoomChanged, room, {"room_id": "room_id", "company_ids": "company_ids"}),
    Replica(
        EmployeeChanged,
        employee,
        {
            "employee_id": "employee_id",
            "room_ids": "room_ids",
            "personnel_number": "personnel_number",
            "active": "active",
        },
    ),
    Replica(
        ProductChanged,
        product,
        {"product_id": "product_id", "company_id": "company_id", "category": "category"},
    ),
)
