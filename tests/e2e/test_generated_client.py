"""An integrator's way: a client generated from the OpenAPI document leads a sale to its pay.

The client is made by `openapi-python-client` in a temporary folder; nothing of it is written by
hand. Whatever the document does not describe well is missing from it or has no type.
"""

import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest

from shared.clock import period_of
from shared.contracts.http_document import METHODS
from tests.e2e.conftest import Product

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs/api/openapi.json"
PACKAGE = "sales_launch_client"
CONFIG = """
post_hooks: []
content_type_overrides:
  application/pdf: application/octet-stream
  text/csv: application/octet-stream
  application/vnd.openxmlformats-officedocument.spreadsheetml.sheet: application/octet-stream
"""
"""Files are bytes for the generated client, which knows no other type of them."""
TIME_ZONE = "Europe/Moscow"
PAID_WITHIN_SECONDS = 20
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The generated client, importable while the module's tests run."""
    folder = tmp_path_factory.mktemp("client")
    config = folder / "config.yaml"
    config.write_text(CONFIG)
    command = [str(Path(sys.executable).with_name("openapi-python-client")), "generate"]
    command += ["--path", str(DOCUMENT), "--config", str(config), "--meta", "none"]
    command += ["--fail-on-warning", "--output-path", str(folder / PACKAGE)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module(PACKAGE)
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]


def operations(package: ModuleType) -> dict[str, ModuleType]:
    """The generated module of each operation, by its id."""
    api = importlib.import_module(f"{package.__name__}.api")
    return {
        module.name.rpartition(".")[2]: importlib.import_module(module.name)
        for module in pkgutil.walk_packages(api.__path__, f"{api.__name__}.")
        if not module.ispkg
    }


class Client:
    """A caller of the generated operations; what is not a success fails the test."""

    def __init__(self, package: ModuleType, url: str, token: str = "") -> None:
        self._operations = operations(package)
        self.models = importlib.import_module(f"{package.__name__}.models")
        own: dict[str, Any] = {"httpx_args": {"trust_env": False}, "base_url": url, "timeout": 30}
        self._client = (
            package.AuthenticatedClient(token=token, **own) if token else package.Client(**own)
        )

    def __getattr__(self, operation: str) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            response = self.detailed(operation, *arguments, **named)
            assert 200 <= response.status_code < 300, response.content
            return response.parsed

        return call

    def detailed(self, operation: str, *arguments: Any, **named: Any) -> Any:
        """The response with its status, whatever it is."""
        module = self._operations[operation]
        return module.sync_detailed(*arguments, client=self._client, **named)


def test_no_operation_is_left_out(package: ModuleType) -> None:
    paths = json.loads(DOCUMENT.read_text())["paths"].values()
    described = {
        methods[method]["operationId"]
        for methods in paths
        for method in METHODS
        if method in methods
    }
    assert operations(package).keys() == described


def test_every_response_has_a_type(package: ModuleType) -> None:
    untyped = {
        operation["operationId"]
        for methods in json.loads(DOCUMENT.read_text())["paths"].values()
        for operation in methods.values()
        if isinstance(operation, dict) and not answers_json(operation)
    }
    for name, module in operations(package).items():
        returned = str(inspect.signature(module._parse_response).return_annotation)
        success = returned.replace(" | Problem", "").replace(" | None", "")
        assert "Problem" in returned, name
        assert name in untyped or (success and "Any" not in success), f"{name}: {returned}"


def answers_json(operation: dict[str, Any]) -> bool:
    """Whether a success has a JSON body: there may be none, or a stream or a file of text."""
    return any(
        "application/json" in response.get("content", {})
        for status, response in operation["responses"].items()
        if status.startswith("2")
    )


def test_a_sale_is_led_from_interest_to_pay(package: ModuleType, product: Product) -> None:
    admin = enter_tenant(package, product)
    models = admin.models
    company = admin.create_company(
        body=models.NewCompany(
            name="ООО Главная", payment_confirmation=models.PaymentConfirmation.NONE
        )
    )
    room = admin.create_room(body=models.NewRoom(name="Первая", company_ids=[company.id]))
    sold = admin.create_product(
        body=models.NewProduct(
            company_id=company.id,
            name="Подписка",
            category="Подписки",
            price=money(models, "1000.00"),
        )
    )
    source = admin.create_source(
        body=models.NewSource(name="Обзвон", channel="Телефон", kind=models.SourceKind.COLD)
    )
    publish_plan(admin, company.id, room.id)
    seller = enter_seller(package, product, admin, room.id)

    client = models.NewClient(
        name="ООО Ромашка",
        kind=models.ClientKind.ORGANIZATION,
        emails=[f"{uuid4().hex}@mail.example"],
    )
    activity = seller.register_activity(
        body=models.NewActivity(
            company_id=company.id,
            room_id=room.id,
            source_id=source.id,
            client=client,
            products=[models.RequestedProductBody(product_id=sold.id, quantity=2)],
        )
    )
    assert isinstance(activity, models.RegisteredActivityView)
    assert activity.status is models.Status.FREE
    assert activity.id in {free.id for free in seller.list_pool(room_id=room.id).items}

    taken = seller.take_activity(activity.id)
    assert taken.status is models.Status.IN_WORK
    again = seller.detailed("take_activity", activity.id)
    assert isinstance(again.parsed, models.Problem)
    assert again.parsed.code is models.ProblemCode.ALREADY_TAKEN
    assert again.parsed.detail == "Another seller took the activity first."

    step = models.NewNextStep(what="Выставить счёт", due_at=datetime(2027, 1, 10, 9, tzinfo=UTC))
    seller.record_interaction(
        activity.id,
        body=models.NewInteraction(kind=models.InteractionKind.CALL, next_step=step),
    )
    seller.issue_invoice(
        activity.id, body=models.NewInvoice(amount=money(models, "2000.00"), number="СЧ-1")
    )
    whole = seller.get_activity(activity.id)
    assert isinstance(whole, models.ActivityDetail)
    won = seller.record_payment(
        activity.id,
        body=models.NewPayment(
            amount=money(models, "2000.00"), invoice_id=whole.invoices[0].id, external_id="bank-1"
        ),
        idempotency_key=uuid4().hex,
    )
    assert won.status is models.Status.WON
    assert (won.paid.amount, won.paid.currency) == ("2000.00", "RUB")
    assert_desk_and_lists(seller, room.id, activity.id)
    assert_paid(seller)


