"""Kafka believes nobody: who it is must be proved, and each service may do only what `topics.toml`
says. On a broker of its own, as the launcher starts it, with a TLS listener beside.
"""

import secrets
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from deploy import kafka_access, ready
from deploy.environment import SERVICES, Installation, Secrets
from deploy.kafka_settings import log_ins
from deploy.local import servers as local
from deploy.provision import create_topics, remove
from deploy.topics import declared
from shared.bus.broker import EventBroker
from shared.bus.connection import KafkaConnection
from shared.bus.dead_letters import topic_for
from shared.bus.offsets import OffsetStore, Place
from shared.bus.positions import Positions
from shared.bus.producer import EventProducer
from shared.db import Database
from shared.events import ACTIVITIES, PEOPLE, VIP
from shared.metrics import Metrics
from tests.support.authority import Authority
from tests.support.servers import free_ports
from tests.support.wait import eventually

USERS = (*SERVICES, "payroll", "erp")


@dataclass(frozen=True)
class Broker(local.Kafka):
    """The launcher's broker with one more listener, that speaks TLS."""

    tls_port: int = field(kw_only=True)
    key_store: Path = field(kw_only=True)

    def prepare(self) -> None:
        super().prepare()
        tls = f"SECURE://127.0.0.1:{self.tls_port}"
        more = {
            **log_ins(self.password, "secure"),
            "listener.name.secure.ssl.keystore.type": "PEM",
            "listener.name.secure.ssl.keystore.location": self.key_store,
        }
        properties = self.folder / "server.properties"
        lines = [
            f"{line},{tls}"
            if line.partition("=")[0] in ("listeners", "advertised.listeners")
            else f"{line},SECURE:SASL_SSL"
            if line.startswith("listener.security.protocol.map=")
            else line
            for line in properties.read_text().splitlines()
        ]
        lines += [f"{name}={value}" for name, value in more.items()]
        properties.write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kafka")


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return Authority(folder, "ours")


@pytest.fixture(scope="module")
def broker(folder: Path, authority: Authority) -> Iterator[Broker]:
    port, controller, tls = free_ports(3)
    broker = Broker(
        folder / "kafka",
        port,
        controller_port=controller,
        password=secrets.token_hex(16),
        tls_port=tls,
        key_store=authority.key_store("127.0.0.1"),
    )
    broker.prepare()
    with (folder / "kafka.log").open("wb") as log:
        process = subprocess.Popen(broker.command(), cwd="/", stdout=log, stderr=subprocess.STDOUT)
    yield broker
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
async def installation(broker: Broker) -> Installation:
    """Topics, users and rights as provisioning makes them; neither database nor Redis."""
    await ready.wait("Kafka", broker.check, 60)
    made = Installation(broker.connection, "", "", Secrets.new(), namespace="a_")
    await create_topics(made)
    return made


async def write(connection: KafkaConnection, topic: str) -> None:
    """Send a record to a topic of the namespace. Raises `KafkaError`."""
    async with AIOKafkaProducer(**connection.client_options()) as producer:
        await producer.send_and_wait(f"a_{topic}", b"{}", key=b"k")


@asynccontextmanager
async def reader(connection: KafkaConnection, **options: Any) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        **connection.client_options(), auto_offset_reset="earliest", **options
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def read(connection: KafkaConnection, topic: str) -> list[Any]:
    """What a topic's first partition holds. Raises `KafkaError`."""
    async with reader(connection) as consumer:
        partition = TopicPartition(f"a_{topic}", 0)
        if partition.topic not in (await consumer._client.fetch_all_metadata()).topics():
            raise TopicAuthorizationFailedError(topic)
        consumer.assign([partition])
        consumer.seek(partition, 0)
        return [
            record
            for records in (await consumer.getmany(partition, timeout_ms=200)).values()
            for record in records
        ]


async def allowed(attempt: Callable[..., Any], *words: Any) -> bool:
    try:
        await attempt(*words)
    except KafkaError:
        return False
    return True


async def test_each_topic_is_written_by_those_it_declares(installation: Installation) -> None:
    for topic in declared():
        writers = {
            user for user in USERS if await allowed(write, installation.kafka_of(user), topic.name)
        }
        assert writers == set(topic.writers), topic.name


async def test_each_topic_is_read_by_those_it_declares(installation: Installation) -> None:
    for topic in declared():
        readers = {
            user for user in USERS if await allowed(read, installation.kafka_of(user), topic.name)
        }
        assert readers == {*topic.readers, *topic.guests}, topic.name


async def test_only_gateway_and_vip_read_people(installation: Installation) -> None:
    for user, may in {"gateway": True, "vip": True, "motivation": False, "payroll": False}.items():
        assert await allowed(read, installation.kafka_of(user), PEOPLE) is may, user


async def test_dead_letters_are_their_readers_alone(installation: Installation) -> None:
    letters = topic_for(PEOPLE, "vip")
    assert await allowed(write, installation.kafka_of("vip"), letters)
    assert await allowed(read, installation.kafka_of("vip"), letters)
    for user in ("gateway", "activities", "motivation"):
        assert not await allowed(write, installation.kafka_of(user), letters)
        assert not await allowed(read, installation.kafka_of(user), letters)


