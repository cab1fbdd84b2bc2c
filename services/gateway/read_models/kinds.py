"""Kinds of responses that the read models show; a route says which of them it gives."""

from typing import Literal

ResponseKind = Literal[
    "activity", "vip", "room_settings", "client", "clients", "room", "company", "other"
]
"""`clients` are those that a command changed beside what it is about. `other` is shown nowhere:
lists, reports, pay, whatever has no read model.
"""
