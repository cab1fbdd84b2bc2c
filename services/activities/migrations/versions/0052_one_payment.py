"""Payments from outside once, whoever tells of them: lines of bank statements are rows of theirs.

Lines move in batches. Those that the release before reads meanwhile stay behind; the same file,
uploaded again, brings them. The tables that they leave go with the next release.
"""

import hashlib
from collections import defaultdict
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.db.rls import protect, show_to_worker
from shared.db.roles import roles

revision = "0052_one_payment"
down_revision = "0051_won_on"

_PAYMENT, _REPORT, _MATCHED = "inbound_payment", "inbound_payment_report", "matched_invoice"
_TABLES = (
    _PAYMENT,
    _REPORT,
    "inbound_payment_booking",
    "inbound_payment_entry",
    "bank_line",
    "bank_line_entry",
)
_COLUMNS: dict[str, Any] = {
    "line_identity": sa.LargeBinary(),
    "line_ordinal": sa.Integer(),
    "kind": sa.Text(),
}
_INDEXES: dict[str, tuple[list[str], str, bool]] = {
    "uq_inbound_payment_line": (
        ["line_identity", "line_ordinal"],
        "line_identity IS NOT NULL",
        True,
    ),
    "ix_inbound_payment_line_state": (["state", "id"], "line_identity IS NOT NULL", False),
    "ix_inbound_payment_payer": (
        ["payer_inn", "id"],
        "state = 'unmatched' AND version = 1",
        False,
    ),
}
_BATCH = 500
_FIRST: dict[str, Any] = {"tenant_id": UUID(int=0), "id": UUID(int=0)}
_NEXT = (
    "SELECT * FROM {} WHERE (tenant_id, id) > (:tenant_id, :id) ORDER BY tenant_id, id"
    f" LIMIT {_BATCH}"
)
_FILL_KINDS = sa.text(
    "UPDATE inbound_payment SET kind = CASE direction WHEN 'in' THEN 'incoming' ELSE"
    " 'refund_candidate' END WHERE kind IS NULL AND tenant_id = ANY(:tenant_ids) AND id = ANY(:ids)"
)
_ADD_REPORTS = sa.text(
    "INSERT INTO inbound_payment_report (tenant_id, external_id, inbound_payment_id, origin, sender,"
    " entered_at, entered_by) SELECT tenant_id, external_id, id, origin, origin ||"
    " coalesce(':' || entered_by::text, ''), entered_at, entered_by FROM inbound_payment"
    " WHERE tenant_id = ANY(:tenant_ids) AND id = ANY(:ids) AND origin <> 'statement'"
    " ON CONFLICT DO NOTHING"
)
_PLACES = sa.text(
    "SELECT tenant_id, fingerprint, max(ordinal) AS ordinal FROM inbound_payment"
    " WHERE tenant_id = ANY(:tenant_ids) AND fingerprint = ANY(:fingerprints)"
    " AND fingerprint IS NOT NULL GROUP BY tenant_id, fingerprint"
)
_ENTRIES = sa.text(
    "SELECT * FROM bank_line_entry WHERE tenant_id = ANY(:tenant_ids) AND line_id = ANY(:ids)"
    " ORDER BY id"
)
_KEYS = [sa.bindparam(name, type_=ARRAY(sa.Uuid())) for name in ("tenant_ids", "ids")]
_ADD_PAYMENT = sa.text(
    "INSERT INTO inbound_payment (tenant_id, id, version, origin, external_id, fingerprint, ordinal,"
    " line_identity, line_ordinal, kind, company_id, direction, amount, currency, received_on,"
    " document_number, document_on, own_account, payer_inn, payer_kpp, payer_account, payer_name,"
    " purpose, state, certainty, entered_at) VALUES (:tenant_id, :id, :version, 'statement',"
    " :external_id, :fingerprint, :place, :identity, :ordinal, :kind, :company_id, :direction,"
    " :amount, :currency, :operation_on, :document_number, :document_on, :account, :other_inn,"
    " :other_kpp, :other_account, :other_name, :purpose, :new_state, :certainty, :entered_at)"
    " ON CONFLICT DO NOTHING"
)
_ADD_BOOKING = sa.text(
    "INSERT INTO inbound_payment_booking (tenant_id, inbound_payment_id, version, position,"
    " activity_id, invoice_id, payment_id, amount, was) VALUES (:tenant_id, :line_id, :version,"
    " :position, :activity_id, :invoice_id, :payment_id, :amount, :was) ON CONFLICT DO NOTHING"
)
_ADD_ENTRY = sa.text(
    "INSERT INTO inbound_payment_entry (tenant_id, inbound_payment_id, version, at, who, what,"
    " details, note) VALUES (:tenant_id, :line_id, :version, :at, :who, :new_what, :details,"
    " :reason) ON CONFLICT DO NOTHING"
).bindparams(sa.bindparam("details", type_=JSONB()))
_STATES = {"booked": "booked", "ignored": "set_aside"}
_CERTAINTIES = {"sure": "sure", "suggested": "suggested"}
_DECISIONS = {"matched": "booked", "ignored": "set_aside"}


