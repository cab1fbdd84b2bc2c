"""Optional traces: nothing without an endpoint, one trace for a command and all that followed with
one.
"""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from shared import tracing

TRACE = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def collector() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """A collector's address, and what it was sent."""
    heard: list[ExportTraceServiceRequest] = []

    class Collect(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(
                ExportTraceServiceRequest.FromString(
                    self.rfile.read(int(self.headers["content-length"]))
                )
            )
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Collect)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/traces", heard
    server.shutdown()


def test_without_an_endpoint_nothing_is_traced() -> None:
    tracing.configure("vip", "", 1.0)
    with tracing.span("GET", TRACE):
        assert tracing._tracer is None


def test_spans_of_one_command_share_its_trace_and_are_out_when_the_process_stops(
    collector: tuple[str, list[ExportTraceServiceRequest]],
) -> None:
    address, heard = collector
    tracing.configure("vip", address, 1.0)
    with tracing.span("POST", TRACE), tracing.span("activity.taken", TRACE):
        pass
    tracing.stop()
    spans = [
        span
        for batch in heard
        for resource in batch.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    assert {span.name for span in spans} == {"POST", "activity.taken"}
    assert {span.trace_id.hex() for span in spans} == {TRACE}


def test_a_strangers_trace_is_linked_and_not_joined(
    collector: tuple[str, list[ExportTraceServiceRequest]],
) -> None:
    address, heard = collector
    tracing.configure("gateway", address, 1.0)
    with tracing.span("POST", TRACE, ("f" * 32, "e" * 16)):
        pass
    tracing.stop()
    (span,) = heard[0].resource_spans[0].scope_spans[0].spans
    assert span.trace_id.hex() == TRACE
    assert [(link.trace_id.hex(), link.span_id.hex()) for link in span.links] == [
        ("f" * 32, "e" * 16)
    ]


def test_a_share_of_nothing_exports_nothing(
    collector: tuple[str, list[ExportTraceServiceRequest]],
) -> None:
    address, heard = collector
    tracing.configure("vip", address, 0.0)
    with tracing.span("POST", TRACE):
        pass
    tracing.stop()
    assert heard == []
