"""How a client reaches Kafka: the brokers' address and what they ask for.

The one place that knows it: every client is made with `client_options` or `security`.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self, get_args

from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)
MECHANISMS: tuple[Mechanism, ...] = get_args(Mechanism)
_SECURITY: Mapping[str, Any] = {
    "PLAIN": SASLPlaintext,
    "SCRAM-SHA-256": SASLScram256,
    "SCRAM-SHA-512": SASLScram512,
}


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """Brokers, user and authority.

    `ca_file` is a PEM of the authorities that may vouch for the brokers; without one the
    system's are believed. The brokers' names are checked against their certificates. `instance` is
    this process's name in its groups, kept over a restart; without one it joins as a stranger.
    """

    bootstrap: str
    protocol: Protocol = "PLAINTEXT"
    mechanism: Mechanism = "SCRAM-SHA-512"
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    instance: str = ""

    def __post_init__(self) -> None:
        if self.protocol not in PROTOCOLS:
            raise ValueError(f"SALES_KAFKA_PROTOCOL is one of {', '.join(PROTOCOLS)}")
        if self.mechanism not in MECHANISMS:
            raise ValueError(f"SALES_KAFKA_MECHANISM is one of {', '.join(MECHANISMS)}")
        if self.authenticates and not (self.user and self.password):
            raise ValueError(f"{self.protocol} needs SALES_KAFKA_USER and SALES_KAFKA_PASSWORD")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read SALES_KAFKA, SALES_KAFKA_PROTOCOL and so on.

        Raises:
            KeyError: SALES_KAFKA is missing. ValueError: a value cannot be used.
        """
        options: dict[str, Any] = {
            name: environment[variable]
            for name in ("protocol", "mechanism", "user", "password", "ca_file")
            if environment.get(variable := f"SALES_KAFKA_{name.upper()}")
        }
        return cls(environment["SALES_KAFKA"], **options)

    def as_environment(self) -> dict[str, str]:
        """The inverse of `from_environment`."""
        variables = {"SALES_KAFKA": self.bootstrap, "SALES_KAFKA_PROTOCOL": self.protocol}
        if self.authenticates:
            variables |= {
                "SALES_KAFKA_MECHANISM": self.mechanism,
                "SALES_KAFKA_USER": self.user,
                "SALES_KAFKA_PASSWORD": self.password,
            }
        return variables | ({"SALES_KAFKA_CA_FILE": self.ca_file} if self.ca_file else {})

    @property
    def authenticates(self) -> bool:
        """Whether the brokers ask who we are."""
        return self.protocol.startswith("SASL")

    @property
    def encrypts(self) -> bool:
        """Whether the connection is TLS."""
        return self.protocol.endswith("SSL")

    def client_options(self) -> dict[str, Any]:
        """Arguments of aiokafka's clients."""
        options: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": self.protocol,
        }
        if self.encrypts:
            options["ssl_context"] = self._tls()
        if self.authenticates:
            options |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.password,
            }
        return options

    def security(self) -> BaseSecurity:
        """The same for a FastStream broker, whose first argument is `bootstrap`."""
        tls = self._tls() if self.encrypts else None
        if not self.authenticates:
            return BaseSecurity(ssl_context=tls)
        security: BaseSecurity = _SECURITY[self.mechanism](
            self.user, self.password, ssl_context=tls, use_ssl=self.encrypts
        )
        return security

    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_file or None)