def upgrade() -> None:
    for name, kind in _COLUMNS.items():
        op.add_column(_PAYMENT, sa.Column(name, kind), if_not_exists=True)
    connection = op.get_bind()
    if not sa.inspect(connection).has_table(_REPORT):
        _create_tables()
    connection.commit()
    with op.get_context().autocommit_block():
        for name, (columns, where, unique) in _INDEXES.items():
            # What an earlier try left unfinished would never be used.
            op.drop_index(name, _PAYMENT, if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                _PAYMENT,
                ["tenant_id", *columns],
                unique=unique,
                postgresql_where=sa.text(where),
                postgresql_concurrently=True,
            )
    _fill(connection, _PAYMENT, _keep_reports)
    _fill(connection, "bank_line", _move_lines)


_NEW_TABLES = (
    "CREATE TABLE matched_invoice (tenant_id uuid NOT NULL, last_id uuid NOT NULL,"
    " CONSTRAINT pk_matched_invoice PRIMARY KEY (tenant_id))",
    "CREATE TABLE inbound_payment_report (tenant_id uuid NOT NULL, external_id text NOT NULL,"
    " inbound_payment_id uuid NOT NULL, origin text NOT NULL, sender text NOT NULL,"
    " entered_at timestamptz NOT NULL, entered_by uuid,"
    " CONSTRAINT pk_inbound_payment_report PRIMARY KEY (tenant_id, external_id),"
    " CONSTRAINT fk_inbound_payment_report_inbound_payment FOREIGN KEY (tenant_id,"
    " inbound_payment_id) REFERENCES inbound_payment (tenant_id, id) ON DELETE CASCADE)",
    "CREATE UNIQUE INDEX uq_inbound_payment_report_sender ON inbound_payment_report"
    " (tenant_id, inbound_payment_id, sender)",
)


def _create_tables() -> None:
    app, worker = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in (
        *_NEW_TABLES,
        *protect([_REPORT, _MATCHED], app),
        *show_to_worker(_MATCHED, ["tenant_id", "last_id"], worker),
        *show_to_worker(_PAYMENT, ["tenant_id", "state", "version"], worker),
        *show_to_worker("invoice_number", ["tenant_id", "invoice_id"], worker),
    ):
        op.execute(statement)


