"""The gateway's parts, built in one place from its settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from services.gateway.accounts.audit import AuditTrail
from services.gateway.accounts.callers import Callers
from services.gateway.accounts.log_in import LogIn
from services.gateway.accounts.mail import Mailer, MailServer
from services.gateway.accounts.oidc import OutsideLogIn
from services.gateway.accounts.oidc_client import OidcClient
from services.gateway.accounts.password_changes import PasswordChanges
from services.gateway.accounts.password_links import PasswordLinks
from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.second_factor import SecondFactors
from services.gateway.accounts.sessions import Lifetimes, Sessions
from services.gateway.accounts.throttle import Throttle
from services.gateway.accounts.tokens import AccessTokens
from services.gateway.api import own_answers
from services.gateway.api.dependencies import ApiParts
from services.gateway.edge.fair_use import FairUse, FairUseLimits
from services.gateway.edge.openapi import Document
from services.gateway.edge.proxy import Proxy
from services.gateway.edge.public_api import PublicApi
from services.gateway.edge.shared_buckets import SharedBuckets
from services.gateway.edge.uploads import UploadTurns
from services.gateway.edge.upstream import Upstreams
from services.gateway.live.hub import Hub
from services.gateway.live.stream_limits import StreamLimits
from services.gateway.live.streams import Streams
from services.gateway.metrics import GatewayMetrics
from services.gateway.projections.projector import Projector
from services.gateway.projections.rebuild import Rebuild
from services.gateway.projections.write_through import WriteThrough
from services.gateway.read_models.activity_cache import ActivityCache
from services.gateway.read_models.generations import Generations
from services.gateway.read_models.store import Store
from services.gateway.reminders.push import VapidKey
from services.gateway.reminders.telegram import MessengerLinks, TelegramBot
from services.gateway.settings import GatewaySettings
from shared.fair_turns import FairTurns
from shared.internal_tokens import TokenIssuer
from shared.redis_address import RedisAddress
from shared.secret_box import SecretBox
from shared.service import database_of, keys_of

NAME = "gateway"


@dataclass(frozen=True, kw_only=True)
class GatewayParts:
    """Everything that the gateway's process is made of."""

    store: Store
    projector: Projector
    buckets: SharedBuckets
    fair_use: FairUse
    uploads: UploadTurns
    api: ApiParts
    public_api: PublicApi

    @classmethod
    def build(cls, settings: GatewaySettings) -> "GatewayParts":
        """Nothing is opened or connected to yet."""
        metrics = GatewayMetrics()
        store = Store(settings.redis_url.get_secret_value())
        generations = Generations(store, settings.namespace)
        api = _api_parts(settings, metrics, generations)
        write_through = WriteThrough(generations, metrics)
        buckets = SharedBuckets(store, settings.namespace)
        return cls(
            store=store,
            projector=Projector(store, metrics),
            buckets=buckets,
            fair_use=FairUse(_limits(settings), buckets, metrics),
            uploads=UploadTurns(
                settings.uploads_under_way,
                settings.tenant_uploads_under_way,
                settings.upload_seconds,
                metrics,
            ),
            api=api,
            public_api=PublicApi(Proxy(api.upstreams, write_through.store), own_answers(api)),
        )

    def rebuild(
        self, report: Callable[[str], None] = lambda _: None, accept_cut: bool = False
    ) -> Rebuild:
        """Builds the read models anew when run; `report` gets its progress in words."""
        settings = self.api.settings
        return Rebuild(
            self.api.generations,
            self.projector,
            settings.kafka,
            settings.rebuild_grace_seconds,
            report,
            accept_cut,
        )


def _api_parts(
    settings: GatewaySettings, metrics: GatewayMetrics, generations: Generations
) -> ApiParts:
    database = database_of(NAME, settings)
    upstreams = _upstreams(settings, metrics)
    passwords = Passwords()
    tokens = AccessTokens(settings.token_secret.get_secret_value(), settings.access_token_seconds)
    streams = Streams(RedisAddress.parse(settings.redis_url.get_secret_value()))
    hub = Hub(streams, settings.namespace, metrics)
    callers = Callers(database, tokens, hub)
    hub.on_access(callers.forget)
    sessions = Sessions(database, tokens, callers, _lifetimes(settings), metrics)
    throttle = Throttle(generations.store.redis, settings.namespace)
    box = SecretBox.of(settings.encryption_keys.get_secret_value())
    second_factors = SecondFactors(database, box, throttle, sessions)
    oidc_client = OidcClient(settings.oidc_insecure)
    mailer, telegram = Mailer(_mail_server(settings)), _telegram(settings)
    return ApiParts(
        settings=settings,
        metrics=metrics,
        database=database,
        upstreams=upstreams,
        generations=generations,
        activity_cache=ActivityCache(generations),
        audit=AuditTrail(database, metrics),
        callers=callers,
        passwords=passwords,
        throttle=throttle,
        log_in=LogIn(database, passwords, throttle, sessions, second_factors, metrics),
        password_changes=PasswordChanges(database, passwords, throttle, callers),
        mailer=mailer,
        vapid_key=_vapid_key(settings),
        telegram=telegram,
        messenger_links=MessengerLinks(
            telegram, database, generations.store.redis, settings.namespace
        )
        if telegram
        else None,
        password_links=PasswordLinks(database, throttle, mailer, settings.public_url),
        sessions=sessions,
        box=box,
        second_factors=second_factors,
        oidc_client=oidc_client,
        outside_log_in=OutsideLogIn(database, box, oidc_client, sessions, settings.public_url),
        hub=hub,
        stream_limits=StreamLimits(settings.caller_streams, settings.tenant_streams, metrics),
        document=Document(upstreams),
    )


def _limits(settings: GatewaySettings) -> FairUseLimits:
    return FairUseLimits(
        settings.caller_units_per_second,
        settings.tenant_units_per_second,
        settings.address_units_per_second,
        settings.burst_seconds,
        settings.overuse_pause_seconds,
    )


def _mail_server(settings: GatewaySettings) -> MailServer | None:
    """None where no mail is to be sent."""
    if not settings.smtp_host:
        return None
    return MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_user,
        settings.smtp_password.get_secret_value(),
        settings.mail_from,
    )


def _vapid_key(settings: GatewaySettings) -> VapidKey | None:
    """None where nothing is to be pushed."""
    secret = settings.vapid_secret.get_secret_value()
    contact = f"mailto:push@{urlsplit(settings.public_url).hostname}"
    return VapidKey(secret, contact) if secret else None


def _telegram(settings: GatewaySettings) -> TelegramBot | None:
    """None where there is no bot."""
    token = settings.telegram_token.get_secret_value()
    return TelegramBot(token, settings.telegram_bot, settings.telegram_url) if token else None


def _lifetimes(settings: GatewaySettings) -> Lifetimes:
    return Lifetimes(
        idle=timedelta(days=settings.refresh_token_days),
        absolute=timedelta(days=settings.session_days),
        grace=timedelta(seconds=settings.refresh_grace_seconds),
    )


def _upstreams(settings: GatewaySettings, metrics: GatewayMetrics) -> Upstreams:
    urls = {
        "activities": settings.activities_url,
        "vip": settings.vip_url,
        "motivation": settings.motivation_url,
    }
    issuer = TokenIssuer(keys_of(NAME, settings))
    turns = {
        name: FairTurns(settings.requests_under_way, settings.tenant_requests_under_way)
        for name in urls
    }
    return Upstreams(urls, issuer, settings.service_seconds, metrics, turns)
