"""How a broker of ours is set up: one KRaft node that asks everybody who they are.

The broker itself and provisioning log in as the super user, whom its settings name; every other
user is a record of its own, made by provisioning, as SCRAM. Nobody may do what no right allows.
"""

from collections.abc import Mapping

SUPER_USER = "admin"
KAFKA_SETTINGS: Mapping[str, object] = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CLIENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
    "inter.broker.listener.name": "CLIENTS",
    "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
    # The broker itself and provisioning; every other user is made by provisioning, as SCRAM.
    "sasl.mechanism.inter.broker.protocol": "PLAIN",
    "sasl.mechanism.controller.protocol": "PLAIN",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": f"User:{SUPER_USER}",
    "allow.everyone.if.no.acl.found": "false",
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": 0,
    "offsets.topic.num.partitions": 4,
    "offsets.topic.replication.factor": 1,
    "transaction.state.log.num.partitions": 1,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    # A broker that was killed must be believed dead before it may register again: this is how long
    # its return takes.
    "broker.session.timeout.ms": 3000,
    "broker.heartbeat.interval.ms": 500,
    "log.cleaner.dedupe.buffer.size": 16 << 20,
}


def log_ins(password: str, *listeners: str) -> dict[str, str]:
    """Settings by which Kafka's `listeners` know the super user by password, and others from its
    own records.
    """
    module = "org.apache.kafka.common.security"
    plain = (
        f"{module}.plain.PlainLoginModule required"
        f' username="{SUPER_USER}" password="{password}" user_{SUPER_USER}="{password}";'
    )
    scram = f"{module}.scram.ScramLoginModule required;"
    return {
        f"listener.name.{listener}.{mechanism}.sasl.jaas.config": entry
        for listener in listeners
        for mechanism, entry in (("plain", plain), ("scram-sha-512", scram))
    } | {"listener.name.controller.sasl.enabled.mechanisms": "PLAIN"}


def as_properties(settings: Mapping[str, object]) -> str:
    """The text of a `server.properties`."""
    return "".join(f"{name}={value}\n" for name, value in settings.items())
