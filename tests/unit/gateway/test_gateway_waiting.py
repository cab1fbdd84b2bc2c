"""The wait after wrong passwords."""

import pytest

from services.gateway.domain.waiting import Tries, wait_after


@pytest.mark.parametrize(
    ("wrong", "seconds"),
    [(0, 0), (1, 0), (4, 0), (5, 5), (6, 10), (7, 20), (8, 40), (10, 160), (11, 300), (500, 300)],
)
def test_every_wrong_try_after_the_fifth_waits_longer(wrong: int, seconds: int) -> None:
    assert wait_after(wrong, free=5) == seconds


def test_tries_count_until_their_window_ends() -> None:
    tries = Tries()
    for _ in range(5):
        tries = tries.after_wrong(free=5, now=1000)
    assert (tries.wait(1000), tries.wait(1004.2), tries.wait(1005)) == (5, 1, 0)
    assert tries.after_wrong(free=5, now=1299).wrong == 6
    assert tries.after_wrong(free=5, now=1300).wrong == 1
