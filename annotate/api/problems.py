"""Answer every error as problem+json (RFC 9457): one shape, whatever went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from annotate.errors import (
    AccessDenied,
    AccessError,
    BridgeError,
    ChangedMeanwhile,
    JobError,
    LabellingError,
    LeaseLost,
    PairloopError,
    SettingsError,
    StoreError,
    VerdictError,
)

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

PROBLEM_JSON = "application/problem+json"
MOST_ERRORS = 20  # of a body that does not fit, as many are named
_KINDS = {
    400: "bad-request",
    401: "not-signed-in",
    403: "access-denied",
    404: "not-found",
    405: "method-not-allowed",
    408: "too-slow",
    409: "refused",
    413: "too-large",
    415: "unsupported-type",
    422: "invalid",
    429: "too-many-requests",
    500: "server-fault",
    503: "not-available",
    504: "too-late",
}
_STATUS: tuple[tuple[type[PairloopError], int, str], ...] = (
    (AccessDenied, 403, "access-denied"),
    (AccessError, 401, "not-signed-in"),
    (LeaseLost, 409, "lease-lost"),
    (VerdictError, 422, "invalid"),
    (ChangedMeanwhile, 409, "changed-meanwhile"),
    (LabellingError, 409, "refused"),
    (BridgeError, 409, "refused"),
    (JobError, 409, "refused"),
    (SettingsError, 503, "not-set-up"),
    (StoreError, 503, "no-database"),
)


class Fault(BaseModel):
    """Name one thing in a request that does not fit, and where it stands."""

    place: str
    reason: str


class Problem(BaseModel):
    """Say what went wrong: `type` for programs, `title` and `detail` for people."""

    type: str = Field(description="A name that stays the same, such as `lease-lost`.")
    title: str
    status: int
    detail: str = ""
    errors: list[Fault] = []


def problem(
    status: int,
    detail: str = "",
    *,
    kind: str = "",
    faults: list[Fault] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return an error response; without `kind` it is named after its status."""
    title = HTTPStatus(status).phrase
    body = Problem(
        type=kind or _KINDS.get(status, "error"),
        title=title,
        status=status,
        detail=detail,
        errors=faults or [],
    )
    return JSONResponse(body.model_dump(), status, dict(headers or {}), PROBLEM_JSON)


class NotFound(HTTPException):
    """Say that there is nothing of this number or name."""

    def __init__(self, detail: str) -> None:
        super().__init__(404, detail)


@contextmanager
def missing_is_404() -> Iterator[None]:
    """Turn the refusal of an unknown number or name into a 404."""
    try:
        yield
    except (LabellingError, JobError) as error:
        raise NotFound(str(error)) from error


def install(api: FastAPI) -> None:
    """Let an application answer its errors as problems."""
    api.add_exception_handler(HTTPException, _of_status)
    api.add_exception_handler(RequestValidationError, _of_validation)
    api.add_exception_handler(PairloopError, _of_refusal)


def _of_status(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - by whom it is registered for
    detail = error.detail if isinstance(error.detail, str) else ""
    shown = "" if detail == HTTPStatus(error.status_code).phrase else detail
    return problem(error.status_code, shown, headers=error.headers)


def _of_validation(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    faults = [
        Fault(place=".".join(str(part) for part in one["loc"]), reason=str(one["msg"]))
        for one in error.errors()[:MOST_ERRORS]
    ]
    return problem(422, "the request does not fit", kind="invalid", faults=faults)


def _of_refusal(_request: Request, error: Exception) -> JSONResponse:
    known = [(status, kind) for of, status, kind in _STATUS if isinstance(error, of)]
    status, kind = known[0] if known else (500, "")
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return problem(status, str(error), kind=kind, headers=headers)


def is_refusal_of_library(error: Exception) -> bool:
    """Tell whether one of our libraries refused, whose errors the platform's do not include."""
    return type(error).__module__.split(".")[0] in ("rag", "active", "training")


def describe(status: int) -> dict[str, Any]:
    """Return the OpenAPI entry of an error response."""
    return {
        "description": HTTPStatus(status).phrase,
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
