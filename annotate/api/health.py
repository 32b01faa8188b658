"""Tell whether the server lives, whether it can work, and how it fares: /healthz, /readyz, /metrics."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from annotate.access.permissions import Permission
from annotate.access.tokens import actor_of_token
from annotate.api.metrics import traffic_of
from annotate.api.problems import problem
from annotate.jobs.context import Context
from annotate.reports.operations import database_answers

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


def probes(context: Context) -> list[Route]:
    """Return the routes for the root of the server."""

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        try:
            await run_in_threadpool(database_answers, context.store)
        except Exception:  # noqa: BLE001 - whatever keeps the database from answering
            return problem(503, "the database does not answer", kind="no-database")
        return JSONResponse({"status": "ready"})

    async def metrics(request: Request) -> Response:
        refusal = await run_in_threadpool(_refusal, context, request)
        if refusal:
            return refusal
        return Response(await run_in_threadpool(traffic_of(context).render), media_type=CONTENT_TYPE_LATEST)

    routes: list[tuple[str, Callable[[Request], object]]] = [
        ("/healthz", healthz), ("/readyz", readyz), ("/metrics", metrics),
    ]  # fmt: skip
    return [Route(path, answer, methods=["GET"]) for path, answer in routes]


def _refusal(context: Context, request: Request) -> Response | None:
    """Let a token with the scope quality:read in, and this machine itself, but no proxy for others."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() == "bearer":
        try:
            actor = actor_of_token(context.store, secret.strip())
        except HTTPException:
            actor = None
        if actor is None:
            return problem(401, "this token does not hold", headers={"WWW-Authenticate": "Bearer"})
        if not actor.may(Permission.READ_QUALITY):
            return problem(403, f"this takes the scope {Permission.READ_QUALITY}")
        return None
    host = request.client.host if request.client else ""
    if _is_loopback(host) and not any(name in request.headers for name in FORWARDED):
        return None
    return problem(401, "send a token with the scope quality:read", headers={"WWW-Authenticate": "Bearer"})


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
