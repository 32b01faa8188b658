"""Invite people by a link that works once: who follows it chooses a name and a password."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.access.accounts import (
    AccountRefused,
    AccountView,
    add_account,
    clean_email,
    clean_name,
    load,
    view,
)
from annotate.access.passwords import check_password, hash_password
from annotate.access.permissions import ROLES, Actor
from annotate.access.sessions import hash_token
from annotate.errors import AccessError
from annotate.labelling import register
from annotate.store import Account, Assessor, Invitation, Store, now

LONGEST_DAYS = 30


class InvitationGone(AccessError):  # noqa: N818
    """Say that a link was used, withdrawn, too old, or never one of ours."""


@dataclass(frozen=True)
class InvitationView:
    """Show one invitation, never its link."""

    id: int
    role: str
    email: str | None
    languages: tuple[str, ...]
    skills: tuple[str, ...]
    invited_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None
    account: str | None = None

    @property
    def open(self) -> bool:
        """Tell whether the link still works."""
        return self.used_at is None and self.revoked_at is None and self.expires_at > now()


def invite(
    store: Store,
    actor: Actor,
    role: str,
    *,
    email: str | None = None,
    languages: Sequence[str] = (),
    skills: Sequence[str] = (),
    days: int = 7,
) -> tuple[InvitationView, str]:
    """Make an invitation and return it with the secret of its link, which is shown once."""
    if role not in ROLES:
        raise AccessError(f"no role named {role}; known: {', '.join(ROLES)}")
    if not 1 <= days <= LONGEST_DAYS:
        raise AccessError(f"an invitation lives 1 to {LONGEST_DAYS} days")
    secret = secrets.token_urlsafe(32)
    with store.writing.begin() as session:
        invitation = Invitation(
            token_hash=hash_token(secret),
            role=role,
            email=clean_email(email),
            languages=list(languages),
            skills=list(skills),
            invited_by=actor.name,
            expires_at=now() + timedelta(days=days),
        )
        session.add(invitation)
        session.flush()
        return _view(invitation), secret


def read_invitation(store: Store, secret: str) -> InvitationView:
    """Return the invitation of a link; raise InvitationGone when it no longer works."""
    with store.reading() as session:
        return _view(_open(session, secret))


def accept(store: Store, secret: str, name: str, password: str, language: str = "") -> AccountView:
    """Make the account that a link promises, once.

    Raises InvitationGone, AccessError for a name that is taken, also by an assessor of the ledger,
    whose work nobody takes over by choosing a name, and PasswordRefused.
    """
    invitation, name = read_invitation(store, secret), clean_name(name)
    check_password(password, name, invitation.email or "")
    hashed = hash_password(password)
    with store.writing.begin() as session:
        row = _open(session, secret)
        known = {found.casefold() for found in session.scalars(select(Assessor.name))}
        if name.casefold() in known:
            raise AccountRefused("name_taken", f"the name {name} is taken; choose another")
        account = add_account(session, name, row.role, hashed, email=row.email, language=language)
        row.used_at, row.account_id = now(), account.id
    assessor = register(store, name, "person", invitation.languages or ("en", "ru"), skills=invitation.skills)
    with store.writing.begin() as session:
        made = load(session, account.id)
        made.assessor_id = assessor.id
        return view(made)


def list_invitations(store: Store) -> list[InvitationView]:
    """Return the invitations, the latest first."""
    wanted = (
        select(Invitation, Account.name)
        .outerjoin(Account, Invitation.account_id == Account.id)
        .order_by(Invitation.id.desc())
        .limit(1000)
    )
    with store.reading() as session:
        return [_view(found, name) for found, name in session.execute(wanted)]


def withdraw(store: Store, invitation_id: int) -> None:
    """Let a link work no more; raise AccessError for an unknown one."""
    with store.writing.begin() as session:
        found = session.get(Invitation, invitation_id)
        if found is None:
            raise AccessError(f"no invitation number {invitation_id}")
        found.revoked_at = found.revoked_at or now()


def _open(session: Session, secret: str) -> Invitation:
    wanted = select(Invitation).where(Invitation.token_hash == hash_token(secret)).with_for_update()
    found = session.scalar(wanted)
    if found is None or not _view(found).open:
        raise InvitationGone("this invitation was used, withdrawn or has ended; ask for a new one")
    return found


def _view(found: Invitation, account: str | None = None) -> InvitationView:
    return InvitationView(
        found.id,
        found.role,
        found.email,
        tuple(found.languages),
        tuple(found.skills),
        found.invited_by,
        found.created_at,
        found.expires_at,
        found.revoked_at,
        found.used_at,
        account,
    )