def money(models: Any, amount: str) -> Any:
    return models.Money(amount=amount, currency="RUB")


def enter_tenant(package: ModuleType, product: Product) -> Client:
    """A provisioned tenant's admin, logged in."""
    operator = Client(package, product.url, product.operator_key)
    models = operator.models
    email = f"admin@{uuid4().hex[:12]}.example"
    admin = models.NewAdmin(name="Админ", email=email, password=PASSWORD)
    tenant = operator.provision_tenant(
        body=models.NewTenant(name="Холдинг", time_zone=TIME_ZONE, currency="RUB", admin=admin)
    )
    assert isinstance(tenant, models.TenantView)
    return log_in(package, product, email)


def log_in(package: ModuleType, product: Product, email: str) -> Client:
    anonymous = Client(package, product.url)
    form = anonymous.models.LogInForm(username=email, password=PASSWORD)
    session = anonymous.log_in(body=form)
    assert isinstance(session, anonymous.models.SessionView)
    return Client(package, product.url, session.access_token)


def enter_seller(package: ModuleType, product: Product, admin: Client, room_id: Any) -> Client:
    models = admin.models
    email = f"anna@{uuid4().hex[:12]}.example"
    employee = admin.create_employee(
        body=models.NewEmployee(
            name="Анна",
            email=email,
            password=PASSWORD,
            roles=[models.Role.SELLER],
            room_ids=[room_id],
            personnel_number="T-1",
        )
    )
    assert isinstance(employee, models.EmployeeView)
    seller = log_in(package, product, email)
    assert seller.get_me().employee_id == employee.id
    return seller


def publish_plan(admin: Client, company_id: Any, room_id: Any) -> None:
    models = admin.models
    rule = models.PercentRule(kind="percent_of_receipts", percent="5.00")
    plan = admin.draft_plan(
        body=models.PlanBody(
            company_id=company_id,
            room_id=room_id,
            name="План",
            effective_from=datetime(2026, 1, 1, tzinfo=UTC).date(),
            rules=[rule],
        )
    )
    assert isinstance(plan.rules[0], models.PercentRule)
    assert admin.publish_plan(plan.id).status is models.PlanStatus.PUBLISHED


def assert_desk_and_lists(seller: Client, room_id: Any, activity_id: Any) -> None:
    models = seller.models
    desk = seller.get_desk()
    assert isinstance(desk, models.DeskView)
    assert desk.missing == []
    listed = seller.list_activities(room_id=room_id, status=models.Status.WON)
    assert [activity.id for activity in listed.items] == [activity_id]
    assert seller.list_vips(room_id=room_id).items == []


def assert_paid(seller: Client) -> None:
    """The win is paid within moments: 5 percent of 2000, as the seller's statement shows."""
    models = seller.models
    deadline = time.monotonic() + PAID_WITHIN_SECONDS
    month = period_of(datetime.now(UTC), TIME_ZONE)
    while not (statement := seller.get_statement(period=month)).lines:
        assert time.monotonic() < deadline, "nothing was accrued"
        time.sleep(0.2)
    assert isinstance(statement, models.StatementView)
    assert (statement.total.amount, statement.total.currency) == ("100.00", "RUB")
    (entry,) = statement.lines
    assert entry.kind is models.EntryKind.ACCRUAL
    accrual = seller.get_accrual(entry.id)
    assert accrual.inputs.receipts == "2000.00"


def test_a_problem_of_malformed_input_names_the_field(
    package: ModuleType, product: Product
) -> None:
    admin = enter_tenant(package, product)
    response = admin.detailed("create_company", body=admin.models.NewCompany(name=""))
    assert response.status_code == 422
    (error,) = response.parsed.errors
    assert (error.field, error.rule, error.message) == ("name", "empty", "Must not be empty")
