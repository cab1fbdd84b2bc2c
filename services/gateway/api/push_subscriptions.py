"""The browsers of the caller that push messages go to."""

from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from services.gateway.api.dependencies import AnyCaller, ApiParts, Parts
from services.gateway.reminders.push import VapidKey, are_keys, is_endpoint
from services.gateway.storage import push_subscriptions
from shared.clock import Moment
from shared.errors import Invalid, NotConfigured, NotFound
from shared.ids import derived_id
from shared.text import Storable

router = APIRouter(prefix="/me/push-subscriptions", tags=["notifications"])


class PushKeys(BaseModel):
    """The keys of a browser's subscription, as it gives them."""

    model_config = ConfigDict(extra="forbid")

    p256dh: Annotated[Storable, Field(max_length=100, description="Its public key, base64url.")]
    auth: Annotated[Storable, Field(max_length=50, description="Its secret, base64url.")]


class NewPushSubscription(BaseModel):
    """A browser's subscription, as `PushSubscription.toJSON()` gives it."""

    model_config = ConfigDict(extra="ignore")

    endpoint: Annotated[
        Storable,
        Field(
            max_length=2_000,
            description="Where its push service takes messages: https, a name on the internet.",
            examples=["https://push.example.com/send/abc"],
        ),
    ]
    keys: Annotated[PushKeys, Field(description="By which messages are encrypted to it.")]


class PushSubscriptionView(BaseModel):
    """A browser that messages go to."""

    id: UUID
    push_service: str = Field(
        description="The host of its push service.", examples=["push.example.com"]
    )
    created_at: Moment


class PushSubscriptionsView(BaseModel):
    """The caller's browsers, and the key to subscribe a further one by."""

    public_key: str = Field(
        description="`applicationServerKey` of `PushManager.subscribe`, base64url."
    )
    items: list[PushSubscriptionView] = Field(description="The oldest first; 10 at most.")


@router.get("")
async def list_push_subscriptions(caller: AnyCaller, parts: Parts) -> PushSubscriptionsView:
    """My browsers that messages are pushed to; 409 `not_configured` where nothing is pushed."""
    key = _key(parts)
    async with parts.database.begin_for(caller.tenant_id) as tx:
        rows = await push_subscriptions.of_person(tx, caller.employee_id)
    return PushSubscriptionsView(public_key=key.public, items=[_view(row) for row in rows])


@router.post("", status_code=201)
async def add_push_subscription(
    caller: AnyCaller, new: NewPushSubscription, parts: Parts
) -> PushSubscriptionView:
    """Push messages to this browser of mine; the same one again renews its keys. The eleventh takes
    the place of the oldest.
    """
    _key(parts)
    if not is_endpoint(new.endpoint, parts.settings.push_insecure):
        raise Invalid("endpoint", "push_endpoint")
    if not are_keys(new.keys.p256dh, new.keys.auth):
        raise Invalid("keys", "push_keys")
    id_ = derived_id(caller.employee_id, new.endpoint)
    async with parts.database.begin(caller) as tx:
        row = await push_subscriptions.put(
            tx, id_, caller.employee_id, new.endpoint, new.keys.p256dh, new.keys.auth
        )
    return _view(row)


@router.delete("/{subscription_id}", status_code=204)
async def remove_push_subscription(
    caller: AnyCaller, subscription_id: UUID, parts: Parts
) -> Response:
    """Push no more messages to this browser of mine."""
    async with parts.database.begin(caller) as tx:
        if not await push_subscriptions.remove(tx, caller.employee_id, subscription_id):
            raise NotFound("push_subscription")
    return Response(status_code=204)


def _key(parts: ApiParts) -> VapidKey:
    if parts.vapid_key is None:
        raise NotConfigured("push")
    return parts.vapid_key


def _view(row: Any) -> PushSubscriptionView:
    return PushSubscriptionView(
        id=row["id"],
        push_service=urlsplit(row["endpoint"]).hostname or "",
        created_at=row["created_at"],
    )
