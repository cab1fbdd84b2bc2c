"""The proof that a payroll system's totals are what our statements say."""

import itertools
import json
import time
import urllib.parse
import urllib.request
from decimal import Decimal
from typing import Any

from deploy.examples.payroll_book import Book


class Gateway:
    """The public API, as an accountant sees it."""

    def __init__(self, address: str, username: str, password: str) -> None:
        self._address = address.rstrip("/")
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        form = urllib.parse.urlencode({"username": username, "password": password}).encode()
        self._headers: dict[str, str] = {}
        token = self._call("/auth/token", form)["access_token"]
        self._headers = {"Authorization": f"Bearer {token}"}

    def tenant(self) -> str:
        return str(self._call("/me")["tenant_id"])

    def employees(self) -> set[str]:
        """Everyone in the directory."""
        ids: set[str] = set()
        cursor: str | None = ""
        while cursor is not None:
            query = {"limit": 100} | ({"cursor": cursor} if cursor else {})
            page = self._call(f"/employees?{urllib.parse.urlencode(query)}")
            ids |= {employee["id"] for employee in page["items"]}
            cursor = page["next_cursor"]
        return ids

    def totals(self, employee: str, period: str) -> dict[str, int]:
        """A statement's sums, in kopecks by currency."""
        query = urllib.parse.urlencode({"employee_id": employee, "period": period})
        sums: dict[str, int] = {}
        for line in self._call(f"/motivation/statement?{query}")["lines"]:
            kopecks = int(Decimal(line["amount"]["amount"]) * 100)
            currency = line["amount"]["currency"]
            sums[currency] = sums.get(currency, 0) + kopecks
        return sums

    def _call(self, path: str, form: bytes | None = None) -> Any:
        request = urllib.request.Request(f"{self._address}/api/v1{path}", form, self._headers)
        with self._opener.open(request, timeout=30) as response:
            return json.load(response)


def prove(book: Book, gateway: Gateway) -> list[str]:
    """Each employee's month where the book and the statement differ, in words.

    Compared are all employees, with entries or without, in this month and in each of the book's.
    """
    ours: dict[tuple[str, str], dict[str, int]] = {}
    for total in book.totals(gateway.tenant()):
        ours.setdefault((total.employee, total.period), {})[total.currency] = total.kopecks
    employees = {employee for employee, _ in ours} | gateway.employees()
    periods = {period for _, period in ours} | {time.strftime("%Y-%m")}
    compared, differences = 0, []
    for employee, period in itertools.product(sorted(employees), sorted(periods)):
        sums, theirs = ours.get((employee, period), {}), gateway.totals(employee, period)
        compared += bool(sums or theirs)
        if theirs != sums:
            differences.append(
                f"{employee} {period}: payroll has {as_text(sums)},"
                f" the statement says {as_text(theirs)}"
            )
    print(f"{compared} statements compared, {len(differences)} differences")
    return differences


def as_text(sums: dict[str, int]) -> str:
    """Sums in kopecks by currency, as people write them."""
    amounts = [
        f"{Decimal(kopecks) / 100:.2f} {currency}" for currency, kopecks in sorted(sums.items())
    ]
    return ", ".join(amounts) or "nothing"
