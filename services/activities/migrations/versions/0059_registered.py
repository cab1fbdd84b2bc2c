"""Activities by registration carry whose they are, so that reports of money read the index alone.

Commands go on meanwhile: an index that is built concurrently can't be part of a transaction.
"""

from alembic import op

revision = "0059_registered"
down_revision = "0058_split_proposals"

_COLUMNS = ["tenant_id", "room_id", "id"]
_CARRIED = ["source_id", "first_source_id", "responsible_id"]
_OLD, _NEW = "ix_activity_created", "ix_activity_registered"


def upgrade() -> None:
    _replace(_OLD, _NEW, _CARRIED)


def downgrade() -> None:
    _replace(_NEW, _OLD, [])


def _replace(old: str, new: str, carried: list[str]) -> None:
    op.get_bind().commit()
    with op.get_context().autocommit_block():
        # What an earlier try left unfinished would never be used.
        op.drop_index(new, "activity", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            new,
            "activity",
            _COLUMNS,
            unique=False,
            postgresql_include=carried,
            postgresql_concurrently=True,
        )
        op.drop_index(old, "activity", if_exists=True, postgresql_concurrently=True)
