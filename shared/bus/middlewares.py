"""FastStream's middlewares for metrics and traces, fed by batches of raw records.

The library's own settings would join all values of a batch to learn their size, and take the first
record's topic for everybody's.
"""

from typing import Any

from faststream.message import StreamMessage
from faststream.prometheus import ConsumeAttrs
from faststream.prometheus.middleware import PrometheusMiddleware

from shared import tracing
from shared.metrics import Metrics


def metrics_middleware(consumer: str, metrics: Metrics) -> PrometheusMiddleware[Any, Any]:
    """Batches: how many records, how large, for how long, how many at this moment, which errors."""
    settings = _MetricsSettings(consumer)
    return PrometheusMiddleware(
        settings_provider_factory=lambda _: settings,
        registry=metrics.registry,
        app_name=consumer,
        metrics_prefix=metrics.prefix,
    )


def tracing_middleware(consumer: str) -> Any:
    """A span for each batch; None where nothing is traced.

    It is a trace of its own: what follows from one event is in the trace that its
    `ce_correlationid` names.
    """
    provider = tracing.provider()
    if provider is None:
        return None
    from faststream.opentelemetry.middleware import TelemetryMiddleware

    settings = _TracingSettings(consumer)
    return TelemetryMiddleware(
        settings_provider_factory=lambda _: settings, tracer_provider=provider
    )


class _MetricsSettings:
    messaging_system = "kafka"

    def __init__(self, consumer: str) -> None:
        self._consumer = consumer

    def get_consume_attrs_from_message(self, msg: StreamMessage[Any]) -> ConsumeAttrs:
        return {
            "destination_name": self._consumer,
            "message_size": sum(len(record.value or b"") for record in msg.raw_message),
            "messages_count": len(msg.raw_message),
        }

    def get_publish_destination_name_from_cmd(self, cmd: Any) -> str:
        return str(cmd.destination)


class _TracingSettings:
    messaging_system = "kafka"

    def __init__(self, consumer: str) -> None:
        self._consumer = consumer

    def get_consume_attrs_from_message(self, msg: StreamMessage[Any]) -> dict[str, Any]:
        return {
            "messaging.system": self.messaging_system,
            "messaging.batch.message_count": len(msg.raw_message),
        }

    def get_consume_destination_name(self, _: StreamMessage[Any]) -> str:
        return self._consumer

    def get_publish_attrs_from_cmd(self, _: Any) -> dict[str, Any]:
        return {"messaging.system": self.messaging_system}

    def get_publish_destination_name(self, cmd: Any) -> str:
        return str(cmd.destination)
