"""What goes along with a request or a fact wherever it leads: the tenant for logs, the trace, and
the fact that caused it.
"""

from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")
causation: ContextVar[str] = ContextVar("causation", default="")
correlation: ContextVar[str] = ContextVar("correlation", default="")
