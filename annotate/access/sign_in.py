"""Let people in by name and password; slow down and lock out who guesses."""

from __future__ import annotations

import math
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import select

from annotate.access.accounts import AccountView, clean_name, load, view
from annotate.access.audit import note
from annotate.access.passwords import hash_password, is_outdated, password_fits
from annotate.errors import AccessError, SignInRefused
from annotate.store import Account, Store, now

FREE_TRIES = 3  # wrong tries before a pause, which doubles with each further one
MOST_TRIES = 10  # then the lock-out
LOCK_OUT = timedelta(minutes=15)
MOST_REMEMBERED = 10_000


class Refused(SignInRefused):
    """Say why nobody was let in: `code` is `wrong` or `wait` (then `seconds` tells how long)."""

    def __init__(self, code: str, seconds: int = 0) -> None:
        texts = {
            "wrong": "name and password do not fit",
            "wait": f"too many wrong tries; wait {seconds} seconds",
        }
        super().__init__(texts[code])
        self.code = code
        self.seconds = seconds


@dataclass
class Tries:
    """Remember wrong tries by key, for what has no row in the database: addresses and unknown names."""

    free: int = FREE_TRIES
    most: int = MOST_TRIES
    _found: OrderedDict[str, tuple[int, datetime]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def until(self, key: str) -> datetime | None:
        """Return until when a key has to wait."""
        with self._lock:
            return self._found.get(key, (0, None))[1]

    def fail(self, key: str) -> None:
        """Count a wrong try."""
        with self._lock:
            failures, until = self._found.pop(key, (0, now()))
            failures = counted(failures, until, self.most)
            self._found[key] = (failures, now() + pause_after(failures, self.free, self.most))
            while len(self._found) > MOST_REMEMBERED:
                self._found.popitem(last=False)

    def forget(self, key: str) -> None:
        """Start again from nothing, after a right try."""
        with self._lock:
            self._found.pop(key, None)


@dataclass
class Guard:
    """Hold the wrong tries of one server; many people may share one address, so it has more tries."""

    names: Tries = field(default_factory=Tries)
    addresses: Tries = field(default_factory=lambda: Tries(20, 60))


def pause_after(failures: int, free: int = FREE_TRIES, most: int = MOST_TRIES) -> timedelta:
    """Return how long to wait after so many wrong tries: nothing, then 1, 2, 4 ... s, then the lock-out."""
    if failures >= most:
        return LOCK_OUT
    return min(timedelta(seconds=2.0 ** (failures - free)), LOCK_OUT) if failures >= free else timedelta()


def counted(failures: int, until: datetime | None, most: int = MOST_TRIES) -> int:
    """Return the count after one more wrong try; after a lock-out that is over it begins anew."""
    over = failures >= most and (until is None or until <= now())
    return 1 if over else failures + 1


def sign_in(store: Store, guard: Guard, name: str, password: str, address: str = "") -> AccountView:
    """Return the account whose name and password these are.

    Raises Refused. A name that is not known is refused in the same words, after the same time, with
    the same pauses.
    """
    with suppress(AccessError):
        name = clean_name(name)
    _wait(guard.addresses.until(address))
    try:
        account = _known(store, guard, name, password)
    except Refused as refused:
        if refused.code == "wrong":
            guard.addresses.fail(address)
        raise
    guard.addresses.forget(address)
    return account


def confirm(store: Store, account_id: int, password: str) -> AccountView:
    """Return the account if this is its password; wrong tries count as at the door; raise Refused."""
    with store.reading() as session:
        account = load(session, account_id)
        known, password_hash = view(account), account.password_hash
    _wait(known.locked_until)
    if not password_fits(password_hash, password) or not known.enabled:
        _fail(store, known)
        raise Refused("wrong")
    return _welcome(store, known, password)


def _known(store: Store, guard: Guard, name: str, password: str) -> AccountView:
    with store.reading() as session:
        account_id = session.scalar(select(Account.id).where(Account.name == name))
    if account_id is not None:
        return confirm(store, account_id, password)
    _wait(guard.names.until(name))
    password_fits("", password)
    guard.names.fail(name)
    raise Refused("wrong")


def _welcome(store: Store, known: AccountView, password: str) -> AccountView:
    with store.reading() as session:
        outdated = is_outdated(load(session, known.id).password_hash)
    if not outdated and not known.failures and known.locked_until is None:
        return known
    better = hash_password(password) if outdated else ""
    with store.writing.begin() as session:
        account = load(session, known.id)
        account.failures, account.locked_until = 0, None
        account.password_hash = better or account.password_hash
        return view(account)


def _wait(until: datetime | None) -> None:
    left = (until - now()).total_seconds() if until is not None else 0.0
    if left > 0:
        raise Refused("wait", math.ceil(left))


def _fail(store: Store, known: AccountView) -> None:
    with store.writing.begin() as session:
        account = load(session, known.id)
        account.failures = counted(account.failures, account.locked_until)
        pause = pause_after(account.failures)
        account.locked_until = now() + pause if pause else None
        locked = account.failures == MOST_TRIES
    if locked:
        note(store, known.actor, "account.lock_out", known.name, minutes=int(LOCK_OUT.total_seconds() // 60))