async def test_a_service_cannot_join_the_group_of_another(installation: Installation) -> None:
    async def join(group: str) -> None:
        async with reader(
            installation.kafka_of("vip"), group_id=group, enable_auto_commit=False
        ) as consumer:
            await consumer.committed(TopicPartition(f"a_{ACTIVITIES}", 0))

    assert await allowed(join, "a_vip")
    assert not await allowed(join, "a_gateway")


async def test_no_service_makes_topics_or_rights(installation: Installation) -> None:
    admin = AIOKafkaAdminClient(**installation.kafka_of("activities").client_options())
    await admin.start()
    with pytest.raises((kafka_access.AccessRefused, KafkaError)):
        await kafka_access.grant(admin, kafka_access.rights("a_"))
    with pytest.raises((kafka_access.AccessRefused, KafkaError)):
        await kafka_access.set_passwords(admin, {"a_vip": "mine"})
    response = await admin.delete_topics([f"a_{VIP}"])
    assert all(code for _, code in response.topic_error_codes)
    await admin.close()


@pytest.mark.parametrize("change", [{"password": "wrong"}, {"user": "a_nobody"}])
async def test_who_cannot_prove_who_they_are_is_refused(
    installation: Installation, change: dict[str, Any]
) -> None:
    assert not await allowed(write, replace(installation.kafka_of("activities"), **change), VIP)


async def test_without_a_log_in_nothing_is_told(broker: Broker) -> None:
    with pytest.raises(KafkaError):
        await ready.kafka(KafkaConnection(broker.address))
    with pytest.raises(KafkaError):
        await ready.kafka(KafkaConnection(f"127.0.0.1:{broker.controller_port}"))


async def test_provisioning_again_changes_passwords_and_takes_rights_away(
    broker: Broker, installation: Installation
) -> None:
    old = replace(installation, namespace="b_")
    await create_topics(old)
    admin = AIOKafkaAdminClient(**broker.connection.client_options())
    await admin.start()
    too_much = kafka_access.Right(
        "b_vip", kafka_access.Kind.TOPIC, f"b_{ACTIVITIES}", kafka_access.Operation.WRITE
    )
    await kafka_access.grant(admin, {*kafka_access.rights("b_"), too_much})
    new = replace(old, secrets=Secrets.new())
    await create_topics(new)
    assert await kafka_access.rights_of(admin, ["b_vip"]) == {
        right for right in kafka_access.rights("b_") if right.user == "b_vip"
    }
    await eventually(lambda: _logs_in(new.kafka_of("vip")))
    assert not await _logs_in(old.kafka_of("vip"))
    await remove(new, ["kafka"])

    async def gone() -> bool:
        left = await kafka_access.rights_of(admin, ["b_vip"])
        return not left and not await _logs_in(new.kafka_of("vip"))

    await eventually(gone)
    await admin.close()


async def _logs_in(connection: KafkaConnection) -> bool:
    return await allowed(ready.kafka, connection)


class _NothingStored(OffsetStore):
    """A consumer's offsets before it has read anything: there is no database here."""

    async def load(self) -> dict[TopicPartition, Place]:
        return {}


async def test_tls_carries_every_kind_of_client(
    broker: Broker, installation: Installation, authority: Authority
) -> None:
    secure = _over_tls(installation.kafka_of("activities"), broker, authority)
    await ready.kafka(secure)
    await read(_over_tls(installation.kafka_of("vip"), broker, authority), ACTIVITIES)
    subscriber = EventBroker(
        _over_tls(installation.kafka_of("gateway"), broker, authority), "gateway-consumer"
    )
    heard: list[Any] = []

    async def hear(batch: Any) -> None:
        heard.extend(batch.raw_message)
        await batch.ack()

    positions = Positions("gateway", "a_", Database("postgresql://nobody"), Metrics("scratch"))
    positions.store = _NothingStored("gateway", positions.store.database)
    subscriber.event_subscriber([f"a_{ACTIVITIES}"], "a_gateway", positions)(hear)
    await subscriber.start()
    producer = EventProducer()
    await producer.open(secure, "test")
    await (await producer.send(f"a_{ACTIVITIES}", b"over tls", key=b"k", headers=[]))
    await producer.close()

    async def arrived() -> bool:
        return b"over tls" in [record.value for record in heard]

    await eventually(arrived)
    await subscriber.stop()


async def test_a_broker_of_another_authority_is_not_believed(
    broker: Broker, installation: Installation, folder: Path
) -> None:
    foreign = Authority(folder, "foreign")
    connection = _over_tls(installation.kafka_of("activities"), broker, foreign)
    assert not await allowed(ready.kafka, connection)
    assert not await allowed(ready.kafka, replace(connection, ca_file=""))


def _over_tls(connection: KafkaConnection, broker: Broker, authority: Authority) -> KafkaConnection:
    return replace(
        connection,
        bootstrap=f"127.0.0.1:{broker.tls_port}",
        protocol="SASL_SSL",
        ca_file=str(authority.file),
    )
