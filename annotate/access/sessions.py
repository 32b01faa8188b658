"""Keep browsers signed in: a random token in a cookie, its hash in the database."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from annotate.access.accounts import AccountView, load, view
from annotate.access.permissions import Actor
from annotate.errors import AccessError
from annotate.store import Account, Store, WebSession, now

COOKIE = "pairloop_session"
IDLE = timedelta(hours=12)  # without a request the session ends
LONGEST = timedelta(days=14)  # it ends, whatever happens
TOUCH_EVERY = timedelta(minutes=1)  # a write for every request would slow the ledger


@dataclass(frozen=True)
class SessionView:
    """Show one browser that is signed in."""

    id: int
    account: str
    agent: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Entry:
    """Know whose session a token opens."""

    session_id: int
    account: AccountView

    @property
    def actor(self) -> Actor:
        """Return who acts."""
        return self.account.actor


def hash_token(token: str) -> str:
    """Return what is stored of a secret that was drawn at random."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(store: Store, account_id: int, agent: str = "", life: timedelta = IDLE) -> str:
    """Sign a browser in and return the token for its cookie; `agent` is what the browser calls itself.

    Every sign-in draws a new token, so that none planted before it is worth anything.
    """
    token, moment = secrets.token_urlsafe(32), now()
    with store.writing.begin() as session:
        if not view(load(session, account_id)).enabled:
            raise AccessError("the account is disabled")
        session.add(
            WebSession(
                token_hash=hash_token(token),
                account_id=account_id,
                agent=agent[:200],
                created_at=moment,
                seen_at=moment,
                expires_at=moment + life,
            )
        )
    return token


def read_session(store: Store, token: str) -> Entry | None:
    """Return whose session a token opens, or None: unknown, ended, revoked, or the account is disabled.

    The session lives on by IDLE from now, but never longer than LONGEST.
    """
    if not token:
        return None
    moment = now()
    with store.reading() as session:
        row = session.execute(
            select(WebSession, Account)
            .join(Account, WebSession.account_id == Account.id)
            .where(WebSession.token_hash == hash_token(token))
        ).one_or_none()
        if row is None:
            return None
        found, account = row
        shown = view(account)
        if found.revoked_at is not None or found.expires_at <= moment or not shown.enabled:
            return None
        entry, seen_at, created_at = Entry(found.id, shown), found.seen_at, found.created_at
    if moment - seen_at > TOUCH_EVERY:
        _touch(store, entry.session_id, moment, min(moment + IDLE, created_at + LONGEST))
    return entry


def actor_of_session(store: Store, token: str) -> Actor | None:
    """Return who acts with a token, or None where it opens nothing."""
    entry = read_session(store, token)
    return entry.actor if entry is not None else None


def list_sessions(store: Store, account_id: int | None = None) -> list[SessionView]:
    """Return the sessions that are open, of one account or of all, the latest first."""
    wanted = (
        select(WebSession, Account.name)
        .join(Account, WebSession.account_id == Account.id)
        .where(WebSession.revoked_at.is_(None), WebSession.expires_at > now())
        .order_by(WebSession.seen_at.desc())
        .limit(1000)
    )
    if account_id is not None:
        wanted = wanted.where(WebSession.account_id == account_id)
    with store.reading() as session:
        return [
            SessionView(one.id, name, one.agent, one.created_at, one.seen_at, one.expires_at)
            for one, name in session.execute(wanted)
        ]


def revoke(store: Store, session_id: int, account_id: int | None = None) -> None:
    """End a session; with `account_id` only that account's, else AccessError, as for an unknown one."""
    with store.writing.begin() as session:
        found = session.get(WebSession, session_id)
        if found is None or (account_id is not None and found.account_id != account_id):
            raise AccessError(f"no session number {session_id}")
        found.revoked_at = found.revoked_at or now()


def revoke_token(store: Store, token: str) -> None:
    """End the session of a token; an unknown one is no error."""
    with store.writing.begin() as session:
        session.execute(
            update(WebSession)
            .where(WebSession.token_hash == hash_token(token), WebSession.revoked_at.is_(None))
            .values(revoked_at=now())
        )


def revoke_all(store: Store, account_id: int, *, keep: int | None = None) -> None:
    """End all sessions of an account, but one if it is named."""
    ended = update(WebSession).where(WebSession.account_id == account_id, WebSession.revoked_at.is_(None))
    if keep is not None:
        ended = ended.where(WebSession.id != keep)
    with store.writing.begin() as session:
        session.execute(ended.values(revoked_at=now()))


def _touch(store: Store, session_id: int, moment: datetime, expires_at: datetime) -> None:
    with store.writing.begin() as session:
        session.execute(
            update(WebSession)
            .where(WebSession.id == session_id)
            .values(seen_at=moment, expires_at=expires_at)
        )
