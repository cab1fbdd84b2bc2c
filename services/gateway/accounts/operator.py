"""The operator of the installation, who is no employee of a tenant."""

from hmac import compare_digest

from services.gateway.accounts.callers import bearer_token
from shared.errors import Unauthenticated


def check_operator(operator_key: str, authorization: str | None) -> None:
    """Raises `Unauthenticated` for any Authorization but the operator's."""
    if not compare_digest(bearer_token(authorization).encode("latin-1"), operator_key.encode()):
        raise Unauthenticated("operator_key")
