"""Who may see whose pay and which plans."""

from uuid import UUID

from services.motivation.storage.directory import Employee
from shared.tenancy import Caller
from shared.vocabulary import Role

_SEES_EVERYTHING: frozenset[Role] = frozenset({"accountant", "admin"})


def sees_pay_of(caller: Caller, employee: Employee) -> bool:
    """Everybody sees their own pay; heads that of their rooms; accountants and admins all."""
    if caller.employee_id == employee.id or caller.has_any(_SEES_EVERYTHING):
        return True
    return "head" in caller.roles and not caller.room_ids.isdisjoint(employee.room_ids)


def rooms_of_plans(caller: Caller) -> list[UUID] | None:
    """The rooms whose plans the caller may read; None for all."""
    return None if caller.has_any(_SEES_EVERYTHING) else sorted(caller.room_ids)
