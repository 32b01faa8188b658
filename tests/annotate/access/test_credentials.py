"""Changing and resetting passwords."""

import pytest

from annotate.access.accounts import create_account, find_account
from annotate.access.credentials import change_password, reset_password
from annotate.access.passwords import PasswordRefused
from annotate.access.sessions import open_session, read_session
from annotate.access.sign_in import FREE_TRIES, Guard, Refused, sign_in

OLD, NEW = "tide-lantern-42-orchard", "violet gravel umbrella"


@pytest.fixture
def anna(sqlite_store):
    return create_account(sqlite_store, "anna", "lead", password=OLD)


def test_a_change_ends_all_other_sessions(sqlite_store, anna):
    here, there = open_session(sqlite_store, anna.id), open_session(sqlite_store, anna.id)
    change_password(sqlite_store, anna.id, OLD, NEW, keep=read_session(sqlite_store, here).session_id)
    assert read_session(sqlite_store, here) is not None
    assert read_session(sqlite_store, there) is None
    assert sign_in(sqlite_store, Guard(), "anna", NEW).name == "anna"
    with pytest.raises(Refused):
        sign_in(sqlite_store, Guard(), "anna", OLD)


def test_the_old_password_cannot_be_guessed_here_either(sqlite_store, anna):
    for _ in range(FREE_TRIES):
        with pytest.raises(Refused, match="do not fit"):
            change_password(sqlite_store, anna.id, "wrong", NEW)
    with pytest.raises(Refused, match="wait"):
        change_password(sqlite_store, anna.id, OLD, NEW)


@pytest.mark.parametrize(("new", "code"), [(OLD, "same"), ("anna", "short"), ("password12345", "common")])
def test_a_weak_new_password_changes_nothing(sqlite_store, anna, new: str, code: str):
    with pytest.raises(PasswordRefused) as refused:
        change_password(sqlite_store, anna.id, OLD, new)
    assert refused.value.code == code
    assert sign_in(sqlite_store, Guard(), "anna", OLD).name == "anna"


def test_a_reset_gives_a_password_that_must_be_changed(sqlite_store, anna):
    token = open_session(sqlite_store, anna.id)
    once = reset_password(sqlite_store, anna.id)
    assert read_session(sqlite_store, token) is None
    assert sign_in(sqlite_store, Guard(), "anna", once).must_change
    change_password(sqlite_store, anna.id, once, NEW)
    assert not find_account(sqlite_store, "anna").must_change
