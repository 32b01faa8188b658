"""Stand before the whole application: let nobody in who is not signed in, and set the safe headers."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from annotate.access.sessions import COOKIE, read_session
from annotate.ui.entrance.provider import is_known_here

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from annotate.jobs.context import Context

# What answers by itself who may use it, or is the same for everybody.
OPEN = (
    "/api/", "/sign-in", "/sign-out", "/invitation/", "/password", "/pages/", "/healthz", "/readyz",
    "/metrics", "/static/", "/_stcore/health", "/_stcore/host-config", "/favicon", "/auth/",
    "/oauth2callback",
)  # fmt: skip
# Streamlit's own pages need inline styles, and it compiles the scripts of components at run time.
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "frame-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Doorkeeper:
    """Send who is not signed in to the sign-in page, refuse their sockets, and guard every answer."""

    def __init__(self, app: ASGIApp, context: Context) -> None:
        self.app = app
        self.context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or socket."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        way = None if scope["path"].startswith(OPEN) else await self._way_in(HTTPConnection(scope))
        if way is not None:
            await _refuse(scope, receive, send, way)
            return
        await self.app(scope, receive, _guarded(send) if scope["type"] == "http" else send)

    async def _way_in(self, connection: HTTPConnection) -> str | None:
        """Return the page that has to come first, or None."""
        token = connection.cookies.get(COOKIE, "")
        entry = await run_in_threadpool(read_session, self.context.store, token)
        if entry is None:
            # The app itself maps who comes back from a provider; it draws nothing else for them.
            known = is_known_here(connection)
            return None if known else f"/sign-in?next={quote(connection.url.path)}"
        return "/password" if entry.account.must_change else None


def _guarded(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending


async def _refuse(scope: Scope, receive: Receive, send: Send, way: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    asked = HTTPConnection(scope)
    response: Response
    if scope["method"] == "GET" and "text/html" in asked.headers.get("Accept", ""):
        response = RedirectResponse(way, 303)
    else:
        response = PlainTextResponse("sign in first", 401)
    await response(scope, receive, _guarded(send))
