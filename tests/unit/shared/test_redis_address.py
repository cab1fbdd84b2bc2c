"""What SALES_REDIS_URL may name."""

import pytest

from shared.redis_address import RedisAddress


def test_one_server_is_named_as_ever() -> None:
    address = RedisAddress.parse("redis://:secret@host:6380/2")
    assert (address.kind, address.url) == ("", "redis://:secret@host:6380/2")


def test_a_cluster_is_named_by_some_of_its_nodes() -> None:
    address = RedisAddress.parse("rediss+cluster://user:se%40cret@one,two:7000")
    assert address.kind == "cluster" and address.encrypts
    assert address.endpoints == (("one", 6379), ("two", 7000))
    assert address.node_url(("::1", 7001)) == "rediss://user:se%40cret@[::1]:7001"


def test_sentinels_are_named_with_the_master() -> None:
    address = RedisAddress.parse("redis+sentinel://:secret@one,two:26380/sales")
    assert address.endpoints == (("one", 26379), ("two", 26380))
    assert address.service == "sales"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("redis+ring://one", "not \\+ring"),
        ("redis+sentinel://one", "add /name"),
        ("redis+cluster://one,,two", "host and port"),
    ],
)
def test_an_address_that_makes_no_sense_is_refused(url: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        RedisAddress.parse(url)
