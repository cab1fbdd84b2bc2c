"""No input makes the product fail: what the document allows, and what it does not, is sent to every
operation.

SALES_TEST_EXAMPLES (20) is how many requests each operation gets; above 20 they are other ones in
every run.
"""

import asyncio
import os
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup

from shared.web.messages import MESSAGES
from tests.e2e.belongings import Belongings, furnish
from tests.e2e.conftest import Product
from tests.e2e.office import open_office
from tests.support.client import ApiClient

FEW = 20
EXAMPLES = int(os.environ.get("SALES_TEST_EXAMPLES", FEW))
STREAM = "/api/v1/stream"
WITHIN_SECONDS = 30


@dataclass
class Sender:
    """Somebody with every role, what they have, and a connection that is kept."""

    belongings: Belongings
    token: str
    http: requests.Session
    answers: Counter[int] = field(default_factory=Counter)
    """How often each hundred of statuses came."""


@pytest.fixture(scope="module")
def sender(product: Product) -> Sender:
    """An admin who also sells and keeps the accounts, in a furnished office of their own."""

    async def prepare() -> tuple[Belongings, str]:
        async with aiohttp.ClientSession(product.url) as http:
            office = await open_office(ApiClient(http), product.operator_key)
            belongings = await furnish(office)
            everything = {
                "roles": ["admin", "seller", "head", "accountant", "marketer"],
                "room_ids": [office.rooms["front"]],
            }
            await office.admin.do(f"/employees/{office.anna.id}", everything, "PATCH")
            return belongings, office.anna.token

    belongings, token = asyncio.run(prepare())
    http = requests.Session()
    http.trust_env = False
    return Sender(belongings, token, http)


@pytest.mark.timeout(1200)
def test_no_request_makes_an_operation_fail(product: Product, sender: Sender) -> None:
    document = sender.http.get(f"{product.url}/openapi.json", timeout=10).json()
    del document["paths"][STREAM]
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=product.url)
    failures = []
    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]
        try:
            _try(operation, sender)
        except FailureGroup as failed:
            failures.append(
                "\n".join(
                    (
                        operation.label,
                        *map(str, failed.exceptions),
                        *getattr(failed, "__notes__", ()),
                    )
                )
            )
    assert not failures, "\n".join(failures)
    # What nobody lets in proves nothing.
    assert sender.answers[2] > sender.answers.total() / 20 and sender.answers[4] > 0, sender.answers


def _try(operation: schemathesis.APIOperation[Any, Any, Any, Any], sender: Sender) -> None:
    requests_of = st.one_of(
        *(operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode)
    )
    headers = {"Authorization": f"Bearer {sender.token}"}

    @given(case=requests_of)
    @settings(
        max_examples=EXAMPLES,
        derandomize=EXAMPLES <= FEW,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    def attempt(case: schemathesis.Case[Any]) -> None:
        if sender.answers.total() % 4:
            _reach(case, sender.belongings)
        answer = case.call_and_validate(
            session=sender.http,
            headers=headers,
            checks=[not_a_server_error],
            timeout=WITHIN_SECONDS,
        )
        sender.answers[answer.status_code // 100] += 1
        if answer.status_code == 422:
            _assert_in_words(answer.json())

    attempt()


def _assert_in_words(problem: dict[str, Any]) -> None:
    """Every field at fault is named, by a rule of ours, in its words."""
    assert problem["title"] == MESSAGES["en"].titles[problem["code"]]
    for error in problem.get("errors", ()):
        assert error["field"], problem
        assert error["message"] == MESSAGES["en"].rule(error["rule"], error), problem
        assert error["rule"] in MESSAGES["en"].rules, error
        assert error["rule"] != "value", error


def _reach(case: schemathesis.Case[Any], belongings: Belongings) -> None:
    """Three of four requests are about something that is there, or the rules behind the look-up
    would never be reached.
    """
    for place in case.path_parameters or {}:
        if place in belongings.ids:
            case.path_parameters[place] = belongings.ids[place]
