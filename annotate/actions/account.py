"""Change one's own account: language, password, sessions and tokens; nobody else's can be named."""

from __future__ import annotations

from collections.abc import Sequence

from annotate.access import accounts, credentials, sessions, tokens
from annotate.access.audit import audited
from annotate.access.permissions import Actor, Permission
from annotate.access.tokens import TokenView
from annotate.errors import AccessDenied
from annotate.jobs.context import Context


def own_account(actor: Actor) -> int:
    """Return the number of one's account; raise AccessDenied where there is none."""
    if actor.account_id is None:
        raise AccessDenied("the command line has no account of its own; sign in on the screens")
    return actor.account_id


def set_own_language(context: Context, actor: Actor, language: str) -> None:
    """Remember the language in which somebody reads."""
    accounts.set_language(context.store, own_account(actor), language)


def change_own_password(
    context: Context, actor: Actor, old: str, new: str, *, keep: int | None = None
) -> None:
    """Change one's password; all one's sessions but `keep` end."""
    account_id = own_account(actor)
    with audited(context.store, actor, "account.password", actor.name):
        credentials.change_password(context.store, account_id, old, new, keep=keep)


def end_own_session(context: Context, actor: Actor, session_id: int) -> None:
    """Sign one of one's browsers out."""
    sessions.revoke(context.store, session_id, own_account(actor))


def end_other_sessions(context: Context, actor: Actor, keep: int) -> None:
    """Sign all one's browsers out but one."""
    sessions.revoke_all(context.store, own_account(actor), keep=keep)


def issue_own_token(
    context: Context, actor: Actor, name: str, scopes: Sequence[Permission], days: int = 90
) -> tuple[TokenView, str]:
    """Return a token in one's own name with its secret; raise AccessDenied for scopes one does not hold."""
    account_id = own_account(actor)
    for scope in scopes:
        actor.demand(scope)
    with audited(
        context.store, actor, "token.issue", actor.name, token=name, scopes=sorted(scopes), days=days
    ):
        return tokens.issue_token(context.store, account_id, name, scopes, days)


def revoke_own_token(context: Context, actor: Actor, token_id: int) -> None:
    """End a token of one's own."""
    with audited(context.store, actor, "token.revoke", str(token_id)):
        tokens.revoke_api_token(context.store, token_id, own_account(actor))
