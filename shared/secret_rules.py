"""Secrets that keep nobody out: short, empty, equal or known ones stop the start."""

from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

LEAST_BYTES = 32
LEAST_DIFFERENT = 10
"""Characters: "aaaa…" and "1234…" are long, and no secrets."""
OURS = ("_KEY", "_SECRET")
"""Names of what we make ourselves; a password is as long as the other side has it."""
# What documents, earlier releases and habits made known.
KNOWN_BEGINNINGS = ("laptop-", "changeme", "change-me", "secret", "password", "example")


class UnsafeSecret(Exception):
    """A secret that keeps nobody out; the text names the variable and the rule, not the value."""


def require_safe(secrets: Mapping[str, str]) -> None:
    """Raises `UnsafeSecret` for the first of the environment's `secrets` that breaks a rule.

    Of an address only the password counts, where it has one. Several values, with commas between,
    are a secret each.
    """
    seen: dict[str, str] = {}
    for name, value in _each(secrets):
        if fault := _fault(name, value):
            raise UnsafeSecret(f"{name} {fault}: make one with `openssl rand -hex 32`")
        if value in seen:
            raise UnsafeSecret(f"{name} is the same as {seen[value]}: each secret is its own")
        seen[value] = name


def _fault(name: str, value: str) -> str:
    if not value.strip():
        return "is empty"
    if value.casefold().startswith(KNOWN_BEGINNINGS):
        return "is known to everybody"
    if not name.endswith(OURS):
        return ""
    if len(value.encode()) < LEAST_BYTES:
        return f"has fewer than {LEAST_BYTES} bytes"
    if len(set(value)) < LEAST_DIFFERENT:
        return "can be guessed"
    return ""


def _each(secrets: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in secrets.items():
        if name.endswith("_URL"):
            if (password := urlsplit(value).password) is not None:
                yield name, unquote(password)
        else:
            for part in value.split(","):
                yield name, part.strip()
