"""The activities service: directory, clients, activities and their chain."""

from services.activities import api, consumers, jobs, timers
from services.activities.metrics import ActivityMetrics
from services.activities.queries.snapshots import find_snapshots
from services.activities.settings import ActivitySettings
from shared.events.directory import RoomSettingsChanged
from shared.service import ServiceDefinition

service = ServiceDefinition(
    name="activities",
    title="Activities",
    settings=ActivitySettings,
    metrics=ActivityMetrics,
    subscription=consumers.subscription,
    routers=api.ROUTERS,
    timers=timers.TIMERS,
    jobs=jobs.JOBS,
    peers={"vip": lambda settings: settings.vip_url},
    pushes={RoomSettingsChanged: "vip"},
    snapshots=find_snapshots,
)
build = service.build

if __name__ == "__main__":
    service.command_line()()
