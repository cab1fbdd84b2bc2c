"""Every operation of the merged OpenAPI document, and requests for it with ids of our choice in
every place for one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.support.bank_file import BankPayment, bank_file

Json = dict[str, Any]
Choose = Callable[[str], str]
"""An id for the place of that name."""

BROWSER = {
    "p256dh": "BDBGYL8VL-C7iwRLBNREnQAegwX81Cu6Fy4RP8EoVY1Q"
    "zsldlB76u3_FtDyfXcaeZTDR7RIgtR2-x40v6Zp5kWY",
    "auth": "zt_X9nwHvasF5orFJAOh4Q",
}
"""The keys of a browser's push subscription."""
WORDS = {
    "endpoint": "https://push.example.com/walls",
    **BROWSER,
    "begins": "21:00",
    "ends": "08:00",
    "amount": "1.00",
    "currency": "RUB",
    "percent": "5.00",
    "value": "5.00",
    "share": "1",
    "period": "2026-10",
    "quarter": "2026-Q3",
    "inn": "7707083893",
    "phone": "+74951234567",
    "number": "+74951234567",
    "client_number": "+74951234567",
    "time_zone": "Europe/Moscow",
    "effective_from": "2099-12-01",
    "filename": "table.csv",
    "field": "name",
}
NEEDED_TOO = {
    "ClientCheck": ("inn",),
    "NewCallReport": ("state", "client_number"),
    "NewConsent": ("text",),
    "NewConsentOfPhone": ("text",),
}
"""Fields of which a body needs one, by its schema's name, though none is required by itself."""
LEFT_OUT = {"BulkCommand": ("reason_id",), "NewCustomField": ("choices",)}
"""Fields that the first of a body's kinds does not take."""
FILES = {
    "POST /api/v1/bank-statements": bank_file([BankPayment("17", "2.00", "Взнос")]),
    "POST /api/v1/sources/costs/import": "source;from;amount\nОбзвон;2026-11-01;2\n".encode(),
    "POST /api/v1/imports": "Название;Телефон\nСтена;\n".encode(),
}
"""What is posted as it is, by operation."""
FORMATS = {"date-time": "2026-11-01T10:00:00Z", "date": "2026-11-01"}


@dataclass(frozen=True)
class Request:
    """What is sent; a body of bytes is a file."""

    method: str
    path: str
    query: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Operation:
    """A path and method of the document."""

    document: Json
    method: str
    path: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def _described(self) -> Json:
        found: Json = self.document["paths"][self.path][self.method.lower()]
        return found

    @property
    def is_open(self) -> bool:
        """Whether the document says that no caller is needed."""
        return self._described.get("security") == []

    @property
    def places(self) -> list[str]:
        """The names of what takes an id, in path, query and body."""
        found: list[str] = []

        def note(name: str) -> str:
            found.append(name)
            return str(uuid4())

        self.request(note)
        return sorted(set(found))

    def request(self, choose: Choose) -> Request:
        """A valid request: what is required, and every place for an id."""
        path, query = self.path, {}
        for parameter in self._described.get("parameters", []):
            name, where = parameter["name"], parameter["in"]
            if where == "path":
                path = path.replace(
                    f"{{{name}}}", str(self._value(parameter["schema"], name, choose))
                )
            elif where == "query" and (
                parameter.get("required") or self._has_id(parameter["schema"])
            ):
                value = self._value(parameter["schema"], name, choose)
                query[name] = str(value[0] if isinstance(value, list) else value)
        content = self._described.get("requestBody", {}).get("content", {})
        body = None
        if "application/json" in content:
            body = self._value(content["application/json"]["schema"], "body", choose)
        elif content.keys() & {"application/octet-stream", "text/csv"}:
            body = FILES[self.name]
        return Request(self.method, path.removeprefix("/api/v1"), query, body)

    def _resolved(self, schema: Json) -> Json:
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def _has_id(self, schema: Json) -> bool:
        schema = self._resolved(schema)
        inner = [
            *schema.get("anyOf", []),
            *schema.get("oneOf", []),
            *schema.get("properties", {}).values(),
        ]
        if "items" in schema:
            inner.append(schema["items"])
        return schema.get("format") == "uuid" or any(self._has_id(each) for each in inner)

    def _value(self, schema: Json, name: str, choose: Choose) -> Any:
        title = schema.get("$ref", "").rpartition("/")[2]
        needed_too, left_out = NEEDED_TOO.get(title, ()), LEFT_OUT.get(title, ())
        schema = self._resolved(schema)
        if options := schema.get("anyOf") or schema.get("oneOf"):
            kinds = [option for option in options if option.get("type") != "null"]
            return self._value(next(filter(self._has_id, kinds), kinds[0]), name, choose)
        if schema.get("format") == "uuid":
            return choose(name)
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        match schema.get("type"):
            case "object":
                needed = [*schema.get("required", []), *needed_too]
                fields = schema.get("properties", {}).items()
                return {
                    field: self._value(each, field, choose)
                    for field, each in fields
                    if field in needed or (self._has_id(each) and field not in left_out)
                }
            case "array":
                return [self._value(schema["items"], name, choose)]
            case "integer":
                return max(1, schema.get("minimum", 1))
            case "boolean":
                return False
        if name == "email":
            return f"{uuid4().hex}@walls.example"
        return WORDS.get(name) or FORMATS.get(schema.get("format", "")) or "Слово"


def operations(document: Json) -> Iterator[Operation]:
    """All of them: what is new is there by itself."""
    for path, methods in document["paths"].items():
        for method in methods:
            if method in ("get", "post", "put", "patch", "delete"):
                yield Operation(document, method.upper(), path)
