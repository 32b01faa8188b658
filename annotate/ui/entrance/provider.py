"""Sign people in by OIDC: Streamlit speaks with the provider, our own session comes out of it.

Streamlit keeps what the provider said in a signed cookie, which only `st.user` reads. So the app
maps `st.user` to an account, and hands a ticket over: a session of a minute, in a form of our own
page, that the page of this module exchanges for the real one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from starlette.requests import HTTPConnection
from starlette.responses import Response
from streamlit.auth_util import get_secrets_auth_section
from streamlit.errors import StreamlitAuthError
from streamlit.user_info import generate_login_redirect_url

from annotate.access.oidc import account_of_claims
from annotate.access.sessions import open_session, read_session, revoke_token
from annotate.jobs.context import Context
from annotate.ui.entrance.visits import Visit

KNOWN_COOKIE = "_streamlit_user"
LEAVE = "/auth/logout"
TICKET = timedelta(minutes=1)
_DEFAULT = "default"


def names() -> list[str]:
    """Return the providers that Streamlit's secrets configure under `[auth]`."""
    found = get_secrets_auth_section()
    section: dict[str, object] = found.to_dict() if found else {}
    named = [name for name, value in section.items() if isinstance(value, Mapping) and "client_id" in value]
    return [*([_DEFAULT] if "client_id" in section else []), *named]


def is_known_here(connection: HTTPConnection) -> bool:
    """Tell whether a provider sent this browser back to us."""
    return KNOWN_COOKIE in connection.cookies and bool(names())


def go_to_provider(visit: Visit) -> Response:
    """Send the browser to the provider that was chosen."""
    wanted = visit.request.query_params.get("provider", _DEFAULT)
    try:
        return visit.go(generate_login_redirect_url(wanted) if wanted in names() else "/sign-in")
    except StreamlitAuthError:
        return visit.go("/sign-in")


def make_ticket(context: Context, claims: Mapping[str, object]) -> tuple[str, str]:
    """Return the name and a ticket for the person whom a provider knows; raise ProviderRefused."""
    account = account_of_claims(context.store, claims, context.settings.access.oidc_role)
    return account.name, open_session(context.store, account.id, "ticket", TICKET)


def take_ticket(visit: Visit) -> Response:
    """Exchange a ticket, once, for a session of this browser."""
    store, ticket = visit.context.store, visit.text("ticket")
    entry = read_session(store, ticket)
    revoke_token(store, ticket)
    if entry is None:
        return visit.go("/sign-in")
    revoke_token(store, visit.token)
    return visit.go(visit.next, open_session(store, entry.account.id, visit.agent))
