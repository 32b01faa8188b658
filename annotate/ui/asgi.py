"""Join the screens, the sign-in pages and the API into one ASGI application."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Mount, Route
from streamlit.starlette import App
from streamlit.web.bootstrap import load_config_options

from annotate.api.app import make_api
from annotate.api.health import probes
from annotate.jobs.supervising import supervise
from annotate.ui.bundle import Bundle
from annotate.ui.doorkeeper import Doorkeeper
from annotate.ui.entrance import entrance_routes
from annotate.ui.frame import open_context
from annotate.ui.front_page import front_routes
from annotate.ui.heap import share_one_heap, trimmed
from annotate.ui.server import APP, HOSTS_VARIABLE, LOCAL_HOSTS, OPTIONS, WORKSPACE_VARIABLE
from annotate.ui.warming import warm_up

API = "/api/v1"
SECRETS = Path(".streamlit") / "secrets.toml"  # Streamlit's name; `[auth]` in it configures OIDC


def make_application(folder: Path) -> App:
    """Return the application of one workspace; Streamlit allows one in a process."""
    os.environ[WORKSPACE_VARIABLE] = str(folder)
    secrets = [folder / SECRETS, Path.home() / SECRETS]
    load_config_options({**OPTIONS, "secrets.files": [str(file) for file in secrets]})
    context = open_context(str(folder))
    hosts = os.environ.get(HOSTS_VARIABLE, "").split() or list(LOCAL_HOSTS)
    api = make_api(context)
    routes: list[BaseRoute] = [
        *probes(context),
        *entrance_routes(context),
        Route("/label", _to_the_first_screen),
        *front_routes(),
        Mount(API, api),
    ]

    @asynccontextmanager
    async def lifespan(_app: App) -> AsyncIterator[dict[str, Any] | None]:
        await run_in_threadpool(warm_up)
        with supervise(context), trimmed():
            async with api.router.lifespan_context(api):
                yield None

    return App(
        APP,
        routes=routes,
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts),
            Middleware(Doorkeeper, context=context),
            Middleware(Bundle),
        ],
        lifespan=lifespan,
    )


async def _to_the_first_screen(_request: Request) -> RedirectResponse:
    """Lead to the first screen, which Streamlit serves at the root alone, from its name."""
    return RedirectResponse("/")


def from_environment() -> App:
    """Return the application of the workspace that the environment names, for uvicorn."""
    share_one_heap()
    return make_application(Path(os.environ[WORKSPACE_VARIABLE]))
