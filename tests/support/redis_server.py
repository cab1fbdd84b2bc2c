"""A Redis server for one test, which may fill it or change its settings."""

import asyncio
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy import ready
from deploy.local.servers import Redis
from tests.support.servers import SECONDS, free_ports


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """The server's address, for as long as the block runs."""
    (port,) = free_ports(1)
    server = Redis(folder / "redis", port, password=secrets.token_hex(16))
    server.prepare()
    with (folder / "redis.log").open("wb") as log:
        process = subprocess.Popen(server.command(), cwd="/", stdout=log, stderr=subprocess.STDOUT)
    try:
        asyncio.run(ready.wait(server.name, server.check, SECONDS))
        yield server.address
    finally:
        process.terminate()
        process.wait(10)
