"""Sign-in by name and password, and what guessing comes to."""

import re
import statistics
import time
from datetime import timedelta

import pytest

from annotate.access import sign_in as module
from annotate.access.accounts import create_account, find_account, set_enabled, unlock
from annotate.access.sign_in import (
    FREE_TRIES,
    LOCK_OUT,
    MOST_TRIES,
    Guard,
    Refused,
    Tries,
    counted,
    pause_after,
    sign_in,
)
from annotate.reports.audit import report_audit
from annotate.store import Account, now

PASSWORD = "tide-lantern-42-orchard"


@pytest.fixture
def anna(sqlite_store):
    create_account(sqlite_store, "root", "admin")
    return create_account(sqlite_store, "anna", "lead", password=PASSWORD)


def refusal(store, guard: Guard, name: str, password: str, address: str = "") -> tuple[str, bool]:
    """Try in vain; return what was said, and whether one has to wait."""
    with pytest.raises(Refused) as refused:
        sign_in(store, guard, name, password, address)
    return re.sub(r" \d+ seconds$", "", str(refused.value)), refused.value.seconds > 0


def count_tries(store, guard: Guard, name: str, failures: int) -> None:
    """Put a name where so many wrong tries and their pause would have brought it."""
    passed = now() - timedelta(seconds=1)
    with store.writing.begin() as session:
        account = session.query(Account).filter_by(name=name).one_or_none()
        if account is None:
            guard.names._found[name] = (failures, passed)
        else:
            account.failures, account.locked_until = failures, passed


def test_the_right_password_lets_in(sqlite_store, anna):
    assert sign_in(sqlite_store, Guard(), " anna ", PASSWORD, "1.2.3.4").name == "anna"


def test_pauses_grow_until_the_lock_out():
    pauses = [pause_after(failures).total_seconds() for failures in range(MOST_TRIES + 2)]
    assert pauses[:FREE_TRIES] == [0.0] * FREE_TRIES
    assert pauses[FREE_TRIES:MOST_TRIES] == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]
    assert pauses[MOST_TRIES] == pauses[MOST_TRIES + 1] == LOCK_OUT.total_seconds() == 900.0


def test_after_a_lock_out_the_count_begins_anew():
    assert counted(MOST_TRIES, now() - timedelta(seconds=1)) == 1
    assert counted(MOST_TRIES, now() + timedelta(minutes=1)) == MOST_TRIES + 1
    assert counted(4, None) == 5


def test_known_and_unknown_names_are_refused_alike_up_to_the_lock_out(sqlite_store, anna):
    heard: dict[str, list[tuple[str, bool]]] = {"anna": [], "nobody": []}
    for name, said in heard.items():
        guard = Guard()
        said += [refusal(sqlite_store, guard, name, "wrong") for _ in range(FREE_TRIES + 1)]
        count_tries(sqlite_store, guard, name, MOST_TRIES - 1)
        said += [refusal(sqlite_store, guard, name, password) for password in ("wrong", PASSWORD)]
        count_tries(sqlite_store, guard, name, MOST_TRIES)
        said += [refusal(sqlite_store, guard, name, "wrong") for _ in range(2)]
    no, wait = ("name and password do not fit", False), ("too many wrong tries; wait", True)
    assert heard["anna"] == heard["nobody"] == [no, no, no, wait, no, wait, no, no]


def test_a_locked_account_refuses_the_right_password_until_it_is_unlocked(sqlite_store, anna):
    with sqlite_store.writing.begin() as session:
        session.get(Account, anna.id).failures = MOST_TRIES - 1
    assert refusal(sqlite_store, Guard(), "anna", "wrong") == ("name and password do not fit", False)
    assert find_account(sqlite_store, "anna").locked
    assert refusal(sqlite_store, Guard(), "anna", PASSWORD) == ("too many wrong tries; wait", True)
    [entry] = report_audit(sqlite_store).entries
    assert (entry.action, entry.target) == ("account.lock_out", "anna")
    unlock(sqlite_store, anna.id)
    assert sign_in(sqlite_store, Guard(), "anna", PASSWORD).failures == 0


def test_a_right_password_forgives_earlier_tries(sqlite_store, anna):
    guard = Guard()
    refusal(sqlite_store, guard, "anna", "wrong")
    assert find_account(sqlite_store, "anna").failures == 1
    assert sign_in(sqlite_store, guard, "anna", PASSWORD).failures == 0


def test_disabled_and_passwordless_accounts_are_refused_like_a_wrong_password(sqlite_store, anna):
    create_account(sqlite_store, "oidc", "lead", email="oidc@example.org")
    set_enabled(sqlite_store, anna.id, False)
    for name in ("anna", "oidc", "", "\x00", "x" * 500):
        assert refusal(sqlite_store, Guard(), name, PASSWORD) == ("name and password do not fit", False)


def test_an_unknown_name_takes_as_long_as_a_known_one(sqlite_store, anna):
    def seconds(name: str) -> float:
        took = []
        for _ in range(3):
            began = time.process_time()
            refusal(sqlite_store, Guard(), name, "wrong")
            took.append(time.process_time() - began)
            unlock(sqlite_store, anna.id)
        return statistics.median(took)

    known, unknown = seconds("anna"), seconds("nobody")
    assert unknown > 0.5 * known
    assert known > 0.5 * unknown


def test_one_address_cannot_try_one_password_on_many_names(sqlite_store, anna):
    guard = Guard()
    for _ in range(guard.addresses.free):
        assert guard.addresses.until("6.6.6.6") is None or guard.addresses.until("6.6.6.6") <= now()
        guard.addresses.fail("6.6.6.6")
    assert refusal(sqlite_store, guard, "anna", PASSWORD, "6.6.6.6") == ("too many wrong tries; wait", True)
    assert sign_in(sqlite_store, guard, "anna", PASSWORD, "7.7.7.7").name == "anna"


def test_wrong_tries_count_for_the_address(sqlite_store, anna):
    guard = Guard()
    refusal(sqlite_store, guard, "nobody", "wrong", "6.6.6.6")
    assert guard.addresses._found["6.6.6.6"][0] == 1
    sign_in(sqlite_store, guard, "anna", PASSWORD, "6.6.6.6")
    assert guard.addresses.until("6.6.6.6") is None


def test_the_memory_of_tries_is_bounded(monkeypatch):
    monkeypatch.setattr(module, "MOST_REMEMBERED", 10)
    tries = Tries()
    for number in range(100):
        tries.fail(str(number))
    assert len(tries._found) == 10
    assert tries.until("0") is None
