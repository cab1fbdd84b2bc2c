"""The settings of topics that exist already, put right where they are not what the product needs.

A topic that somebody made by hand, or that an older release made, may lose what must be kept.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

MIN_INSYNC = "min.insync.replicas"
_SET_ON_TOPIC = 1
"""Where Kafka says that a setting comes from: set on the topic itself, not a broker's default."""


class Refused(Exception):
    """Kafka does not let a topic's settings be read or changed; the text says why."""


def min_insync(replicas: int) -> int:
    """How many replicas must hold a record before it is acknowledged, so that the loss of one
    broker loses nothing and, from three on, stops nobody either.
    """
    return (replicas + 1) // 2


async def align(admin: AIOKafkaAdminClient, declared: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Gives each topic the settings `declared` for it, and as many replicas in sync as it has
    copies for; the changes in words. Settings that are not ours to set stay.

    Raises `Refused`.
    """
    copies = {
        topic["topic"]: min(len(partition["replicas"]) for partition in topic["partitions"])
        for topic in await admin.describe_topics(list(declared))
        if topic["partitions"]
    }
    changes: list[str] = []
    altered: list[ConfigResource] = []
    for name, present in (await _settings(admin, declared)).items():
        right = {**declared[name], MIN_INSYNC: str(min_insync(copies.get(name, 1)))}
        wrong = {key: value for key, value in right.items() if present.get(key) != value}
        changes += [
            f"{name}: {key} {present.get(key, 'unset')} -> {value}" for key, value in wrong.items()
        ]
        if wrong:
            # Kafka forgets what is not named.
            altered.append(ConfigResource(ConfigResourceType.TOPIC, name, {**present, **right}))
    if altered:
        for response in await admin.alter_configs(altered):
            _check((code, text, name) for code, text, _, name, *_ in response.resources)
    return changes


async def _settings(admin: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """What is set on each topic itself."""
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    settings: dict[str, dict[str, str]] = {}
    for response in await admin.describe_configs(asked):
        _check((code, text, name) for code, text, _, name, *_ in response.resources)
        for _, _, _, name, entries in (resource[:5] for resource in response.resources):
            settings[name] = {
                key: value for key, value, _, source, *_ in entries if source == _SET_ON_TOPIC
            }
    return settings


def _check(outcomes: Iterable[tuple[Any, Any, Any]]) -> None:
    for code, text, name in outcomes:
        if code:
            raise Refused(f"Kafka refused the settings of {name}: error {code} {text or ''}")
