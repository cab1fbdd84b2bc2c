"""Which VIPs would have had no place by other limits."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.vip.domain.what_if import Change, Limits, without_place
from shared.ids import EmployeeId, VipId
from shared.vocabulary import VipKind

SINCE = datetime(2026, 7, 1, tzinfo=UTC)
ANNA, BORIS = (EmployeeId(UUID(int=number)) for number in (1, 2))
DEVELOPMENT: VipKind = "in_development"
RECEIPTS: VipKind = "by_receipts"


def change(
    day: float, vip: int, holder: EmployeeId | None = ANNA, kind: VipKind | None = DEVELOPMENT
) -> Change:
    at = SINCE + timedelta(days=day)
    return Change(VipId(UUID(int=vip)), 1, at, holder, kind if holder else None)


@pytest.mark.parametrize(
    ("changes", "limits", "missing"),
    [
        ([change(1, 1), change(2, 2)], (2, 0), []),
        ([change(1, 1), change(2, 2)], (1, 0), [(2, 2, 1)]),
        ([change(1, 1), change(2, 2)], (0, 0), [(1, 1, 0), (2, 2, 0)]),
        ([change(1, 1), change(1, 2, BORIS)], (1, 0), []),
        # Who was held as the quarter began stays, though there is one too many.
        ([change(-2, 1), change(-1, 2), change(3, 3)], (1, 0), [(3, 3, 2)]),
        # One without a place takes none from those that come later.
        ([change(1, 1), change(2, 2), change(3, 1, None), change(4, 3)], (1, 0), [(2, 2, 1)]),
        # It is not there before it is held anew.
        (
            [change(1, 1), change(2, 2), change(3, 2, kind=RECEIPTS), change(4, 3, kind=RECEIPTS)],
            (1, 1),
            [(2, 2, 1)],
        ),
        (
            [change(1, 1), change(2, 2), change(3, 2, None), change(4, 1, None), change(5, 2)],
            (1, 0),
            [(2, 2, 1)],
        ),
        # Without a place by receipts it keeps the one in development.
        (
            [change(1, 1), change(2, 1, kind=RECEIPTS), change(3, 2)],
            (1, 0),
            [(2, 1, 0), (3, 2, 1)],
        ),
        ([change(1, 1), change(2, 1, kind=RECEIPTS), change(3, 2)], (1, 1), []),
        # Who leaves makes room for who comes at the same moment.
        ([change(1, 1), change(2, 2), change(2, 1, None)], (1, 0), []),
        ([change(1, 1), change(2, 1, BORIS), change(3, 2)], (1, 0), []),
    ],
)
def test_a_vip_has_no_place_beyond_the_limit(
    changes: list[Change], limits: tuple[int, int], missing: list[tuple[float, int, int]]
) -> None:
    found = without_place(changes, {DEVELOPMENT: limits[0], RECEIPTS: limits[1]}, SINCE)
    assert [(each.at, each.vip_id.int, each.held) for each in found] == [
        (SINCE + timedelta(days=day), vip, held) for day, vip, held in missing
    ]


@pytest.mark.parametrize("seed", range(20))
def test_limits_that_held_in_fact_leave_nobody_out_in_any_order(seed: int) -> None:
    chance = random.Random(seed)
    limits: Limits = {DEVELOPMENT: chance.randint(1, 4), RECEIPTS: chance.randint(1, 3)}
    held: dict[int, tuple[EmployeeId, VipKind]] = {}
    changes = []
    for hour in range(400):
        vip, seller = chance.randint(1, 12), chance.choice([ANNA, BORIS])
        kind = chance.choice([DEVELOPMENT, RECEIPTS])
        others = [place for number, place in held.items() if number != vip]
        if vip in held and chance.random() < 0.4:
            del held[vip]
            changes.append(change(hour / 24 - 4, vip, None))
        elif others.count((seller, kind)) < limits[kind]:
            held[vip] = seller, kind
            changes.append(change(hour / 24 - 4, vip, seller, kind))
    chance.shuffle(changes)
    assert without_place(changes, limits, SINCE) == []
    fewer: Limits = {kind: limit - 1 for kind, limit in limits.items()}
    assert without_place(changes, fewer, SINCE) == without_place(changes[::-1], fewer, SINCE) != []
