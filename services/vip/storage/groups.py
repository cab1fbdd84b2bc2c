"""Groups of clients, and the VIPs that the one of their head covers."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Uuid, any_, bindparam, delete, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from services.vip.domain.vip import Vip
from services.vip.storage.mapping import vip_of
from services.vip.storage.tables import client_group, group_version, vip
from shared.db import BulkRows, Tx, compiled
from shared.ids import ClientId, EmployeeId, VipId, new_id

_g, _v = client_group.c, vip.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_client_id = bindparam("client_id", type_=Uuid)
_client_ids = bindparam("client_ids", type_=ARRAY(Uuid))
_OF_CLIENTS = compiled(
    select(_g.client_id, _g.head_client_id).where(
        _g.tenant_id == _tenant_id, _g.client_id == any_(_client_ids)
    )
)
_MEMBERS = compiled(
    select(_g.client_id, _g.head_client_id)
    .where(_g.tenant_id == _tenant_id, _g.head_client_id == any_(_client_ids))
    .order_by(_g.client_id)
)
_LOCK = compiled(
    insert(group_version)
    .values(
        tenant_id=_tenant_id, client_id=_client_id, version=literal(0, group_version.c.version.type)
    )
    # Nothing but a lock.
    .on_conflict_do_update(
        index_elements=["tenant_id", "client_id"], set_={"version": group_version.c.version}
    )
)
_COUNT_CHANGE = compiled(
    update(group_version)
    .where(group_version.c.tenant_id == _tenant_id, group_version.c.client_id == _client_id)
    .values(version=group_version.c.version + 1)
    .returning(group_version.c.version)
)
_JOIN = compiled(
    insert(client_group)
    .values(
        tenant_id=_tenant_id,
        client_id=_client_id,
        head_client_id=bindparam("head_client_id", type_=Uuid),
        by=bindparam("by", type_=Uuid),
    )
    .on_conflict_do_nothing()
    .returning(_g.client_id)
)
_LEAVE = compiled(
    delete(client_group)
    .where(_g.tenant_id == _tenant_id, _g.client_id == _client_id)
    .returning(_g.head_client_id)
)
_VIPS = compiled(
    select(vip).where(_v.tenant_id == _tenant_id, _v.client_id == any_(_client_ids)).order_by(_v.id)
)
_SET_COVERS = compiled(
    update(vip)
    .where(_v.tenant_id == _tenant_id, _v.client_id == _client_id)
    .values(covers=bindparam("covers", type_=Boolean))
)
_LOCK_COVERED = compiled(
    select(vip)
    .where(_v.tenant_id == _tenant_id, _v.head_id == any_(bindparam("head_ids", type_=ARRAY(Uuid))))
    .order_by(_v.id)
    .with_for_update()
)
_new = BulkRows("new", {"id": Uuid(), "client_id": Uuid()})
_LINK = compiled(
    insert(vip)
    .from_select(
        ["tenant_id", "id", "version", "company_id", "room_id", "client_id", "currency", "head_id"],
        select(
            _v.tenant_id,
            _new.c.id,
            literal(0, _v.version.type),
            _v.company_id,
            _v.room_id,
            _new.c.client_id,
            _v.currency,
            _v.id,
        )
        .select_from(vip.join(_new.table, literal(True)))
        .where(_v.tenant_id == _tenant_id, _v.id == bindparam("head_id", type_=Uuid)),
    )
    .on_conflict_do_update(
        index_elements=["tenant_id", "company_id", "client_id"],
        set_={"head_id": bindparam("head_id", type_=Uuid)},
        where=_v.responsible_id.is_(None),
    )
)
_UNLINK = compiled(
    update(vip).where(_v.tenant_id == _tenant_id, _v.client_id == _client_id).values(head_id=None)
)


async def head_of(tx: Tx, client_id: ClientId) -> ClientId | None:
    """The head of the group that the client is a member of."""
    row = await tx.row(_OF_CLIENTS, client_ids=[client_id])
    return row["head_client_id"] if row else None


async def members_of(
    tx: Tx, head_client_ids: Collection[ClientId]
) -> Sequence[tuple[ClientId, ClientId]]:
    """The members of groups, each with its head."""
    rows = await tx.rows(_MEMBERS, client_ids=list(head_client_ids))
    return [(row["client_id"], row["head_client_id"]) for row in rows]


async def lock(tx: Tx, *client_ids: ClientId) -> None:
    """Makes this transaction the only one that changes the groups of the clients."""
    for client_id in sorted(set(client_ids)):
        await tx.rows(_LOCK, client_id=client_id)


async def count_change(tx: Tx, client_id: ClientId) -> int:
    """The version of a locked client's group after one more change."""
    row = await tx.row(_COUNT_CHANGE, client_id=client_id)
    assert row
    return int(row["version"])


async def join(tx: Tx, client_id: ClientId, head_client_id: ClientId, by: EmployeeId) -> bool:
    """Makes the client a member; whether it was none."""
    row = await tx.row(_JOIN, client_id=client_id, head_client_id=head_client_id, by=by)
    await tx.rows(_SET_COVERS, client_id=head_client_id, covers=True)
    return row is not None


async def leave(tx: Tx, client_id: ClientId) -> ClientId | None:
    """Ends a membership; the head of it, None where there was none."""
    row = await tx.row(_LEAVE, client_id=client_id)
    if row is None:
        return None
    head: ClientId = row["head_client_id"]
    covers = bool(await members_of(tx, [head]))
    await tx.rows(_SET_COVERS, client_id=head, covers=covers)
    await tx.rows(_UNLINK, client_id=client_id)
    return head


async def vips_of(tx: Tx, *client_ids: ClientId) -> list[Vip]:
    """The VIPs of the clients, of every company, not locked."""
    return [vip_of(row) for row in await tx.rows(_VIPS, client_ids=list(client_ids))]


async def link(tx: Tx, head_id: VipId, client_ids: Collection[ClientId]) -> None:
    """Has the VIP of a group's head cover those of members that nobody holds, made where there are
    none.
    """
    rows = [{"id": new_id(), "client_id": client_id} for client_id in sorted(client_ids)]
    if rows:
        await tx.rows(_LINK, head_id=head_id, **_new.of(rows))


async def lock_covered(tx: Tx, head_ids: Collection[UUID]) -> list[Vip]:
    """The VIPs that others cover, locked."""
    return [vip_of(row) for row in await tx.rows(_LOCK_COVERED, head_ids=list(head_ids))]
