"""Let people change their password; a one-time password must be changed before anything else."""

from __future__ import annotations

from starlette.responses import Response

from annotate.access.passwords import SHORTEST, PasswordRefused
from annotate.access.sessions import Entry
from annotate.access.sign_in import Refused
from annotate.actions.account import change_own_password
from annotate.ui.entrance.signing import enter
from annotate.ui.entrance.visits import Visit

UNFIT, TOO_MANY = 422, 429


def show_password(visit: Visit) -> Response:
    """Show the form to whoever is signed in."""
    entry = visit.entry
    return _form(visit, entry) if entry is not None else visit.go("/sign-in?next=/password")


def take_password(visit: Visit) -> Response:
    """Change the password; every session ends, and this browser gets a new one."""
    entry = visit.entry
    if entry is None:
        return visit.go("/sign-in?next=/password")
    speech, new = visit.speech, visit.text("new")
    if new != visit.text("again"):
        return _form(visit, entry, speech("sign_in.differ"))
    try:
        change_own_password(visit.context, entry.actor, visit.text("old"), new)
    except PasswordRefused as refused:
        return _form(visit, entry, speech(f"sign_in.password_{refused.code}", count=SHORTEST))
    except Refused as refused:
        said = "sign_in.wait" if refused.seconds else "sign_in.wrong_old"
        return _form(
            visit, entry, speech(said, count=refused.seconds), TOO_MANY if refused.seconds else UNFIT
        )
    return enter(visit, entry.account.id)


def _form(visit: Visit, entry: Entry, error: str = "", status: int = UNFIT) -> Response:
    return visit.page(
        "password", status if error else 200, error=error, account=entry.account, shortest=SHORTEST,
        has_password=entry.account.has_password,
    )  # fmt: skip
