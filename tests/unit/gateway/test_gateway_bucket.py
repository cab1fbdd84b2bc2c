"""Token buckets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.bucket import Bucket

COSTS = st.tuples(st.floats(0, 1), st.sampled_from([1.0, 4.0, 8.0]))


@given(st.lists(COSTS, max_size=200), st.floats(1, 50), st.floats(8, 100))
def test_a_bucket_passes_at_most_its_rate_and_one_burst(
    requests: list[tuple[float, float]], rate: float, burst: float
) -> None:
    now, bucket, passed = 0.0, Bucket.full(rate, burst, 0.0), 0.0
    for pause, cost in requests:
        now += pause
        if bucket.take(cost, now) == 0:
            passed += cost
    assert passed <= burst + rate * now + 1e-6


def test_an_empty_bucket_names_the_seconds_to_wait() -> None:
    bucket = Bucket.full(2, 2, 0.0)
    assert [bucket.take(1, 0.0) for _ in range(2)] == [0, 0]
    assert bucket.take(1, 0.0) == pytest.approx(0.5)
    assert bucket.take(1, 0.25) == pytest.approx(0.25)
    assert bucket.take(1, 0.5) == 0


def test_a_bucket_refills_to_one_burst() -> None:
    bucket = Bucket.full(2, 4, 0.0)
    assert [bucket.take(2, 100.0) for _ in range(3)] == [0, 0, pytest.approx(1)]


def test_what_costs_more_than_a_burst_passes_a_full_bucket_and_is_paid_off() -> None:
    bucket = Bucket.full(1, 4, 0.0)
    assert bucket.take(6, 0.0) == 0
    assert bucket.level == -2
    assert bucket.take(1, 0.0) == pytest.approx(3)


def test_debts_have_an_end() -> None:
    bucket = Bucket.full(1, 5, 0.0)
    bucket.spend(1_000)
    assert bucket.wait(0.0) == pytest.approx(6)
    assert bucket.wait(6.0) == 0


def test_what_others_spent_counts_and_so_does_what_is_not_reported_yet() -> None:
    bucket = Bucket.full(1, 10, 0.0)
    bucket.take(4, 0.0)
    bucket.adopt(3.0, 0.0)
    assert bucket.level == -1
    assert bucket.take(1, 0.0) == pytest.approx(2)


def test_what_is_given_back_is_not_reported() -> None:
    bucket = Bucket.full(1, 10, 0.0)
    bucket.take(4, 0.0)
    bucket.give_back(4)
    assert (bucket.level, bucket.unreported) == (10, 0)


def test_a_wait_is_the_shorter_the_faster_it_refills() -> None:
    bucket = Bucket(rate=4.0, burst=8.0, level=0.0, at=0.0)
    assert bucket.wait(0.0) == pytest.approx(0.25)
    assert bucket.wait(0.25) == 0


def test_all_that_was_spent_here_is_to_be_reported() -> None:
    bucket = Bucket.full(1, 10, 0.0)
    bucket.spend(2)
    bucket.spend(3)
    assert bucket.unreported == 5
