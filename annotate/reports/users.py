"""Report who may enter, who is in, and what may act in their names."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from annotate.access.accounts import AccountView, list_accounts
from annotate.access.invitations import InvitationView, list_invitations
from annotate.access.sessions import SessionView, list_sessions
from annotate.access.tokens import TokenView, list_tokens
from annotate.store import Store


@dataclass(frozen=True)
class UserRow:
    """Show one account with what it has open."""

    account: AccountView
    sessions: int
    tokens: int
    seen_at: datetime | None


@dataclass(frozen=True)
class UsersReport:
    """List accounts, invitations, sessions and tokens."""

    users: list[UserRow]
    invitations: list[InvitationView]
    sessions: list[SessionView]
    tokens: list[TokenView]


def report_users(store: Store) -> UsersReport:
    """Return everybody's."""
    sessions, tokens = list_sessions(store), list_tokens(store)
    open_sessions = Counter(session.account for session in sessions)
    usable_tokens = Counter(token.account for token in tokens if token.usable)
    seen: dict[str, datetime] = {}
    for session in sessions:
        seen[session.account] = max(session.seen_at, seen.get(session.account, session.seen_at))
    users = [
        UserRow(account, open_sessions[account.name], usable_tokens[account.name], seen.get(account.name))
        for account in list_accounts(store)
    ]
    return UsersReport(users, list_invitations(store), sessions, tokens)


@dataclass(frozen=True)
class OwnAccount:
    """Show one's own account, sessions and tokens."""

    account: AccountView
    sessions: list[SessionView]
    tokens: list[TokenView]


def report_own_account(store: Store, account: AccountView) -> OwnAccount:
    """Return what belongs to one account."""
    return OwnAccount(account, list_sessions(store, account.id), list_tokens(store, account.id))
