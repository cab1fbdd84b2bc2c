"""Where the master is, as Sentinels tell."""

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from services.gateway.read_models.connection import Connection
from shared.redis_address import Endpoint, RedisAddress


class MasterLocation:
    """Asks the Sentinels each time: the answer changes with a failover."""

    def __init__(self, address: RedisAddress) -> None:
        self._service = address.service
        scheme = address.scheme
        self._sentinels = [f"{scheme}://{host}:{port}" for host, port in address.endpoints]

    async def locate(self) -> Endpoint:
        """The master's host and port. Raises `ConnectionError` where no Sentinel knows it."""
        for url in self._sentinels:
            sentinel = Connection(url)
            try:
                (reply,) = await sentinel.run(
                    [("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._service)]
                )
            except (RedisError, OSError):
                continue
            finally:
                sentinel.close()
            if isinstance(reply, list):
                return reply[0].decode(), int(reply[1])
        raise RedisConnectionError("no Sentinel knows the master")
