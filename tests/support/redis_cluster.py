"""A cluster of real servers for one test: three that share the slots, and a replica of each."""

import asyncio
import secrets
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis.asyncio import Redis as Client

from deploy import ready
from deploy.local.servers import Redis
from tests.support.servers import SECONDS, free_ports
from tests.support.wait import eventually

PRIMARIES = 3
SLOTS = 16_384
_SETTINGS = "cluster-enabled yes\ncluster-node-timeout 1000\ncluster-require-full-coverage no\n"


@dataclass
class Node:
    """One server as a real process."""

    server: Redis
    log: Path
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Starts it anew, with what it has on disk."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.server.command(), cwd="/", stdout=output, stderr=subprocess.STDOUT
            )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    async def call(self, *command: str | int) -> Any:
        """One command to this server alone."""
        client: Any = Client.from_url(self.server.address, decode_responses=True)
        try:
            return await client.execute_command(*command)
        finally:
            await client.aclose()

    async def id(self) -> str:
        return str(await self.call("CLUSTER", "MYID"))


@dataclass(frozen=True)
class Cluster:
    """`nodes` are the primaries first, then their replicas in the same order."""

    nodes: list[Node]
    password: str

    @property
    def url(self) -> str:
        """The address of the cluster, by two of its nodes."""
        hosts = ",".join(f"127.0.0.1:{node.server.port}" for node in self.nodes[:2])
        return f"redis+cluster://:{self.password}@{hosts}"

    async def node_of(self, slot: int) -> Node:
        """The primary that has `slot`."""
        for first, last, (_, port, *_), *_ in await self.nodes[-1].call("CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return next(node for node in self.nodes if node.server.port == port)
        raise AssertionError(f"nobody has slot {slot}")

    async def is_whole(self) -> bool:
        states = [await node.call("CLUSTER", "INFO") for node in self.nodes]
        known = f"cluster_known_nodes:{len(self.nodes)}"
        return all("cluster_state:ok" in state and known in state for state in states)


@asynccontextmanager
async def redis_cluster(folder: Path) -> AsyncIterator[Cluster]:
    """The cluster, for as long as the block runs."""
    password = secrets.token_hex(16)
    async with AsyncExitStack() as stack:
        nodes = []
        for port in free_ports(2 * PRIMARIES):
            server = Redis(folder / str(port), port, password=password)
            server.prepare()
            with (server.folder / "valkey.conf").open("a") as settings:
                bus = next(iter(free_ports(1)))
                settings.write(f"{_SETTINGS}cluster-port {bus}\nmasterauth {password}\n")
            node = Node(server, folder / f"{port}.log")
            node.start()
            stack.callback(node.kill)
            nodes.append(node)
        for node in nodes:
            await ready.wait("redis", node.server.check, SECONDS)
        cluster = Cluster(nodes, password)
        await _join(cluster)
        yield cluster


async def _join(cluster: Cluster) -> None:
    primaries, replicas = cluster.nodes[:PRIMARIES], cluster.nodes[PRIMARIES:]
    for number, node in enumerate(primaries):
        first, end = SLOTS * number // PRIMARIES, SLOTS * (number + 1) // PRIMARIES
        await node.call("CLUSTER", "ADDSLOTSRANGE", first, end - 1)
        await node.call("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
    for node in cluster.nodes[1:]:
        port = primaries[0].server.port
        await node.call("CLUSTER", "MEET", "127.0.0.1", port, await _bus_port(primaries[0]))
    await eventually(cluster.is_whole)
    for primary, replica in zip(primaries, replicas, strict=True):
        await replica.call("CLUSTER", "REPLICATE", await primary.id())
    for replica in replicas:
        await eventually(lambda replica=replica: _replicates(replica))  # type: ignore[misc]
    await asyncio.sleep(0)


async def _replicates(replica: Node) -> bool:
    return bool((await replica.call("INFO", "replication"))["master_link_status"] == "up")


async def _bus_port(node: Node) -> str:
    return str((await node.call("CONFIG", "GET", "cluster-port"))["cluster-port"])
