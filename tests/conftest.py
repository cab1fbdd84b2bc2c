"""Fixtures of the whole session. Servers start only for a test that asks for them."""

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import settings

from deploy.environment import Installation
from tests.support.parallel import Parallel, given_servers, sort_by_suite
from tests.support.servers import Servers
from tests.support.servers import provisioned as a_provisioned_namespace
from tests.support.servers import running as running_servers
from tests.support.service_process import Service

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

# No test is timed: a machine that is busy for a moment would fail it. `make mutants` has its own.
settings.register_profile("untimed", deadline=None)
if settings.get_current_profile_name() == "default":
    settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("numprocesses", None):
        config.pluginmanager.register(Parallel())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if given_servers(config) is not None:
        sort_by_suite(items)


def pytest_make_parametrize_id(val: object) -> str | None:
    """A test's name, without ids: they are made anew in each worker, and all must name it alike."""
    text = val.decode("ascii", "backslashreplace") if isinstance(val, bytes) else val
    return _ID.sub("id", text) if isinstance(text, str) and _ID.search(text) else None


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Iterator[Servers]:
    """Real Kafka, PostgreSQL and Redis."""
    with running_servers(given_servers(pytestconfig) or os.environ) as servers:
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
