"""Several workers of one run (`pytest -n 3`): they share the servers, and a suite stays with one.

A suite that starts processes is one unit of work; of the others a file is one. Each worker has a
namespace of its own on the servers, as every session has.
"""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from tests.support.servers import running

SUITES = (
    "tests/integration/activities",
    "tests/e2e",
    "tests/web",
    "tests/integration/gateway",
    "tests/web",
    "tests/chaos",
    "tests/integration/shared",
    "tests/integration/vip",
    "tests/integration/motivation",
)
"""The longest first, so that small units are left for the end; two suites that start the whole
product do not begin together.
"""
WITHOUT_SERVERS = ("tests/unit", "tests/contract", "tests/chaos")
"""The last stands a cluster of its own."""
SHARED = "servers"


class Parallel:
    """A plugin of the process that gives the work out."""

    def __init__(self) -> None:
        self._servers: dict[str, str] = {}
        self._until_end = ExitStack()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Start the servers, if a suite needs them, before the workers."""
        if not all(path.startswith(WITHOUT_SERVERS) for path in session.config.args):
            servers = self._until_end.enter_context(running(os.environ))
            self._servers = servers.as_environment()

    def pytest_configure_node(self, node: WorkerController) -> None:
        """Tell a worker where the servers are."""
        node.workerinput[SHARED] = self._servers

    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> "BySuite":
        return BySuite(config, log)

    def pytest_unconfigure(self) -> None:
        self._until_end.close()


class BySuite(LoadScopeScheduling):  # type: ignore[misc]
    """Gives out whole suites and files in the order in which they were collected."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return suite_of(nodeid) or nodeid.partition("::")[0]


def suite_of(nodeid: str) -> str | None:
    return next((suite for suite in SUITES if nodeid.startswith(f"{suite}/")), None)


def sort_by_suite(items: list[pytest.Item]) -> None:
    """Bring the suites before everything else, in their order."""
    ranks = {suite: rank for rank, suite in enumerate(SUITES)}
    items.sort(key=lambda item: ranks.get(suite_of(item.nodeid) or "", len(SUITES)))


def given_servers(config: pytest.Config) -> Mapping[str, str] | None:
    """Addresses that this worker shares with the others; none if it is the only one."""
    given: Mapping[str, Mapping[str, str]] = getattr(config, "workerinput", {})
    return given.get(SHARED)
