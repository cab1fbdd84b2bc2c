"""Token buckets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.bucket import Bucket


@given(st.lists(st.floats(0, 1), max_size=200), st.floats(1, 50))
def test_a_bucket_passes_at_most_its_rate_and_one_burst(pauses: list[float], rate: float) -> None:
    now, bucket, passed = 0.0, Bucket.full(rate, 0.0), 0
    for pause in pauses:
        now += pause
        passed += bucket.take(now) == 0
    assert passed <= rate + rate * now + 1e-6


def test_an_empty_bucket_names_the_seconds_to_wait() -> None:
    bucket = Bucket.full(2, 0.0)
    assert [bucket.take(0.0) for _ in range(2)] == [0, 0]
    assert bucket.take(0.0) == pytest.approx(0.5)
    assert bucket.take(0.25) == pytest.approx(0.25)
    assert bucket.take(0.5) == 0


def test_a_bucket_refills_to_one_seconds_worth() -> None:
    bucket = Bucket.full(2, 0.0)
    assert [bucket.take(100.0) for _ in range(3)] == [0, 0, pytest.approx(0.5)]


def test_a_slow_bucket_holds_one_request() -> None:
    bucket = Bucket.full(0.5, 0.0)
    assert bucket.level == 1
    assert bucket.take(0.0) == 0
    assert bucket.take(100.0) == 0
    assert bucket.take(100.0) == pytest.approx(2)
