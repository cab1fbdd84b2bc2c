"""The published language; importing it registers every type."""

from shared.events import activities, directory, jobs, motivation, people, vip
from shared.events.base import (
    ACTIVITIES,
    JOBS,
    MOTIVATION,
    PEOPLE,
    REGISTRY,
    TOPICS,
    VIP,
    Envelope,
    Event,
    PublishedEvent,
    Unreadable,
    headers,
    key,
    read_envelope,
    read_event,
)

__all__ = [
    "ACTIVITIES",
    "JOBS",
    "MOTIVATION",
    "PEOPLE",
    "REGISTRY",
    "TOPICS",
    "VIP",
    "Envelope",
    "Event",
    "PublishedEvent",
    "Unreadable",
    "activities",
    "directory",
    "headers",
    "jobs",
    "key",
    "motivation",
    "people",
    "read_envelope",
    "read_event",
    "vip",
]
