"""The roles of a service's database: its owner, and who works with it under row-level security."""


def roles(owner: str) -> tuple[str, str]:
    """The names of the app and worker roles that belong to the role `owner`."""
    stem = owner.removesuffix("_owner")
    return f"{stem}_app", f"{stem}_worker"
