"""HTTP in: parse, one use case or query, render."""

from services.vip.api import places, vips

# Places first: "/vip/places" would match "/vip/{vip_id}".
ROUTERS = (places.router, vips.router)
