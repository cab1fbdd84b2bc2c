"""What a company may choose for a room beside the six numbers; without a choice nothing of it binds
anybody.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class RoomOptions:
    """`warn_before_hours` lie between the warning of a reset and the reset, 0 for no warning.
    `work_limit` is how many activities one seller may have in work there, None for any number.
    """

    warn_before_hours: int = 24
    work_limit: int | None = None

    @property
    def warn_before(self) -> timedelta:
        return timedelta(hours=self.warn_before_hours)


DEFAULT_OPTIONS = RoomOptions()
