"""Contacts of a client, added and removed one by one."""

from collections.abc import Mapping
from typing import Any

from shared.errors import Invalid

MOST = 20
_LISTS = ("phones", "emails")


def with_contacts(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes with `add_…` and `remove_…` made whole lists of what the client has now; what is
    there already, or gone, makes no difference.

    Raises `Invalid` where the client would have more than `MOST`.
    """
    whole = {
        name: value for name, value in changes.items() if not name.startswith(("add_", "remove_"))
    }
    for name in _LISTS:
        added, removed = changes.get(f"add_{name}", ()), changes.get(f"remove_{name}", ())
        if not added and not removed:
            continue
        kept = [contact for contact in before[name] if contact not in removed]
        whole[name] = list(dict.fromkeys([*kept, *added]))
        if len(whole[name]) > MOST:
            raise Invalid(f"add_{name}", "too_many", max=MOST)
    return whole
