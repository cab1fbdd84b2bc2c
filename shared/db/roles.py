"""The roles of a service's database: its owner, and who works with it under row-level security."""

LIMITS = {
    "lock_timeout": "5s",
    "statement_timeout": "15s",
    "idle_in_transaction_session_timeout": "20s",
    # Compiling takes longer than any statement of ours, and PostgreSQL thinks of it where it plans
    # for all values.
    "jit": "off",
}
"""Set on both roles by provisioning, and not by the connection: a pooler refuses such parameters or
drops them, and the nodes of a distributed database never see them. The owner, who migrates, has
none."""


def roles(owner: str) -> tuple[str, str]:
    """The names of the app and worker roles that belong to the role `owner`."""
    stem = owner.removesuffix("_owner")
    return f"{stem}_app", f"{stem}_worker"


def limiting(owner: str) -> str:
    """Statements that set `LIMITS` on both roles of `owner`, for new sessions."""
    return "; ".join(
        f"ALTER ROLE \"{role}\" SET {setting} = '{value}'"
        for role in roles(owner)
        for setting, value in LIMITS.items()
    )
