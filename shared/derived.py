"""Values that are derived once: a property is computed at the first look and kept.

As `functools.cached_property`, whose lock costs more in Python 3.11 than most of what we derive.
"""

from propcache.api import cached_property as derived

__all__ = ["derived"]
