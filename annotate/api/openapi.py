"""Finish the OpenAPI description: every error a problem, and how to prove who asks."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from annotate.access.sessions import COOKIE
from annotate.api.problems import Problem, describe

SECURITY: dict[str, Any] = {
    "token": {"type": "http", "scheme": "bearer", "description": "An API token; see Account."},
    "browser": {
        "type": "apiKey", "in": "cookie", "name": COOKIE,
        "description": "A signed-in browser; what changes something also sends the header X-Pairloop.",
    },
}  # fmt: skip
_ALWAYS = (401, 403, 408, 413, 422, 429, 500, 503, 504)
_BODY = (415,)
_OPEN = ("/hooks/label-studio/webhook",)  # these prove themselves by other means


def describe_api(api: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI 3.1 description of an application, made once."""
    if api.openapi_schema:
        return api.openapi_schema
    found = get_openapi(
        title=api.title, version=api.version, openapi_version="3.1.0", description=api.description,
        routes=api.routes, tags=api.openapi_tags,
    )  # fmt: skip
    parts = found.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    own = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= own.pop("$defs", {}) | {"Problem": own}
    parts["securitySchemes"] = SECURITY
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            _finish(path, method, operation)
    api.openapi_schema = found
    return found


def _finish(path: str, method: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    expected = [*_ALWAYS, *(_BODY if "requestBody" in operation else ())]
    if "{" in path or path in _OPEN:
        expected.append(404)
    if method != "get":
        expected.append(409)
    for status in expected:
        answers[str(status)] = describe(status)
    answers["default"] = {**describe(500), "description": "Any other error"}
    if method == "get" and "application/json" in answers.get("200", {}).get("content", {}):
        answers["304"] = {"description": "What the caller has is still right (If-None-Match)."}
    if path not in _OPEN:
        operation["security"] = [{name: []} for name in SECURITY]
