"""Tell the endpoints who asks: a browser by its session cookie, a program by its token.

An API holds its workspace as `app.state.context`; an endpoint says
`actor: Annotated[Actor, Depends(require(Permission.X))]`.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request

from annotate.access.permissions import Actor, Permission
from annotate.access.sessions import COOKIE, actor_of_session
from annotate.access.tokens import actor_of_token
from annotate.errors import AccessDenied

HEADER = "X-Pairloop"  # a form of another site cannot send it
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def current_actor(request: Request) -> Actor:
    """Return who asks; raise HTTPException 401 for nobody, 403 for a request forged by another site."""
    store = request.app.state.context.store
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        actor = actor_of_token(store, secret.strip()) if scheme.casefold() == "bearer" else None
    else:
        actor = actor_of_session(store, request.cookies.get(COOKIE, ""))
        if actor is not None and request.method not in SAFE_METHODS:
            _refuse_forgeries(request)
    if actor is None:
        raise HTTPException(401, "sign in, or send a valid token", {"WWW-Authenticate": "Bearer"})
    return actor


@dataclass(frozen=True)
class Demand:
    """Give an endpoint its actor, or raise HTTPException 403 without the permission."""

    permission: Permission

    def __call__(self, request: Request) -> Actor:
        """Return who asks."""
        actor = current_actor(request)
        try:
            actor.demand(self.permission)
        except AccessDenied as error:
            raise HTTPException(403, str(error)) from error
        return actor


def require(permission: Permission) -> Demand:
    """Return the dependency of an endpoint that takes a permission."""
    return Demand(permission)


def is_same_origin(connection: HTTPConnection) -> bool:
    """Tell whether a browser sent this from our own pages; a request without both headers is not."""
    site = connection.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = connection.headers.get("Origin", "")
    return bool(origin) and urlsplit(origin).netloc == connection.headers.get("Host")


def _refuse_forgeries(request: Request) -> None:
    if HEADER not in request.headers or not is_same_origin(request):
        raise HTTPException(403, f"a browser sends this from our own pages, with the header {HEADER}")
