"""The payroll topic carries the entries; the example proves that they match the statements."""

import asyncio
import os
import sqlite3
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from tests.e2e.conftest import Product
from tests.e2e.office import Office
from tests.support.money import rub
from tests.support.servers import ROOT
from tests.support.tenant import PASSWORD
from tests.support.wait import eventually

COMMAND = (sys.executable, "-m", "deploy.examples.payroll")


class Payroll:
    """The example as its users run it, on a file of its own."""

    def __init__(self, product: Product, office: Office, file: Path) -> None:
        self._environment = (
            os.environ
            | {"SALES_NAMESPACE": product.installation.namespace}
            | product.installation.kafka_of("payroll").as_environment()
        )
        accountant = office.accountant.username
        self._options = (
            "--file",
            str(file),
            "--gateway",
            product.url,
            "--username",
            accountant,
            "--password",
            PASSWORD,
        )
        self._file = file

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *COMMAND,
            *words,
            *self._options,
            cwd=ROOT,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def run(self, *words: str) -> tuple[int, str]:
        """Exit code and output."""
        process = await self.start(*words)
        output, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, output.decode()

    async def catch_up(self) -> None:
        assert await self.run("follow", "--until-idle") == (0, "")

    def entries(self) -> int:
        """How many entries of pay the file holds."""
        if not self._file.exists():
            return 0
        with sqlite3.connect(self._file) as database:
            exists = database.execute(
                "SELECT count(*) FROM sqlite_master WHERE name = 'entry'"
            ).fetchone()[0]
            return (
                int(database.execute("SELECT count(*) FROM entry").fetchone()[0]) if exists else 0
            )


@pytest.mark.timeout(300)
async def test_a_killed_and_doubled_payroll_adds_up_to_the_statements(
    office: Office, product: Product, tmp_path: Path
) -> None:
    await office.publish_plan(
        [
            {"kind": "percent_of_receipts", "percent": "3.33"},
            {"kind": "fixed", "amount": rub("100.00")},
        ]
    )
    won = [
        await office.win(seller, "odd") for seller in (office.anna, office.boris) for _ in range(4)
    ]
    await office.accountant.do(
        f"/activities/{won[0]['id']}/refunds", {"amount": rub("33.33"), "reason": "скидка"}
    )
    await _paid(office, entries=17)
    payroll = Payroll(product, office, tmp_path / "payroll.sqlite")

    killed = await payroll.start("follow")
    await eventually(lambda: _some(payroll), 60)
    killed.kill()
    await killed.wait()
    first, second = await asyncio.gather(
        payroll.start("follow", "--until-idle"), payroll.start("follow", "--until-idle")
    )
    assert [(await process.communicate())[0] for process in (first, second)] == [b"", b""]
    assert (first.returncode, second.returncode) == (0, 0)
    entries = payroll.entries()
    await payroll.catch_up()
    assert payroll.entries() == entries

    code, output = await payroll.run("prove")
    assert code == 0 and "2 statements compared, 0 differences" in output, output
    _, totals = await payroll.run("totals")
    ours = {
        line.split(";")[1]: line.split(";")[3:]
        for line in totals.splitlines()
        if line.startswith(office.tenant_id)
    }
    # 333.33 × 3.33 % = 11.0999, so 11.10, and 100.00: four times each; 300.00 × 3.33 % = 9.99 after
    # the refund.
    assert ours == {office.anna.id: ["443.29 RUB", "9"], office.boris.id: ["444.40 RUB", "8"]}

    await office.win(office.anna, "odd")
    await _paid(office, entries=19)
    code, output = await payroll.run("prove")
    assert code == 1 and office.anna.id in output, (
        "an entry that payroll has not read yet is a difference"
    )
    await payroll.catch_up()
    assert (await payroll.run("prove"))[0] == 0


async def _some(payroll: Payroll) -> bool:
    return payroll.entries() > 0


async def _paid(office: Office, entries: int) -> None:
    """Waits until motivation has posted so many entries."""

    async def look() -> bool:
        statements = [
            await seller.see("/motivation/statement") for seller in (office.anna, office.boris)
        ]
        assert all(Decimal(statement["total"]["amount"]) >= 0 for statement in statements)
        return sum(len(statement["lines"]) for statement in statements) == entries

    await eventually(look)
