"""Fixtures of the whole session. Servers start only for a test that asks for them."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import settings

from deploy.environment import Installation
from tests.support.servers import Servers
from tests.support.servers import provisioned as a_provisioned_namespace
from tests.support.servers import running as running_servers
from tests.support.service_process import Service

# No test is timed: a machine that is busy for a moment would fail it. `make mutants` has its own.
settings.register_profile("untimed", deadline=None)
if settings.get_current_profile_name() == "default":
    settings.load_profile("untimed")


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Real Kafka, PostgreSQL and Redis."""
    with running_servers() as servers:
        yield servers


@pytest.fixture(scope="session")
def provisioned(servers: Servers) -> Iterator[Installation]:
    """`servers` with databases, roles, topics and schemas in a namespace of this session."""
    with a_provisioned_namespace(servers) as installation:
        yield installation


@pytest.fixture
def service(provisioned: Installation, tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Make a process of a service: `service("vip").start()`; all of them end with the test."""
    made: list[Service] = []

    def make(name: str, *, port: int | None = None, **more: str) -> Service:
        made.append(Service.of(provisioned, name, tmp_path, port=port, **more))
        return made[-1]

    yield make
    with ThreadPoolExecutor() as threads:
        list(threads.map(lambda service: service.stop(), made))
