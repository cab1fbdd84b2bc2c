"""Optional traces: with SALES_TRACES_ENDPOINT (OTLP over HTTP) every request and every consumed
batch is a span.

The trace id is the correlation id that travels in `traceparent` and in `ce_correlationid`, so one
trace covers a command and all that followed from it on the bus. Off, it costs one comparison; it
needs the dependency group `tracing`.
"""

import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

_provider: Any = None
_tracer: Any = None


def configure(service: str, endpoint: str, share: float) -> None:
    """Starts exporting `share` (0 to 1) of the traces to `endpoint`, if one is named.

    Raises `ImportError` without the group `tracing`.
    """
    global _provider, _tracer
    if not endpoint:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import TraceIdRatioBased

    provider = TracerProvider(
        resource=Resource.create({"service.name": f"sales-{service}"}),
        sampler=TraceIdRatioBased(share),
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint)))
    _provider, _tracer = provider, provider.get_tracer("sales")


def provider() -> Any:
    """What makes and exports spans; None where nothing is traced."""
    return _provider


def stop() -> None:
    """Exports what waits, then no more spans are made."""
    global _provider, _tracer
    if _provider:
        _provider.shutdown()
    _provider = _tracer = None


def span(
    name: str, trace_id: str, link: tuple[str, str] | None = None, **attributes: Any
) -> AbstractContextManager[None]:
    """A span called `name` in the trace `trace_id` (32 hex digits; a new trace without).

    `link` names a trace and a span of somebody else's by which it was caused.
    """
    return _span(name, trace_id, link, attributes) if _tracer else nullcontext()


@contextmanager
def _span(
    name: str, trace_id: str, link: tuple[str, str] | None, attributes: dict[str, Any]
) -> Iterator[None]:
    from opentelemetry.trace import (
        Link,
        NonRecordingSpan,
        SpanContext,
        TraceFlags,
        set_span_in_context,
    )

    parent = None
    if len(trace_id) == 32:
        # The span that caused this one is in another process; only its trace travels, so its own id
        # is made up.
        context = SpanContext(
            int(trace_id, 16), secrets.randbits(64) or 1, is_remote=True, trace_flags=TraceFlags(1)
        )
        parent = set_span_in_context(NonRecordingSpan(context))
    links = []
    if link:
        links = [Link(SpanContext(int(link[0], 16), int(link[1], 16), is_remote=True))]
    with _tracer.start_as_current_span(name, context=parent, attributes=attributes, links=links):
        yield
