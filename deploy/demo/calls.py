"""Calls as the demo's telephony reports them: a stranger whom a seller answered, and one whose call
nobody took.
"""

from typing import Any

from deploy.demo.directory import Tenant

OURS = "+74957000001"
"""A number of ours, as `messages` has it."""
REPORTS: tuple[dict[str, Any], ...] = (
    {
        "call_id": "demo-call-1",
        "direction": "incoming",
        "state": "answered",
        "client_number": "89165550131",
        "our_number": OURS,
        "extension": "101",
        "duration": 184,
        "recording_url": "https://pbx.demo.example/recordings/demo-call-1.mp3",
    },
    {
        "call_id": "demo-call-2",
        "direction": "incoming",
        "state": "missed",
        "client_number": "79165550132",
        "our_number": OURS,
    },
)


async def calls(tenant: Tenant) -> None:
    """The extension of a seller, and two calls to the room, each once."""
    seller = tenant.sellers("new")[0]
    path = f"/employees/{seller.id}/extensions"
    await tenant.admin.do("extensions", path, {"extensions": ["101"]}, "PUT")
    for report in REPORTS:
        await seller.do(f"calls/{report['call_id']}", "/inbound/calls", report)
