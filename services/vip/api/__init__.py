"""HTTP in: parse, one use case or query, render."""

from services.vip.api import groups, places, vips, what_if

# "/vip/places" would match "/vip/{vip_id}", which so comes last.
ROUTERS = (groups.router, places.router, what_if.router, vips.router)
