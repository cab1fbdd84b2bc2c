"""The key pairs by which services know each other.

A service has a seed, from which its two key pairs follow: one signs what it says (Ed25519), with
the other it agrees on a key with each peer (X25519), which nobody else can work out. Peers know its
public halves. Several of each may be in use while they are changed; the first is used for what is
sent.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import defaultdict
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

_HALF = 32
LEAST_SEED = 32


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """The public halves of a service's two pairs; `kid` names them."""

    kid: str
    verification: Ed25519PublicKey
    agreement: X25519PublicKey

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `ValueError` for what is not two keys."""
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if len(raw) != 2 * _HALF:
            raise ValueError("a public key of a service is 86 characters of base64url")
        return cls(
            _kid(raw),
            Ed25519PublicKey.from_public_bytes(raw[:_HALF]),
            X25519PublicKey.from_public_bytes(raw[_HALF:]),
        )


class PrivateKeys:
    """A service's own two pairs, made from a secret `seed`."""

    def __init__(self, seed: str) -> None:
        if len(seed.encode()) < LEAST_SEED:
            raise ValueError(f"an internal key has at least {LEAST_SEED} bytes")
        self.signature = Ed25519PrivateKey.from_private_bytes(_part(seed, "signature"))
        self.agreement = X25519PrivateKey.from_private_bytes(_part(seed, "agreement"))
        raw = (
            self.signature.public_key().public_bytes_raw()
            + self.agreement.public_key().public_bytes_raw()
        )
        self.kid = _kid(raw)
        self.public = urlsafe_b64encode(raw).decode().rstrip("=")


class KeyRing:
    """A service's own keys and the public ones of its peers.

    `seeds` are its own, comma-separated, the one in use first; `peers` are `name=public key`,
    comma-separated, a name's key in use before its older and later ones.
    """

    def __init__(self, name: str, seeds: str, peers: str) -> None:
        self.name = name
        self._own = [PrivateKeys(seed.strip()) for seed in seeds.split(",")]
        self._by_kid = {keys.kid: keys for keys in self._own}
        self._peers: dict[str, list[PublicKeys]] = defaultdict(list)
        self._issuers: dict[str, tuple[str, PublicKeys]] = {}
        for entry in filter(None, (entry.strip() for entry in peers.split(","))):
            peer, _, public = entry.partition("=")
            keys = PublicKeys.parse(public)
            self._peers[peer].append(keys)
            self._issuers[keys.kid] = (peer, keys)
        self._agreed: dict[tuple[str, str], bytes] = {}

    @property
    def own(self) -> PrivateKeys:
        """The pairs in use."""
        return self._own[0]

    def issuer(self, kid: str) -> tuple[str, PublicKeys] | None:
        """Who signs with the key `kid`."""
        return self._issuers.get(kid)

    def to(self, peer: str) -> tuple[str, bytes]:
        """The kid of the peer's keys, and the key agreed on for requests to it.

        Raises `KeyError` for a service whose keys are not known.
        """
        public = self._peers[peer][0]
        return public.kid, self._agree(self.own, public, self.own.kid, public.kid)

    def back(self, issuer_kid: str, own_kid: str) -> bytes | None:
        """The key agreed on for requests from a peer; None for keys that are not ours or a
        peer's.
        """
        if agreed := self._agreed.get((issuer_kid, own_kid)):
            return agreed
        own, issuer = self._by_kid.get(own_kid), self._issuers.get(issuer_kid)
        return self._agree(own, issuer[1], issuer_kid, own_kid) if own and issuer else None

    def _agree(self, own: PrivateKeys, peer: PublicKeys, issuer_kid: str, reader_kid: str) -> bytes:
        direction = (issuer_kid, reader_kid)
        if direction not in self._agreed:
            secret = own.agreement.exchange(peer.agreement)
            purpose = f"sales-internal:{issuer_kid}>{reader_kid}".encode()
            self._agreed[direction] = hmac.digest(secret, purpose, "sha256")
        return self._agreed[direction]


def _part(seed: str, purpose: str) -> bytes:
    return hmac.digest(seed.encode(), f"sales-internal:{purpose}".encode(), "sha256")


def _kid(raw: bytes) -> str:
    return sha256(raw).hexdigest()[:16]
