"""The six numbers of a room, as they hold until a company sets them.

0 days or seconds switch a rule off.
"""

from collections.abc import Mapping

DEFAULTS: Mapping[str, int] = {
    "activity_reset_days": 14,
    "retake_cooldown_seconds": 60,
    "vip_in_development_limit": 10,
    "vip_by_receipts_limit": 20,
    "vip_reset_days": 30,
    "renewal_horizon_days": 30,
}
