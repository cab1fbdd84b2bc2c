"""Idempotent commands: the first answer again, or why not."""

from dataclasses import dataclass

from shared.errors import Refusal


@dataclass(frozen=True, slots=True)
class IdempotentResponse:
    """Status and body of a command's first answer."""

    status: int
    body: bytes


class Replayed(Exception):
    """Not an error: the command ran before, here is what it answered."""

    def __init__(self, answer: IdempotentResponse) -> None:
        super().__init__("replayed")
        self.answer = answer


class KeyReused(Refusal):
    """One Idempotency-Key, two different requests."""

    status, code, title = 422, "idempotency_key_reused", "Idempotency-Key reused"
