"""Topics and their settings, as provisioning makes them."""

import pytest

from deploy.provision import topics
from deploy.topic_settings import min_insync


@pytest.mark.parametrize(("replicas", "in_sync"), [(1, 1), (2, 1), (3, 2), (5, 3)])
def test_one_broker_may_be_lost_without_a_loss(replicas: int, in_sync: int) -> None:
    assert min_insync(replicas) == in_sync


@pytest.mark.parametrize(("replication", "in_sync"), [("1", "1"), ("3", "2")])
def test_every_topic_says_how_many_replicas_acknowledge(replication: str, in_sync: str) -> None:
    made = list(topics({"SALES_REPLICATION": replication}))
    assert {topic.topic_configs["min.insync.replicas"] for topic in made} == {in_sync}
