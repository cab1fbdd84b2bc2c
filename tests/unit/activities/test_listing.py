"""Statements of lists, as far as their text tells how dear they are."""

from uuid import UUID, uuid4

import pytest

from services.activities.queries.listing import Filters, statement_of


@pytest.mark.parametrize("rooms", [None, [uuid4()], [uuid4(), uuid4()]])
def test_the_client_into_which_one_was_merged_is_looked_up_once(rooms: list[UUID] | None) -> None:
    statement, _ = statement_of(Filters(client_id=uuid4()), rooms, 50, None)
    # A subquery of the statement's own row would be asked for each activity of the tenant.
    assert "FROM client AS asked" in statement.sql
    assert statement.sql.count("asked.merged_into") == 1
