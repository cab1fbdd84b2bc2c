"""The envelope and the topics, described once for AsyncAPI and for docs/events/README.md."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.events import (
    ACTIVITIES,
    INBOUND_PAYMENTS,
    INBOUND_PAYOUTS,
    JOBS,
    MOTIVATION,
    PEOPLE,
    VIP,
)

UUID = {"type": "string", "format": "uuid"}


@dataclass(frozen=True, slots=True)
class Header:
    """A CloudEvents attribute as a Kafka header; values are UTF-8 text."""

    name: str
    schema: dict[str, Any]
    means: str
    always: bool = True


HEADERS = (
    Header("ce_specversion", {"type": "string", "const": "1.0"}, "CloudEvents 1.0, binary mode"),
    Header("ce_id", UUID, "the event's own id (UUIDv7); the same when it is delivered again"),
    Header("ce_type", {"type": "string"}, "the event's type, `noun.past`"),
    Header(
        "ce_source",
        {"type": "string", "pattern": "^/sales/[a-z]+$"},
        "the service that sent it, `/sales/activities`",
    ),
    Header(
        "ce_dataschema",
        {"type": "string", "pattern": "^/schemas/[a-z_.]+/v[0-9]+$"},
        "schema and version of the data: `schemas/` here",
    ),
    Header("ce_time", {"type": "string", "format": "date-time"}, "when it was stored, UTC"),
    Header(
        "ce_subject",
        {"type": "string", "pattern": "^[a-z_]+/[0-9a-f-]{36}$"},
        "the aggregate, `noun/id`",
    ),
    Header("ce_tenantid", UUID, "the tenant; a topic holds every tenant"),
    Header(
        "ce_aggregateversion",
        {"type": "string", "pattern": "^[1-9][0-9]*$"},
        "the aggregate's version after this event, from 1",
    ),
    Header(
        "ce_correlationid",
        {"type": "string"},
        "the trace of the request that led to it",
        always=False,
    ),
    Header(
        "ce_causationid",
        {"type": "string"},
        "`ce_id` of the event that caused this one",
        always=False,
    ),
    Header("content-type", {"type": "string", "const": "application/json"}, "JSON, UTF-8"),
)

DEAD_LETTER_HEADERS = (
    Header("dl_topic", {"type": "string"}, "the record's topic"),
    Header("dl_partition", {"type": "string", "pattern": "^[0-9]+$"}, "its partition"),
    Header("dl_offset", {"type": "string", "pattern": "^[0-9]+$"}, "its offset"),
    Header("dl_consumer", {"type": "string"}, "the service that could not apply it"),
    Header("dl_reason", {"type": "string"}, "the reason, without the record's contents"),
    Header("dl_at", {"type": "string", "format": "date-time"}, "the moment, UTC"),
    Header(
        "dl_value",
        {"type": "string"},
        "present where the value was too large to keep",
        always=False,
    ),
)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as a reader sees it. `readers` are our own services; `settings` the broker's."""

    name: str
    sender: str
    about: str
    readers: tuple[str, ...]
    settings: dict[str, str]

    @property
    def compacted(self) -> bool:
        return self.settings.get("cleanup.policy") == "compact"

    @property
    def kept(self) -> str:
        """How long records stay."""
        if self.compacted:
            return "compacted"
        milliseconds = int(self.settings["retention.ms"])
        return "for ever" if milliseconds < 0 else f"{milliseconds // 3_600_000} hours"


_ABOUT = {
    ACTIVITIES: (
        "Directory, clients, activities and their chain from first interest to money and signed"
        " documents."
    ),
    VIP: "Who holds which very important client, and why.",
    MOTIVATION: "Pay: plans in force, accruals, corrections, adjustments, closed statements.",
    INBOUND_PAYMENTS: "Payments that a bank or an ERP of the installation reports.",
    INBOUND_PAYOUTS: "What a payroll system of the installation answers for statements of pay.",
    JOBS: "How background jobs get on, for live updates.",
    PEOPLE: (
        "What identifies people, and the text they typed: a record is the present state, a"
        " tombstone an erasure."
    ),
}


def topics(root: Path) -> list[Topic]:
    """Every topic, as `deploy/topics.toml` under `root` sets it up."""
    declared = tomllib.loads((root / "deploy" / "topics.toml").read_text())
    return [
        Topic(
            name,
            ", ".join(sorted(entry["writers"])),
            _ABOUT[name],
            tuple(entry["readers"]),
            entry["settings"],
        )
        for name, entry in declared.items()
    ]


def schema_of(described: tuple[Header, ...]) -> dict[str, Any]:
    """An object schema of such headers."""
    return {
        "type": "object",
        "properties": {
            header.name: header.schema | {"description": header.means} for header in described
        },
        "required": [header.name for header in described if header.always],
    }
