"""Versions as entity tags, and changes that hold only for the version that the caller has read.

`If-Match: "7"` on a PATCH or PUT (RFC 9110, 13.1.1) keeps two people from overwriting each other:
the second is told what differs instead.
"""

import re
from collections.abc import Mapping
from typing import Any

from shared.errors import Invalid, Refusal

HEADER = "If-Match"
CHANGES = frozenset({"PATCH", "PUT"})
"""Methods that heed it."""
ANY = "*"
PATTERN = r'^(\*|(W/)?"\d{1,18}"( *, *(W/)?"\d{1,18}")*)$'
# A proxy that compresses makes a tag weak; it names the same version.
_TAG = re.compile(r'(?:W/)?"(\d{1,18})"')
_TAGS = re.compile(PATTERN)
_LONGEST = 500


class Stale(Refusal):
    """The thing is no longer at a version that the caller named by `If-Match`.

    Carries its `version`, and `changed`: what is there now of what differs.
    """

    code = "stale"


def stale(version: int, changed: Mapping[str, Any]) -> Stale:
    """The refusal of a change of something that is at `version`."""
    return Stale("if_match", version=version, changed=dict(changed))


def versions_in(header: str) -> frozenset[int] | None:
    """The versions that an `If-Match` names, None for any. Raises `Invalid`."""
    value = header.strip()
    if value == ANY:
        return None
    if len(value) > _LONGEST or not _TAGS.match(value):
        raise Invalid(HEADER, "entity_tag")
    return frozenset(int(version) for version in _TAG.findall(value))


def etag(version: int) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


def differing(present: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """The present values of the fields that were sent with others."""
    return {
        name: present[name]
        for name, value in sent.items()
        if name in present and present[name] != value
    }
