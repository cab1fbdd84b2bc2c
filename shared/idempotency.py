"""Idempotent commands: the response stored under the caller's Idempotency-Key, given again."""

from dataclasses import dataclass

from shared.errors import Refusal


@dataclass(frozen=True, slots=True)
class IdempotentResponse:
    """Status and body of a command's first response."""

    status: int
    body: bytes


class Replayed(Exception):
    """Not an error: the command ran before; carries its first response."""

    def __init__(self, response: IdempotentResponse) -> None:
        super().__init__("replayed")
        self.response = response


class KeyReused(Refusal):
    """One Idempotency-Key, two different requests."""

    status, code = 422, "idempotency_key_reused"