def _fill(connection: sa.Connection, table: str, move: Any) -> None:
    """A batch a transaction: nobody who books waits for long."""
    last = _FIRST
    while True:
        # The owner is under row-level security too, and no policy is for the owner.
        for name in _TABLES:
            connection.exec_driver_sql(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY")
        next_rows = sa.text(_NEXT.format(table))
        values = {"tenant_id": last["tenant_id"], "id": last["id"]}
        rows = [dict(row._mapping) for row in connection.execute(next_rows, values)]
        if rows:
            move(connection, rows)
        for name in _TABLES:
            connection.exec_driver_sql(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
        connection.commit()
        if len(rows) < _BATCH:
            return
        last = rows[-1]


def _keys(rows: list[dict[str, Any]]) -> dict[str, list[UUID]]:
    return {
        "tenant_ids": sorted({row["tenant_id"] for row in rows}),
        "ids": [row["id"] for row in rows],
    }


def _keep_reports(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    for statement in (_FILL_KINDS, _ADD_REPORTS):
        connection.execute(statement.bindparams(*_KEYS), _keys(rows))


def _move_lines(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    entries = defaultdict(list)
    for entry in connection.execute(_ENTRIES.bindparams(*_KEYS), _keys(rows)):
        entries[entry.tenant_id, entry.line_id].append(dict(entry._mapping))
    places = _places(connection, rows)
    payments, bookings, decisions = [], [], []
    for row in rows:
        key = row["tenant_id"], _fingerprint(row)
        if key[1]:
            places[key] += 1
        history = _decisions(entries[row["tenant_id"], row["id"]])
        payment = _payment(row, len(history) + 1) | {"fingerprint": key[1], "place": places[key]}
        payments.append(payment)
        decisions += history
        bookings += [_booking(row, place, len(history) + 1) for place in range(len(row["parts"]))]
    connection.execute(_ADD_PAYMENT, payments)
    for statement, values in ((_ADD_ENTRY, decisions), (_ADD_BOOKING, bookings)):
        if values:
            connection.execute(statement, values)


def _places(
    connection: sa.Connection, rows: list[dict[str, Any]]
) -> defaultdict[tuple[Any, str | None], int]:
    """The last place that is taken, by tenant and fingerprint."""
    fingerprints = sa.bindparam("fingerprints", type_=ARRAY(sa.Text()))
    by_prints = _PLACES.bindparams(_KEYS[0], fingerprints)
    values = {
        "tenant_ids": _keys(rows)["tenant_ids"],
        "fingerprints": [value for row in rows if (value := _fingerprint(row))],
    }
    places: defaultdict[tuple[Any, str | None], int] = defaultdict(lambda: -1)
    places |= {(row["tenant_id"], None): 0 for row in rows}
    for taken in connection.execute(by_prints, values):
        places[taken.tenant_id, taken.fingerprint] = taken.ordinal
    return places


def _payment(row: dict[str, Any], version: int) -> dict[str, Any]:
    names = (
        "tenant_id id identity ordinal kind company_id amount currency operation_on"
        " document_number document_on account other_inn other_kpp other_account other_name purpose"
    )
    state = row["state"]
    return {
        **{name: row[name] for name in names.split()},
        "version": version,
        "external_id": f"bank-{bytes(row['identity']).hex()[:40]}-{row['ordinal']}-1",
        "direction": _direction(row),
        "new_state": _STATES.get(state, "unmatched"),
        "certainty": _CERTAINTIES.get(state, "none"),
        "entered_at": row["changed_at"],
    }


def _decisions(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    decisions, before = [], ""
    for version, entry in enumerate(entries, 2):
        what = _DECISIONS.get(entry["what"], entry["what"])
        if what == "undone" and before == "set_aside":
            what = "restored"
        details = {"pressed": entry["what"] == "matched"}
        decisions.append({**entry, "version": version, "new_what": what, "details": details})
        before = what
    return decisions


def _booking(row: dict[str, Any], place: int, version: int) -> dict[str, Any]:
    part = row["parts"][place]
    return {
        "tenant_id": row["tenant_id"],
        "line_id": row["id"],
        "version": version,
        "position": place,
        "amount": Decimal(part["amount"]["amount"]),
        "was": "claimed" if part["was_claimed"] else None,
        **{name: part[name] for name in ("activity_id", "invoice_id", "payment_id")},
    }


def _direction(row: dict[str, Any]) -> str:
    return "in" if row["kind"] == "incoming" else "out"


def _fingerprint(row: dict[str, Any]) -> str | None:
    """As `fingerprint_of` has it; null for an order without a number or another party."""
    number = row["document_number"].strip().lstrip("0")
    other = row["other_inn"] or row["other_account"]
    if not number or not other:
        return None
    parts = (
        str(row["company_id"]),
        _direction(row),
        number.casefold(),
        row["document_on"].isoformat(),
        f"{row['amount']:.2f}",
        row["currency"],
        other,
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def downgrade() -> None:
    for table in (_REPORT, _MATCHED):
        op.drop_table(table)
    for table in (_PAYMENT, "invoice_number"):
        op.execute(f"DROP POLICY worker ON {table}")
    for name in _INDEXES:
        op.drop_index(name, _PAYMENT)
    op.execute("DELETE FROM inbound_payment WHERE line_identity IS NOT NULL")
    for name in _COLUMNS:
        op.drop_column(_PAYMENT, name)
