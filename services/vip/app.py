"""The vip service: the only file that knows all others."""

from services.vip import api, consumers, jobs, timers
from services.vip.metrics import VipMetrics
from services.vip.settings import VipSettings
from shared.events.vip import VipEvent
from shared.service import ServiceDefinition

service = ServiceDefinition(
    name="vip",
    title="VIP",
    settings=VipSettings,
    metrics=VipMetrics,
    subscription=consumers.subscription,
    timers=timers.TIMERS,
    jobs=jobs.JOBS,
    routers=api.ROUTERS,
    peers={"activities": lambda settings: settings.activities_url},
    replicas_from="activities",
    pushes={VipEvent: "activities"},
)
build = service.build

if __name__ == "__main__":
    service.command_line()()
