"""Keep accounts: who may enter, in which role, and which person of the ledger each one is."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.access.passwords import check_password, hash_password
from annotate.access.permissions import ADMIN, ROLES, Actor
from annotate.errors import AccessError
from annotate.labelling import AssessorView, list_assessors, register
from annotate.store import Account, Store, now
from annotate.store.accounts import DISABLED, ENABLED

LONGEST_NAME = 60
LANGUAGES = ("", "en", "ru")  # empty: the browser's


class AccountRefused(AccessError):  # noqa: N818
    """Say why an account cannot be as wanted; `code` names the reason for the screens."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class AccountView:
    """Show one account; `locked_until` lies in the future while sign-in is refused after wrong tries."""

    id: int
    name: str
    email: str | None
    role: str
    state: str
    language: str
    has_password: bool
    must_change: bool
    failures: int
    locked_until: datetime | None
    assessor_id: int | None
    created_at: datetime

    @property
    def enabled(self) -> bool:
        """Tell whether the account may enter."""
        return self.state == ENABLED

    @property
    def locked(self) -> bool:
        """Tell whether sign-in is refused for now."""
        return self.locked_until is not None and self.locked_until > now()

    @property
    def actor(self) -> Actor:
        """Return who acts with this account; nothing may be done before a one-time password is changed."""
        allowed = self.enabled and not self.must_change
        return Actor(
            self.id,
            self.name,
            self.role,
            self.assessor_id,
            self.language,
            ROLES[self.role] if allowed else frozenset(),
        )


def create_account(
    store: Store,
    name: str,
    role: str,
    *,
    password: str = "",
    email: str | None = None,
    language: str = "",
    must_change: bool = False,
) -> AccountView:
    """Add an account; without a password it enters by OIDC alone.

    Raises AccessError for a name or address that is taken, PasswordRefused for a weak password.
    """
    name, email = clean_name(name), clean_email(email)
    _check(role, language)
    if password:
        check_password(password, name, email or "")
    hashed = hash_password(password) if password else ""
    with store.writing.begin() as session:
        return add_account(
            session, name, role, hashed, email=email, language=language, must_change=must_change
        )


def add_account(
    session: Session,
    name: str,
    role: str,
    password_hash: str,
    *,
    email: str | None,
    language: str = "",
    must_change: bool = False,
) -> AccountView:
    """Add a row within a transaction; raise AccessError for a name or address that is taken."""
    taken = {found.casefold() for found in session.scalars(select(Account.name))}
    if name.casefold() in taken:
        raise AccountRefused("name_taken", f"the name {name} is taken; choose another")
    if email and session.scalar(select(Account.id).where(Account.email == email)) is not None:
        raise AccountRefused("email_taken", f"there is an account with the address {email} already")
    account = Account(
        name=name,
        email=email,
        role=role,
        state=ENABLED,
        language=language,
        password_hash=password_hash,
        must_change=must_change,
        failures=0,
    )
    session.add(account)
    session.flush()
    return view(account)


def has_accounts(store: Store) -> bool:
    """Tell whether anybody can enter yet."""
    with store.reading() as session:
        return session.scalar(select(Account.id).limit(1)) is not None


def list_accounts(store: Store) -> list[AccountView]:
    """Return all accounts by name."""
    with store.reading() as session:
        return [view(account) for account in session.scalars(select(Account).order_by(Account.name))]


def find_account(store: Store, name: str) -> AccountView:
    """Return the account of a name; raise AccessError when there is none."""
    with store.reading() as session:
        account = session.scalar(select(Account).where(Account.name == clean_name(name)))
        if account is None:
            raise AccessError(f"no account named {name}")
        return view(account)


def read_account(store: Store, account_id: int) -> AccountView:
    """Return an account; raise AccessError when there is none."""
    with store.reading() as session:
        return view(load(session, account_id))


def change_role(store: Store, account_id: int, role: str) -> AccountView:
    """Give an account another role, at once; raise AccessError for the last admin."""
    _check(role, "")
    with store.writing.begin() as session:
        account = load(session, account_id)
        if role != ADMIN:
            _keep_an_admin(session, account)
        account.role = role
        return view(account)


def set_enabled(store: Store, account_id: int, enabled: bool) -> AccountView:
    """Let an account enter, or shut it out at once; raise AccessError for the last admin."""
    with store.writing.begin() as session:
        account = load(session, account_id)
        if not enabled:
            _keep_an_admin(session, account)
        account.state = ENABLED if enabled else DISABLED
        return view(account)


def unlock(store: Store, account_id: int) -> AccountView:
    """Forget the wrong tries of an account."""
    with store.writing.begin() as session:
        account = load(session, account_id)
        account.failures, account.locked_until = 0, None
        return view(account)


def set_language(store: Store, account_id: int, language: str) -> AccountView:
    """Remember in which language an account reads; empty: as the browser asks."""
    _check(ADMIN, language)
    with store.writing.begin() as session:
        account = load(session, account_id)
        account.language = language
        return view(account)


def assessor_of(store: Store, who: Actor | AccountView) -> AssessorView:
    """Return the person of the ledger that an account labels as, registered on first use.

    Raises AccessError for the operator at the command line, who has no account, and LabellingError
    where the name is a machine's.
    """
    account_id = who.account_id if isinstance(who, Actor) else who.id
    if account_id is None:
        raise AccessError("the command line has no account to label with; sign in on the screens")
    account = read_account(store, account_id)
    if account.assessor_id is None:
        made = register(store, account.name, "person")
        with store.writing.begin() as session:
            load(session, account_id).assessor_id = made.id
        return made
    [found] = [one for one in list_assessors(store) if one.id == account.assessor_id]
    return found


def clean_name(name: str) -> str:
    """Return a name in normal form; raise AccessError for one that is empty, long or unprintable."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise AccountRefused("bad_name", f"a name has 1 to {LONGEST_NAME} characters that can be printed")
    return name


def clean_email(email: str | None) -> str | None:
    """Return an address in normal form, or None for an empty one; raise AccessError for no address."""
    email = (email or "").strip().casefold()
    if not email:
        return None
    local, at, domain = email.rpartition("@")
    if not (local and at and domain) or len(email) > 254 or any(map(str.isspace, email)):
        raise AccountRefused("bad_email", f"{email}: not an e-mail address")
    return email


def load(session: Session, account_id: int) -> Account:
    """Return a row; raise AccessError when there is none."""
    account = session.get(Account, account_id)
    if account is None:
        raise AccessError(f"no account number {account_id}")
    return account


def view(account: Account) -> AccountView:
    """Show a row."""
    return AccountView(
        account.id,
        account.name,
        account.email,
        account.role,
        account.state,
        account.language,
        bool(account.password_hash),
        account.must_change,
        account.failures,
        account.locked_until,
        account.assessor_id,
        account.created_at,
    )


def _check(role: str, language: str) -> None:
    if role not in ROLES:
        raise AccessError(f"no role named {role}; known: {', '.join(ROLES)}")
    if language not in LANGUAGES:
        raise AccessError(f"no language named {language}; known: en, ru")


def _keep_an_admin(session: Session, account: Account) -> None:
    if account.role != ADMIN or account.state != ENABLED:
        return
    others = select(Account.id).where(
        Account.role == ADMIN, Account.state == ENABLED, Account.id != account.id
    )
    if session.scalar(others.limit(1)) is None:
        raise AccountRefused("last_admin", f"{account.name} is the last admin; make another admin first")
