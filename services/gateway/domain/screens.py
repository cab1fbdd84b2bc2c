"""The screens whose filters can be kept under a name."""

from typing import Literal

Screen = Literal["board", "clients", "pool", "renewals", "room", "sources", "vip"]
"""The pages with filters, by the first word of their path."""
