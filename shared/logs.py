"""JSON logs on standard error: one object a line with service, tenant and trace id; nothing
personal.
"""

import logging
import sys
from typing import Any

import orjson
import structlog

from shared.context import correlation, tenant


def _with_context(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if trace := correlation.get():
        event.setdefault("trace_id", trace)
    if tenant_id := tenant.get():
        event.setdefault("tenant_id", tenant_id)
    return event


def configure(service: str, level: str) -> None:
    """Sends our logs, and warnings of the libraries, through one JSON renderer."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _with_context,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                lambda _, __, event: {"service": service, **event},
                structlog.processors.JSONRenderer(
                    serializer=lambda value, **_: orjson.dumps(value, default=str).decode()
                ),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=getattr(logging, level), force=True)
    for noisy in ("aiokafka", "uvicorn.access", "faststream", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # At INFO it tells of offsets out of range and of rebalances, and for each commit nothing.
    for telling in ("aiokafka.consumer.fetcher", "aiokafka.consumer.group_coordinator"):
        logging.getLogger(telling).setLevel(logging.INFO)
