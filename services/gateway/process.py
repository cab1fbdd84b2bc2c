"""The gateway's process: its consumer, its timer, and what it opens and closes."""

from functools import partial

from services.gateway.accounts.audit import prune
from services.gateway.accounts.token_keys import READ_EVERY_SECONDS
from services.gateway.parts import NAME, GatewayParts
from services.gateway.projections.consumer import ProjectionContext, subscription
from services.gateway.projections.reconciliation import Reconciliation, Suspects
from services.gateway.projections.self_healing import SelfHealing
from services.gateway.reminders.channels import Channel, EmailChannel
from services.gateway.reminders.consumer import reminder_consumer
from services.gateway.reminders.delivering import Delivery
from services.gateway.reminders.pruning import prune_notices
from services.gateway.reminders.push import PushChannel
from services.gateway.reminders.telegram import POLL_SECONDS, TelegramChannel
from services.gateway.reminders.timers import Reminders
from shared.bus.consumer import Consumer
from shared.bus.parking import Parking
from shared.db.pruning import prune as prune_old
from shared.process import RunningTimer, ServiceProcess
from shared.service import worker_of
from shared.tenant_turns import TenantTurns


def build_process(parts: GatewayParts) -> ServiceProcess:
    """Nothing is opened yet."""
    api, settings = parts.api, parts.api.settings
    worker = worker_of(NAME, settings)
    suspects = Suspects()
    consumer = Consumer(
        NAME,
        settings.kafka,
        settings.namespace,
        subscription,
        ProjectionContext(api.database, parts.projector, api.generations, suspects),
        api.metrics,
        Parking(api.database, worker),
        settings.dead_letters_per_minute,
    )
    reconciliation = Reconciliation(
        api.database,
        api.upstreams,
        api.metrics,
        suspects,
        api.callers.invalidate,
        settings.reconcile_every_seconds,
    )
    turns = TenantTurns(api.metrics)
    push = (
        PushChannel(api.database, api.vapid_key, settings.push_insecure) if api.vapid_key else None
    )
    channels: list[Channel] = [push] if push else []
    if api.mailer.is_set:
        channels.append(EmailChannel(api.mailer))
    if api.telegram:
        channels.append(TelegramChannel(api.telegram, api.database))
    reminders = Reminders(
        api.database,
        worker,
        api.generations,
        api.metrics,
        turns,
        [Delivery(api.database, channel, api.metrics, settings.public_url) for channel in channels],
    )
    healing = SelfHealing(api.generations, parts.rebuild(), api.metrics)
    return ServiceProcess(
        NAME,
        settings,
        api.metrics,
        api.database,
        worker,
        topics=subscription.topics,
        consumers=[consumer],
        side_consumers=[reminder_consumer(settings, api.database, api.metrics)],
        degraded=turns.degraded,
        timers=[
            RunningTimer("self_healing", 1.0, healing.check, api.metrics),
            RunningTimer(
                "token_keys", READ_EVERY_SECONDS, api.callers.load_token_keys, api.metrics
            ),
            RunningTimer("reconciliation", 1.0, reconciliation.check, api.metrics),
            # No relay runs here, which does it in other services.
            RunningTimer(
                "idempotency_pruning",
                60,
                partial(prune_old, worker.fetch, "idempotent_response"),
                api.metrics,
            ),
            RunningTimer(
                "inbox_pruning", 60, partial(prune_old, worker.fetch, "inbox"), api.metrics
            ),
            *reminders.timers(),
            *(
                [RunningTimer("messenger", POLL_SECONDS, api.messenger_links.poll, api.metrics)]
                if api.messenger_links
                else []
            ),
            RunningTimer("notification_pruning", 60, partial(prune_notices, worker), api.metrics),
            RunningTimer(
                "audit_pruning", 3600, partial(prune, worker, settings.audit_days), api.metrics
            ),
        ],
        opens=[
            worker.open,
            api.upstreams.open,
            api.hub.open,
            api.audit.open,
            api.callers.load_token_keys,
            parts.buckets.open,
            api.password_links.open,
            api.oidc_client.open,
            *([push.open] if push else []),
            *([api.telegram.open] if api.telegram else []),
        ],
        closes=[
            *([push.close] if push else []),
            *([api.telegram.close] if api.telegram else []),
            api.password_links.close,
            parts.buckets.close,
            api.hub.close,
            api.upstreams.close,
            api.passwords.close,
            api.oidc_client.close,
            api.audit.close,
            worker.close,
            parts.store.close,
        ],
    )
