"""What goes along with a request or an event wherever it leads: the tenant for logs, the trace, the
event that caused it, and the language of the caller's texts.
"""

from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")
causation: ContextVar[str] = ContextVar("causation", default="")
correlation: ContextVar[str] = ContextVar("correlation", default="")
language: ContextVar[str] = ContextVar("language", default="en")
