"""Sign people in and out by name and password."""

from __future__ import annotations

from starlette.responses import Response

from annotate.access.sessions import open_session, revoke_token
from annotate.access.sign_in import Refused
from annotate.access.sign_in import sign_in as check
from annotate.ui.entrance import provider
from annotate.ui.entrance.visits import Visit

UNAUTHORIZED, TOO_MANY = 401, 429


def show_sign_in(visit: Visit) -> Response:
    """Show the form, or go on where somebody is signed in already."""
    if visit.entry is not None:
        return visit.go(visit.next)
    return _form(visit)


def sign_in(visit: Visit) -> Response:
    """Check name and password, and sign the browser in with a token of its own."""
    store, name = visit.context.store, visit.text("name")
    try:
        account = check(store, visit.guard, name, visit.text("password"), visit.address)
    except Refused as refused:
        return _form(visit, refused, name)
    return enter(visit, account.id)


def enter(visit: Visit, account_id: int) -> Response:
    """Sign the browser in with a new token; the one that it held before opens nothing any more."""
    revoke_token(visit.context.store, visit.token)
    return visit.go(visit.next, open_session(visit.context.store, account_id, visit.agent))


def show_sign_out(visit: Visit) -> Response:
    """Ask once more: a link of another site must not sign anybody out."""
    return visit.page("sign_out") if visit.entry is not None else visit.go("/sign-in")


def sign_out(visit: Visit) -> Response:
    """End the session, and the one with the identity provider."""
    revoke_token(visit.context.store, visit.token)
    return visit.go(provider.LEAVE if provider.is_known_here(visit.request) else "/sign-in", "")


def _form(visit: Visit, refused: Refused | None = None, name: str = "") -> Response:
    said = visit.speech(f"sign_in.{refused.code}", count=refused.seconds) if refused else ""
    status = 200 if refused is None else TOO_MANY if refused.seconds else UNAUTHORIZED
    response = visit.page("sign_in", status, error=said, name=name, providers=provider.names())
    if refused is not None and refused.seconds:
        response.headers["Retry-After"] = str(refused.seconds)
    return response
