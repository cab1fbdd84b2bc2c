"""An INN is its own whatever the KPP, contacts may be shared by clients of different INNs, and
clients are searched by a folded text.

Clients that were two by a KPP alone stay two until somebody merges them; whoever names their INN is
asked which one is meant.
"""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0025_identities"
down_revision = "0024_planned_settings"

# As `shared.folding.search_text_of`, as far as SQL goes; the next change of a client writes it anew.
_SPACED = "\"'`´«»„“”‟‘’‚‛‹›-‐‑‒–—―−"
_FILL_SEARCH = f"""
    UPDATE client SET search_text =
        coalesce(inn || E'\\n', '')
        || coalesce((SELECT string_agg(email || E'\\n', '') FROM unnest(emails) AS email), '')
        || coalesce((SELECT string_agg(ltrim(phone, '+') || E'\\n', '')
                     FROM unnest(phones) AS phone), '')
        || E'\\t'
        || btrim(regexp_replace(translate(lower(normalize(name, NFKC)),
            'ё{_SPACED.replace("'", "''")}', 'е{" " * len(_SPACED)}'), '\\s+', ' ', 'g'))
    WHERE search_text IS NULL
"""
# EXECUTE: planned by the words that are looked for, as a kept plan would not be.
_FUNCTION = """
CREATE FUNCTION client_found(tenant uuid, patterns text[], most bigint) RETURNS TABLE (id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
BEGIN
    IF tenant = NULLIF(current_setting('app.tenant_id', true), '')::uuid THEN
        RETURN QUERY EXECUTE 'SELECT c.id FROM client c WHERE c.tenant_id = $1
            AND c.search_text LIKE ANY ($2) LIMIT $3' USING tenant, patterns, most;
    END IF;
END
$body$
"""


def upgrade() -> None:
    connection = op.get_bind()
    app, _ = roles(connection.exec_driver_sql("SELECT current_user").scalar_one())
    op.add_column("client", sa.Column("search_text", sa.Text()))
    op.create_table(
        "identity_lock",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "value", name=op.f("pk_identity_lock")),
    )
    for statement in protect(["identity_lock"], app):
        op.execute(statement)
    # The owner is under row-level security too, and no policy is for the owner.
    for table in ("client", "client_identity"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.drop_constraint("pk_client_identity", "client_identity")
    op.execute("UPDATE client_identity SET value = split_part(value, '/', 1) WHERE kind = 'inn'")
    op.create_primary_key(
        "pk_client_identity", "client_identity", ["tenant_id", "kind", "value", "client_id"]
    )
    op.execute(_FILL_SEARCH)
    for table in ("client", "client_identity"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(_FUNCTION)
    op.execute("REVOKE EXECUTE ON FUNCTION client_found FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION client_found TO "{app}"')
    # Commands go on meanwhile: an index that is built concurrently can't be part of a transaction.
    connection.commit()
    with op.get_context().autocommit_block():
        # What an earlier try left unfinished would never be used.
        op.drop_index("ix_client_search", "client", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "ix_client_search",
            "client",
            ["tenant_id", "search_text"],
            unique=False,
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
            postgresql_concurrently=True,
        )
        op.drop_index("ix_client_name", "client", if_exists=True, postgresql_concurrently=True)
