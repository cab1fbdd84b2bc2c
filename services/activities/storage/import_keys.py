"""By which key of the sender's a thing of ours is known, room by room."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, LargeBinary, Text, Uuid, and_, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.domain.imports import KeyKind
from services.activities.storage.tables.imports import import_key
from shared.db import BulkRows, Tx, compiled
from shared.db.tables import Moment

_k = import_key.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_place = {
    "room_id": bindparam("room_id", type_=Uuid),
    "company_id": bindparam("company_id", type_=Uuid),
    "kind": bindparam("kind", type_=Text),
}
_of_place = and_(_k.tenant_id == _tenant_id, *(_k[name] == bind for name, bind in _place.items()))
_import_id, _now = bindparam("import_id", type_=Uuid), bindparam("now", type_=Moment)
_keys = bindparam("keys", type_=ARRAY(Text))
_new = upsert(import_key).from_select(
    ["tenant_id", *_place, "key", "import_id", "changed_at"],
    select(_tenant_id, *_place.values(), func.unnest(_keys), _import_id, _now),
)
# An update of what is there already locks it: two imports of one row wait for each other.
_LOCK = compiled(
    _new.on_conflict_do_update(
        index_elements=["tenant_id", "room_id", "company_id", "kind", "key"],
        set_={"key": _new.excluded.key},
    ).returning(_k.key, _k.object_id, _k.fingerprint)
)
_FIND = compiled(
    select(_k.key, _k.object_id).where(
        _of_place, _k.key == func.any(_keys), _k.object_id.is_not(None)
    )
)
_made = BulkRows("made", {"key": Text(), "object_id": Uuid(), "fingerprint": LargeBinary()})
_SAVE = compiled(
    update(import_key)
    .where(_of_place, _k.key == _made.c.key)
    .values(
        object_id=_made.c.object_id,
        fingerprint=_made.c.fingerprint,
        import_id=_import_id,
        changed_at=_now,
    )
)
_DROP = compiled(
    delete(import_key).where(_of_place, _k.key == func.any(_keys), _k.object_id.is_(None))
)


@dataclass(frozen=True, slots=True)
class Keys:
    """Whose keys: of one kind of thing, of a room's import for a company."""

    kind: KeyKind
    room_id: UUID
    company_id: UUID
    import_id: UUID

    @property
    def place(self) -> dict[str, Any]:
        return {"kind": self.kind, "room_id": self.room_id, "company_id": self.company_id}


@dataclass(frozen=True, slots=True)
class KnownKey:
    """What a key made before: nothing yet where `object_id` is None."""

    object_id: UUID | None
    fingerprint: bytes | None


async def lock(tx: Tx, keys: Keys, sender_keys: Sequence[str]) -> dict[str, KnownKey]:
    """What each key made, locked until the transaction ends."""
    ordered = sorted(set(sender_keys))
    rows = await tx.rows(
        _LOCK, **keys.place, keys=ordered, import_id=keys.import_id, now=await tx.read_clock()
    )
    return {row["key"]: KnownKey(row["object_id"], row["fingerprint"]) for row in rows}


async def find(tx: Tx, keys: Keys, sender_keys: Sequence[str]) -> dict[str, UUID]:
    """What keys made, of those that made anything."""
    rows = await tx.rows(_FIND, **keys.place, keys=sorted(set(sender_keys)))
    return {row["key"]: row["object_id"] for row in rows}


async def save(tx: Tx, keys: Keys, made: Sequence[tuple[str, UUID, bytes]]) -> None:
    """Keeps what locked keys made: the key, the thing's id, the fingerprint of its row."""
    names = ("key", "object_id", "fingerprint")
    rows = [dict(zip(names, each, strict=True)) for each in made]
    values = {**keys.place, "import_id": keys.import_id, "now": tx.now}
    await tx.rows(_SAVE, **values, **_made.of(rows))


async def drop_unused(tx: Tx, keys: Keys, unused: Sequence[str]) -> None:
    """Forgets locked keys whose rows were refused."""
    await tx.rows(_DROP, **keys.place, keys=sorted(set(unused)))
