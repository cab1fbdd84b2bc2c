"""Replicas by declaration: which event describes which table, column by column."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam
from sqlalchemy.dialects.postgresql import insert

from shared.db import Statement, Tx, compiled
from shared.events import Event, PublishedEvent

Column = str | Callable[[PublishedEvent], Any]


def subject(published: PublishedEvent) -> UUID:
    """The thing that an event is about, for a column of a replica."""
    return published.envelope.subject


@dataclass(frozen=True)
class Replica:
    """A table kept at the latest version of each thing that `event` describes.

    `columns` names the event's field of each column, or takes it from the published event (its
    `subject`, say); `tenant_id` and `version` come from the envelope. `only` leaves out events of
    other kinds of things. `owned_as` is what the owner calls the things, if not as the event does;
    `id_column` holds their id, if it is not the whole key.
    """

    event: type[Event]
    table: Table
    columns: Mapping[str, Column]
    only: Callable[[Any], bool] = lambda event: True
    owned_as: str = ""
    id_column: str = ""

    @property
    def kind(self) -> str:
        """The kind of the things, as their owner gives pages of them."""
        return self.owned_as or self.event.type.partition(".")[0]

    @property
    def paged_by(self) -> str:
        """The column by which pages go; empty where a tenant's rows are few and have no one id."""
        return self.id_column or (self.key[0] if len(self.key) == 1 else "")

    async def store(self, tx: Tx, events: Sequence[PublishedEvent]) -> None:
        """Stores the latest of `events`, in the order of keys; older ones change nothing.

        Two replicas of a service that wrote the same rows in different orders would deadlock.
        """
        rows: dict[tuple[Any, ...], dict[str, Any]] = {}
        for published in events:
            if self.only(published.event):
                row = self.row(published)
                key = tuple(row[name] for name in self.key)
                if key not in rows or rows[key]["version"] < row["version"]:
                    rows[key] = row
        await tx.each(self.statement, [rows[key] for key in sorted(rows)])

    async def store_one(self, tx: Tx, published: PublishedEvent) -> bool:
        """Stores one event; whether it was newer than what was here."""
        return await tx.row(self.statement, **self.row(published)) is not None

    def row(self, published: PublishedEvent) -> dict[str, Any]:
        """The table's row, without the tenant, as the event describes it."""
        event: Any = published.event
        values = {
            name: getattr(event, field) if isinstance(field, str) else field(published)
            for name, field in self.columns.items()
        }
        return {**values, "version": published.envelope.version}

    @cached_property
    def key(self) -> tuple[str, ...]:
        """The columns of the primary key, without the tenant's."""
        return tuple(column.name for column in self.table.primary_key if column.name != "tenant_id")

    @cached_property
    def statement(self) -> Statement:
        """Inserts or updates a row unless one as new is there; returns a row where it did."""
        new = insert(self.table).values(
            {column.name: bindparam(column.name, type_=column.type) for column in self.table.c}
        )
        key = [column.name for column in self.table.primary_key]
        newer = new.on_conflict_do_update(
            index_elements=key,
            set_={
                column.name: new.excluded[column.name]
                for column in self.table.c
                if not column.primary_key
            },
            where=self.table.c.version < new.excluded.version,
        )
        return compiled(newer.returning(self.table.c.version))
