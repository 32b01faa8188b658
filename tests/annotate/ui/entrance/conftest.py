"""The sign-in pages over HTTP, with the doorkeeper before them and a plain page behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from annotate.access.accounts import add_account
from annotate.access.passwords import hash_password
from annotate.jobs.context import Context
from annotate.ui.doorkeeper import Doorkeeper
from annotate.ui.entrance import entrance_routes

ORIGIN = "http://testserver"


async def page(request: Request) -> Response:
    return PlainTextResponse("the screens")


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("the screens")
    await websocket.close()


PASSWORD_HASH = hash_password("tide-lantern-42-orchard")


@pytest.fixture
def context(empty_workspace) -> Context:
    """A workspace with the administrator `root`."""
    with empty_workspace.store.writing.begin() as session:
        add_account(session, "root", "admin", PASSWORD_HASH, email=None, language="en")
    return Context.open(empty_workspace.folder)


@pytest.fixture
def visitor(context: Context) -> Callable[..., TestClient]:
    """Open a new browser on one server: it keeps cookies and sends its origin with forms."""
    app = Starlette(
        routes=[
            *entrance_routes(context),
            WebSocketRoute("/_stcore/stream", socket),
            Route("/{path:path}", page, methods=["GET", "POST"]),
        ],
        middleware=[Middleware(Doorkeeper, context=context)],
    )

    def open_browser(origin: str = ORIGIN, base: str = ORIGIN, **headers: str) -> TestClient:
        sent = {"Origin": origin, "Accept": "text/html", **headers}
        return TestClient(app, base, headers={k: v for k, v in sent.items() if v}, follow_redirects=False)

    return open_browser
