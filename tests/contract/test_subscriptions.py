"""Who reads which topic: what is deployed and documented is what the services subscribe to."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from shared.bus.subscription import Subscription
from shared.contracts import services
from shared.events import REGISTRY

ROOT = Path(__file__).parents[2]
_SHARED = {
    "sales.inbound-payments.v1": {"erp"},
    "sales.inbound-payouts.v1": {"payroll"},
    "sales.jobs.v1": {"activities", "vip", "motivation"},
    "sales.people.v1": {"activities"},
}


@pytest.fixture(scope="module")
def subscriptions() -> dict[str, Subscription]:
    return services.subscriptions(ROOT)


@pytest.fixture(scope="module")
def deployed() -> dict[str, Any]:
    return tomllib.loads((ROOT / "deploy" / "topics.toml").read_text())


def test_every_service_has_a_subscription(subscriptions: dict[str, Subscription]) -> None:
    assert list(subscriptions) == services.names(ROOT)


def test_deployed_readers_are_the_subscribed_services(
    subscriptions: dict[str, Subscription], deployed: dict[str, Any]
) -> None:
    assert {topic: set(entry["readers"]) for topic, entry in deployed.items()} == {
        topic: {
            service
            for service, subscription in subscriptions.items()
            if topic in subscription.topics
        }
        for topic in deployed
    }


def test_deployed_writers_are_the_owners_of_what_is_published(deployed: dict[str, Any]) -> None:
    """Whoever else could write would speak for the owner."""
    owners = {f"sales.{name}.v1": {name} for name in services.names(ROOT)}
    for topic, entry in deployed.items():
        assert set(entry["writers"]) == owners.get(topic, _SHARED.get(topic)), topic


def test_a_service_subscribes_to_the_topics_of_what_it_handles(
    subscriptions: dict[str, Subscription],
) -> None:
    for service, subscription in subscriptions.items():
        topics = {REGISTRY[event_type].topic for event_type in subscription.types}
        assert topics == set(subscription.topics), service


def test_the_asyncapi_document_names_what_each_service_handles(
    subscriptions: dict[str, Subscription],
) -> None:
    document = json.loads((ROOT / "docs/events/asyncapi.json").read_text())
    received: dict[str, set[str]] = {service: set() for service in subscriptions}
    for operation in document["operations"].values():
        if operation["action"] == "receive":
            (service,) = operation["bindings"]["kafka"]["groupId"]["enum"]
            received[service] |= {
                message["$ref"].rpartition("/")[2] for message in operation["messages"]
            }
    assert received == {
        service: {*subscription.types, *(["tombstone"] if subscription.handles_erasures else [])}
        for service, subscription in subscriptions.items()
    }
