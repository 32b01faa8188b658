"""Change other people's accounts, rights, invitations, sessions and tokens."""

from __future__ import annotations

from collections.abc import Sequence

from annotate.access import accounts, credentials, invitations, sessions, tokens
from annotate.access.accounts import AccountView
from annotate.access.audit import audited
from annotate.access.invitations import InvitationView
from annotate.access.passwords import draw_password
from annotate.access.permissions import ADMIN, Actor, Permission, operator
from annotate.access.tokens import TokenView
from annotate.jobs.context import Context

FIRST_ADMIN = "admin"


def make_first_admin(context: Context) -> str | None:
    """Make an administrator where there is no account yet; return the one-time password, else None."""
    if accounts.has_accounts(context.store):
        return None
    return add_user(context, operator(), FIRST_ADMIN, ADMIN)[1]


def add_user(
    context: Context, actor: Actor, name: str, role: str, *, email: str | None = None, language: str = ""
) -> tuple[AccountView, str]:
    """Add an account and return it with its one-time password."""
    actor.demand(Permission.MANAGE_USERS)
    password = draw_password()
    with audited(context.store, actor, "account.create", name, role=role):
        made = accounts.create_account(
            context.store, name, role, password=password, email=email, language=language, must_change=True
        )
    return made, password


def change_role(context: Context, actor: Actor, account_id: int, role: str) -> AccountView:
    """Give somebody another role, at once."""
    actor.demand(Permission.MANAGE_USERS)
    known = accounts.read_account(context.store, account_id)
    with audited(context.store, actor, "account.role", known.name, before=known.role, after=role):
        return accounts.change_role(context.store, account_id, role)


def set_enabled(context: Context, actor: Actor, account_id: int, enabled: bool) -> AccountView:
    """Let somebody in again, or shut them out at once."""
    actor.demand(Permission.MANAGE_USERS)
    known = accounts.read_account(context.store, account_id)
    with audited(context.store, actor, "account.enable" if enabled else "account.disable", known.name):
        changed = accounts.set_enabled(context.store, account_id, enabled)
        if not enabled:
            sessions.revoke_all(context.store, account_id)
        return changed


def unlock(context: Context, actor: Actor, account_id: int) -> AccountView:
    """Forget somebody's wrong tries."""
    actor.demand(Permission.MANAGE_USERS)
    known = accounts.read_account(context.store, account_id)
    with audited(context.store, actor, "account.unlock", known.name):
        return accounts.unlock(context.store, account_id)


def reset_password(context: Context, actor: Actor, account_id: int) -> str:
    """Return a one-time password for somebody, whose sessions end."""
    actor.demand(Permission.MANAGE_USERS)
    known = accounts.read_account(context.store, account_id)
    with audited(context.store, actor, "account.reset_password", known.name):
        return credentials.reset_password(context.store, account_id)


def invite(
    context: Context,
    actor: Actor,
    role: str,
    *,
    email: str | None = None,
    languages: Sequence[str] = (),
    skills: Sequence[str] = (),
    days: int = 7,
) -> tuple[InvitationView, str]:
    """Return an invitation and the path of its link, which is shown once."""
    actor.demand(Permission.MANAGE_USERS)
    with audited(context.store, actor, "invitation.create", email or "", role=role, days=days):
        made, secret = invitations.invite(
            context.store, actor, role, email=email, languages=languages, skills=skills, days=days
        )
    return made, f"/invitation/{secret}"


def withdraw_invitation(context: Context, actor: Actor, invitation_id: int) -> None:
    """Let an invitation's link work no more."""
    actor.demand(Permission.MANAGE_USERS)
    with audited(context.store, actor, "invitation.withdraw", str(invitation_id)):
        invitations.withdraw(context.store, invitation_id)


def end_session(context: Context, actor: Actor, session_id: int) -> None:
    """Sign one browser of somebody out."""
    actor.demand(Permission.MANAGE_USERS)
    with audited(context.store, actor, "session.end", str(session_id)):
        sessions.revoke(context.store, session_id)


def end_sessions(context: Context, actor: Actor, account_id: int) -> None:
    """Sign somebody out everywhere."""
    actor.demand(Permission.MANAGE_USERS)
    known = accounts.read_account(context.store, account_id)
    with audited(context.store, actor, "session.end_all", known.name):
        sessions.revoke_all(context.store, account_id)


def issue_token_for(
    context: Context, actor: Actor, account_id: int, name: str, scopes: Sequence[Permission], days: int = 90
) -> tuple[TokenView, str]:
    """Return a token in somebody's name with its secret, which is shown once."""
    actor.demand(Permission.MANAGE_USERS)
    known = accounts.read_account(context.store, account_id)
    with audited(
        context.store, actor, "token.issue", known.name, token=name, scopes=sorted(scopes), days=days
    ):
        return tokens.issue_token(context.store, account_id, name, scopes, days)


def revoke_token(context: Context, actor: Actor, token_id: int) -> None:
    """End a token of somebody."""
    actor.demand(Permission.MANAGE_USERS)
    with audited(context.store, actor, "token.revoke", str(token_id)):
        tokens.revoke_api_token(context.store, token_id)
