"""The cooldown between two takes."""

from datetime import UTC, datetime, timedelta

from services.gateway.domain.cooldown import ready_at


def test_a_seller_takes_again_after_the_cooldown_of_the_room() -> None:
    taken_at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    milliseconds = int(taken_at.timestamp() * 1000) + 250
    assert ready_at(milliseconds, {"retake_cooldown_seconds": "60"}) == taken_at + timedelta(
        seconds=60, milliseconds=250
    )
