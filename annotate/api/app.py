"""Put the REST API together: `make_api(context)` is mounted at /api/v1."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from threading import BoundedSemaphore

from fastapi import FastAPI
from starlette.middleware import Middleware

from annotate.api import (
    asking,
    desk,
    exports,
    feedback,
    hooks_in,
    hooks_out,
    judgements,
    models,
    pairs,
    preferences,
    problems,
    reports,
    runs,
    sittings,
    tasks,
    triggers,
)
from annotate.api.limits import LimitMiddleware, Limits
from annotate.api.metrics import traffic_of
from annotate.api.openapi import describe_api
from annotate.api.tracing import TagMiddleware, TraceMiddleware
from annotate.jobs.context import Context
from annotate.jobs.webhooks import delivering

VERSION = "1.0.0"
ABOUT = """Ask, label and train by program. Every error is `application/problem+json`; lists are paged by
opaque cursors; times are ISO 8601 in UTC."""
PARTS = (
    asking, feedback, tasks, desk, sittings, pairs, judgements, preferences, exports, runs, models, reports,
    triggers, hooks_in, hooks_out,
)  # fmt: skip


def make_api(context: Context, limits: Limits | None = None) -> FastAPI:
    """Return the application of the REST API for a workspace.

    `app.state.context` holds the workspace. While the lifespan lasts, messages are sent to webhooks.
    """
    traffic = traffic_of(context)

    @asynccontextmanager
    async def lifespan(_api: FastAPI) -> AsyncIterator[None]:
        with delivering(context):
            yield

    api = FastAPI(
        title="Pairloop",
        version=VERSION,
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        middleware=[
            Middleware(TraceMiddleware, traffic=traffic),
            Middleware(TagMiddleware),
            Middleware(LimitMiddleware, limits=limits or Limits()),
        ],
    )
    api.state.context = context
    api.state.asking, api.state.receivers = BoundedSemaphore(asking.AT_ONCE), {}
    problems.install(api)
    for part in PARTS:
        api.include_router(part.router)
    api.openapi = partial(describe_api, api)  # type: ignore[method-assign]
    return api
