"""One document for the whole API."""

from typing import Any

import orjson

from services.gateway.edge.openapi import merged


def service_document(path: str, schema: dict[str, Any]) -> dict[str, Any]:
    response = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/View"}}}}
    operation = {"operationId": path[-1], "responses": {"200": response}}
    return {
        "paths": {path: {"get": operation}, "/internal/b": {}},
        "components": {"schemas": {"View": schema}},
    }


def test_components_that_differ_keep_names_of_their_own() -> None:
    document = merged(
        {"openapi": "3.1.0", "info": {}, "paths": {}},
        {
            "activities": service_document("/api/v1/a", {"type": "string"}),
            "vip": service_document("/api/v1/c", {"type": "integer"}),
        },
    )
    schemas = document["components"]["schemas"]
    assert (schemas["View"]["type"], schemas["VipView"]["type"]) == ("string", "integer")
    assert "/internal/b" not in document["paths"]
    response = document["paths"]["/api/v1/c"]["get"]["responses"]["200"]
    assert response["content"]["application/json"]["schema"]["$ref"].endswith("/VipView")
    assert orjson.dumps(document)
