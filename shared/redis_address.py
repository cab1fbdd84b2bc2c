"""What SALES_REDIS_URL may name: one server, a cluster, or the Sentinels that know the server.

`redis://[user:password@]host:port/db` and `rediss://…` are one server;
`redis+cluster://[user:password@]host:port,host:port` are some nodes of a cluster, which tell of the
others; `redis+sentinel://[user:password@]host:port,host:port/name` are Sentinels, which say where
the master `name` is; user and password are the servers', Sentinels ask for none. With `rediss+…`
every connection is TLS.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self
from urllib.parse import unquote, urlsplit

from redis.asyncio import Redis, RedisCluster, Sentinel
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisClusterException

Kind = Literal["", "cluster", "sentinel"]
Endpoint = tuple[str, int]
_KINDS: dict[str, Kind] = {"": "", "cluster": "cluster", "sentinel": "sentinel"}
_PORTS = {"": 6379, "cluster": 6379, "sentinel": 26379}
_LIMITS: dict[str, Any] = {"socket_timeout": 3, "socket_connect_timeout": 1}


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """A parsed address; `service` is the master's name at the Sentinels. `login` is as written in
    the address, `user:password@` or nothing.
    """

    kind: Kind
    scheme: str
    login: str
    endpoints: Sequence[Endpoint]
    service: str
    url: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """Raises `ValueError` for a scheme, host or port that makes no sense."""
        parts = urlsplit(url)
        scheme, _, kind = parts.scheme.partition("+")
        if kind not in _KINDS:
            raise ValueError(f"SALES_REDIS_URL is +cluster or +sentinel, not +{kind}")
        login, at, hosts = parts.netloc.rpartition("@")
        if not kind:
            return cls("", scheme, login + at, (), "", url)
        service = parts.path.strip("/")
        if kind == "sentinel" and not service:
            raise ValueError("SALES_REDIS_URL names Sentinels, but no master: add /name")
        endpoints = tuple(_endpoint(host, _PORTS[kind]) for host in hosts.split(","))
        return cls(_KINDS[kind], scheme, login + at, endpoints, service, url)

    @property
    def encrypts(self) -> bool:
        """Whether connections are TLS."""
        return self.scheme == "rediss"

    def node_url(self, endpoint: Endpoint) -> str:
        """The address of one server of several."""
        host, port = endpoint
        host = f"[{host}]" if ":" in host else host
        return f"{self.scheme}://{self.login}{host}:{port}"

    def client(self) -> Any:
        """A client that gives up soon: everything in Redis can be done without it for a while."""
        match self.kind:
            case "cluster":
                nodes = [ClusterNode(*endpoint) for endpoint in self.endpoints]
                return _Cluster(
                    startup_nodes=nodes,
                    ssl=self.encrypts,
                    require_full_coverage=False,
                    retry=Retry(NoBackoff(), 1),
                    protocol=2,
                    **self._credentials(),
                    **_LIMITS,
                )
            case "sentinel":
                sentinel: Any = Sentinel(  # type: ignore[no-untyped-call]
                    list(self.endpoints), **_LIMITS
                )
                return sentinel.master_for(
                    self.service,
                    ssl=self.encrypts,
                    retry=Retry(NoBackoff(), 1),
                    protocol=2,
                    **self._credentials(),
                    **_LIMITS,
                )
        return self.node_client(self.url)

    def node_client(self, url: str) -> Any:
        """A client of one server."""
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=64,
            timeout=2,
            retry=Retry(NoBackoff(), 1),
            protocol=2,
            **_LIMITS,
        )
        return Redis(connection_pool=pool)

    def _credentials(self) -> dict[str, Any]:
        user, _, password = self.login.rstrip("@").partition(":")
        named = {"username": unquote(user), "password": unquote(password)}
        return {name: value for name, value in named.items() if value}


class _Cluster(RedisCluster):
    """Fails as a client of one server does: redis-py's own has errors that are no `RedisError`."""

    async def initialize(self, *args: Any, **kwargs: Any) -> RedisCluster:
        try:
            return await super().initialize(*args, **kwargs)
        except RedisClusterException as error:
            raise RedisConnectionError(str(error)) from error

    async def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return await super().execute_command(*args, **kwargs)
        except RedisClusterException as error:
            raise RedisConnectionError(str(error)) from error


def _endpoint(text: str, default_port: int) -> Endpoint:
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError("SALES_REDIS_URL names a host and port of each server, with commas")
    return parts.hostname, parts.port or default_port
