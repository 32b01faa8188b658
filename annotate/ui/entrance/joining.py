"""Let the invited make their account."""

from __future__ import annotations

from starlette.responses import Response

from annotate.access.accounts import clean_name
from annotate.access.audit import note
from annotate.access.invitations import InvitationGone, accept, read_invitation
from annotate.access.passwords import SHORTEST, PasswordRefused
from annotate.errors import AccessError
from annotate.ui.entrance.signing import enter
from annotate.ui.entrance.visits import Visit

GONE, UNFIT = 410, 422


def show_invitation(visit: Visit) -> Response:
    """Show what one is invited to, and the form; or that the link no longer works."""
    return _form(visit)


def take_invitation(visit: Visit) -> Response:
    """Make the account and sign the browser in."""
    speech, name, password = visit.speech, visit.text("name"), visit.text("password")
    if password != visit.text("again"):
        return _form(visit, speech("sign_in.differ"))
    try:
        clean_name(name)
    except AccessError:
        return _form(visit, speech("sign_in.bad_name"))
    store = visit.context.store
    try:
        account = accept(store, _secret(visit), name, password, speech.language)
    except PasswordRefused as refused:
        return _form(visit, speech(f"sign_in.password_{refused.code}", count=SHORTEST))
    except InvitationGone:
        return _form(visit)
    except AccessError:
        return _form(visit, speech("sign_in.taken"))
    note(store, account.actor, "invitation.accept", account.name, role=account.role)
    return enter(visit, account.id)


def _form(visit: Visit, error: str = "") -> Response:
    try:
        invitation = read_invitation(visit.context.store, _secret(visit))
    except InvitationGone:
        return visit.page("invitation_gone", GONE)
    return visit.page(
        "invitation", UNFIT if error else 200, error=error, name=visit.text("name"),
        invitation=invitation, role=visit.speech.name("role", invitation.role), shortest=SHORTEST,
    )  # fmt: skip


def _secret(visit: Visit) -> str:
    return str(visit.request.path_params["secret"])
