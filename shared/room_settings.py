"""The six numbers of a room, as they hold until a company sets them, and the notice of a change.

0 days or seconds switch a rule off.
"""

from collections.abc import Mapping
from datetime import timedelta

DEFAULTS: Mapping[str, int] = {
    "activity_reset_days": 14,
    "retake_cooldown_seconds": 60,
    "vip_in_development_limit": 10,
    "vip_by_receipts_limit": 20,
    "vip_reset_days": 30,
    "renewal_horizon_days": 30,
}
NOTICE = timedelta(hours=24)
"""How long after a change a shorter period of reset takes nothing that had time left."""
