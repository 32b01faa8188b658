"""Keep API tokens: what a program may do in an account's name, until when."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select, update

from annotate.access.accounts import load, view
from annotate.access.permissions import ROLES, Actor, Permission
from annotate.access.sessions import hash_token
from annotate.errors import AccessError
from annotate.store import Account, ApiToken, Store, now

PREFIX = "pairloop_"  # so that a leaked token is recognised by scanners
LONGEST_DAYS = 365
TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class TokenView:
    """Show one token, never its secret."""

    id: int
    name: str
    account: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    @property
    def usable(self) -> bool:
        """Tell whether the token still opens anything."""
        return self.revoked_at is None and self.expires_at > now()


def issue_token(
    store: Store, account_id: int, name: str, scopes: Iterable[Permission], days: int = 90
) -> tuple[TokenView, str]:
    """Issue a token and return it with its secret, which is shown once.

    Raises AccessError for scopes beyond the role, no scopes, or a life of more than a year.
    """
    wanted, name = frozenset(scopes), name.strip()[:80]
    if not name or not wanted:
        raise AccessError("a token needs a name and at least one scope")
    if not 1 <= days <= LONGEST_DAYS:
        raise AccessError(f"a token lives 1 to {LONGEST_DAYS} days")
    secret = PREFIX + secrets.token_urlsafe(32)
    with store.writing.begin() as session:
        account = load(session, account_id)
        beyond = wanted - ROLES[account.role]
        if beyond:
            raise AccessError(f"the role {account.role} does not hold {', '.join(sorted(beyond))}")
        token = ApiToken(
            name=name,
            token_hash=hash_token(secret),
            account_id=account_id,
            scopes=sorted(wanted),
            expires_at=now() + timedelta(days=days),
        )
        session.add(token)
        session.flush()
        return _view(token, account.name), secret


def actor_of_token(store: Store, secret: str) -> Actor | None:
    """Return who acts with a token: the account, with the scopes that its role still holds; else None."""
    moment = now()
    with store.reading() as session:
        row = session.execute(
            select(ApiToken, Account)
            .join(Account, ApiToken.account_id == Account.id)
            .where(ApiToken.token_hash == hash_token(secret))
        ).one_or_none()
        if row is None:
            return None
        token, account = row
        shown = view(account)
        if token.revoked_at is not None or token.expires_at <= moment or not shown.enabled:
            return None
        token_id, used_at, scopes = token.id, token.used_at, frozenset(token.scopes)
    if used_at is None or moment - used_at > TOUCH_EVERY:
        with store.writing.begin() as session:
            session.execute(update(ApiToken).where(ApiToken.id == token_id).values(used_at=moment))
    return replace(shown.actor, permissions=ROLES[shown.role] & {Permission(scope) for scope in scopes})


def list_tokens(store: Store, account_id: int | None = None) -> list[TokenView]:
    """Return the tokens of one account or of all, the latest first."""
    wanted = (
        select(ApiToken, Account.name)
        .join(Account, ApiToken.account_id == Account.id)
        .order_by(ApiToken.id.desc())
        .limit(1000)
    )
    if account_id is not None:
        wanted = wanted.where(ApiToken.account_id == account_id)
    with store.reading() as session:
        return [_view(token, name) for token, name in session.execute(wanted)]


def revoke_api_token(store: Store, token_id: int, account_id: int | None = None) -> None:
    """End a token; with `account_id` only that account's, else AccessError, as for an unknown one."""
    with store.writing.begin() as session:
        token = session.get(ApiToken, token_id)
        if token is None or (account_id is not None and token.account_id != account_id):
            raise AccessError(f"no token number {token_id}")
        token.revoked_at = token.revoked_at or now()


def _view(token: ApiToken, account: str) -> TokenView:
    return TokenView(
        token.id,
        token.name,
        account,
        tuple(token.scopes),
        token.created_at,
        token.expires_at,
        token.used_at,
        token.revoked_at,
    )
