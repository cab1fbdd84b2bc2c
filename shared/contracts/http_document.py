"""The public HTTP API as one OpenAPI document: the services' own documents, merged and completed.

FastAPI describes routes; what holds for all of them stands here once: names of schemas,
descriptions of fields, problems, security, examples. Documents in, a document out.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from shared.contracts import enums, examples, http_problems
from shared.contracts.descriptions import ETAG, IDEMPOTENCY_KEY, IF_MATCH, TAGS, about, describe
from shared.money import Money

Json = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
PREFIX = "/api/v1/"
_REFERENCE = "#/components/schemas/"
_OPEN = (f"{PREFIX}auth/",)
_KEY_IN_PATH = "/{key}"
"""The end of paths that name the API key themselves."""
_RECEIVED_AMOUNT = Money.model_json_schema()["properties"]["amount"]["pattern"]
_KINDS_OF_MONEY = frozenset({"PositiveMoney", "Price"})  # of one shape, their bounds in words
_WITHOUT_KEY = (f"{PREFIX}auth/", f"{PREFIX}tenants")


def merged(
    own: Json, services: Mapping[str, Json], adjust: Callable[[Json], None] = lambda _: None
) -> Json:
    """The paths of all under unique component names; the gateway's description of a path wins.

    `own` is the gateway's document, `services` are the others' by name. `adjust` changes the merged
    document before descriptions and examples are added.
    """
    taken = {(path, method) for path, method, _ in _operations(own)}
    schemas: Json = {}
    paths: Json = {}
    for name, part in {**dict(sorted(services.items())), "gateway": own}.items():
        kept = _public(part, set() if name == "gateway" else taken)
        prepared = _with_unique_names(_with_clean_schemas(kept), schemas, name)
        for path, methods in prepared["paths"].items():
            paths.setdefault(path, {}).update(methods)
        schemas |= prepared["components"]["schemas"]
    components: Json = {
        "schemas": schemas | http_problems.schemas(),
        "responses": http_problems.responses(),
        "securitySchemes": {
            "bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "An access token of `POST /auth/token`, or an API key.",
            }
        },
    }
    document = {
        "openapi": "3.1.0",
        "info": about(),
        "servers": [{"url": "/", "description": "The gateway that this document came from"}],
        "security": [{"bearer": []}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": dict(sorted(paths.items())),
        "components": components,
    }
    adjust(document)
    return _completed(document)


def _public(part: Json, taken: set[tuple[str, str]]) -> Json:
    """A copy of the public paths of `part`, without the operations `taken` by another."""
    paths: Json = {}
    for path, method, operation in _operations(part):
        if path.startswith(PREFIX) and (path, method) not in taken:
            paths.setdefault(path, {})[method] = deepcopy(operation)
    schemas = deepcopy(part.get("components", {}).get("schemas", {}))
    return {"paths": paths, "components": {"schemas": schemas}}


def _operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document.get("paths", {}).items():
        for method in METHODS:
            if method in methods:
                yield path, method, methods[method]


# --- schemas of one service


def _with_clean_schemas(part: Json) -> Json:
    """One schema for a model, whether it is sent or received; names without FastAPI's additions,
    no titles that repeat a name, nothing that no operation uses.
    """
    for _, _, operation in _operations(part):
        operation.get("responses", {}).pop("422", None)  # FastAPI's; ours are the same everywhere
        for parameter in operation.get("parameters", []):
            parameter.get("schema", {}).pop("title", None)
        for response in operation.get("responses", {}).values():
            for content in response.get("content", {}).values():
                content.get("schema", {}).pop("title", None)
    schemas = _used(part)
    whole: Json = {}
    for name, schema in sorted(
        schemas.items(), key=lambda entry: entry[0] == _clean_name(entry[0])
    ):
        clean = _clean_name(name)  # the schema of that very name comes last and wins
        whole[clean] = _either_way(whole[clean], schema) if clean in whole else schema
    if money := whole.get("Money"):
        # More may be received than is sent.
        money["properties"]["amount"]["pattern"] = _RECEIVED_AMOUNT
    renamed: Json = _renamed({**part, "components": {"schemas": whole}}, _clean_name)
    for schema in renamed["components"]["schemas"].values():
        _tidy(schema)
    return renamed


def _used(part: Json) -> Json:
    """The schemas that operations need, directly or not."""
    schemas, used = part["components"]["schemas"], {}
    waiting = list(_references(part["paths"]))
    while waiting:
        name = waiting.pop()
        if name in schemas and name not in used:
            used[name] = schemas[name]
            waiting += _references(schemas[name])
    return {name: schemas[name] for name in schemas if name in used}


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(reference := node.get("$ref"), str):
            yield reference.removeprefix(_REFERENCE)
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for item in node:
            yield from _references(item)


def _clean_name(name: str) -> str:
    """`Money` of `Money-Input` and of `Price`, `ActivityPage` of `Page_ActivityView_`, `LogInForm`
    of `Body_log_in`.
    """
    stem = name.removesuffix("-Input").removesuffix("-Output")
    if stem in _KINDS_OF_MONEY:
        return "Money"
    kind, _, rest = stem.partition("_")
    if kind == "Page":
        return rest.removesuffix("_").removesuffix("View") + "Page"
    if kind == "Body":
        return "".join(map(str.title, rest.split("_"))) + "Form"
    return stem


def _either_way(first: Json, second: Json) -> Json:
    """One schema for what is received as `first` and sent as `second`, or the other way round:
    required is what both require.
    """
    required = [name for name in first.get("required", ()) if name in second.get("required", ())]
    return {**second, "required": required} if "properties" in second else second


def _tidy(schema: Json) -> None:
    """Takes out titles that repeat a name, and words that JSON Schema does not know."""
    schema.pop("title", None)
    for field in schema.get("properties", {}).values():
        for place in (field, field.get("items", {}), *field.get("anyOf", ())):
            place.pop("title", None)
            place.pop("decimal_places", None)


def _with_unique_names(part: Json, taken: Mapping[str, Any], service: str) -> Json:
    """`part` with those components renamed whose names mean something else elsewhere."""
    new = {
        name: f"{service.title()}{name}"
        for name, schema in part["components"]["schemas"].items()
        if name in taken and taken[name] != schema
    }
    return _renamed(part, lambda name: new.get(name, name))


def _renamed(part: Json, rename: Callable[[str], str]) -> Json:
    """`part` with every schema under its new name, references included."""

    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            return {
                key: pointer(value) if _points(key, value) else walk(value)
                for key, value in node.items()
            }
        return [walk(item) for item in node] if isinstance(node, list) else node

    def pointer(reference: Any) -> Any:
        if isinstance(reference, dict):
            return {key: pointer(value) for key, value in reference.items()}
        return _REFERENCE + rename(reference.removeprefix(_REFERENCE))

    renamed: Json = walk(part)
    schemas = renamed["components"]["schemas"]
    renamed["components"]["schemas"] = {rename(name): schemas[name] for name in schemas}
    return renamed


def _points(key: str, value: Any) -> bool:
    """Whether a value refers to schemas: a reference, or the mapping of a discriminator."""
    if key == "$ref":
        return isinstance(value, str) and value.startswith(_REFERENCE)
    return key == "mapping" and isinstance(value, dict)


# --- the whole document


def _completed(document: Json) -> Json:
    enums.lift(document)
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        for field, shape in schema.get("properties", {}).items():
            describe(shape, name, field)
    for path, method, operation in _operations(document):
        _complete(operation, path, method)
        _tag(operation, schemas)
        for content in operation.get("requestBody", {}).get("content", {}).values():
            if method == "patch":
                _without_defaults(content["schema"], schemas)
            content.setdefault("example", examples.of(content["schema"], schemas))
    return document


def _complete(operation: Json, path: str, method: str) -> None:
    for parameter in operation.setdefault("parameters", []):
        if "description" not in parameter:
            describe(parameter, operation["operationId"], parameter["name"])
    if method in ("post", "put", "patch") and not path.startswith(_WITHOUT_KEY):
        operation["parameters"].append(dict(IDEMPOTENCY_KEY))
    if method in ("put", "patch"):
        operation["parameters"].append(dict(IF_MATCH))
    operation["responses"] = http_problems.completed(operation, path, method)
    if path.startswith(_OPEN) or path.endswith(_KEY_IN_PATH):
        operation["security"] = []


def _tag(operation: Json, schemas: Json) -> None:
    """Gives the responses that show a versioned thing their `ETag`."""
    for status, response in operation["responses"].items():
        for content in response.get("content", {}).values() if status < "300" else ():
            name = content["schema"].get("$ref", "").removeprefix(_REFERENCE)
            if "version" in schemas.get(name, {}).get("properties", {}):
                response["headers"] = {**response.get("headers", {}), "ETag": dict(ETAG)}


def _without_defaults(schema: Json, schemas: Json) -> None:
    """A field that a change leaves out stays as it is: it has no default."""
    name = schema.get("$ref", "").removeprefix(_REFERENCE)
    for field in schemas.get(name, {}).get("properties", {}).values():
        field.pop("default", None)
