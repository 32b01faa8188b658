"""Accounts: names, roles, the last admin, and the person in the ledger."""

import pytest

from annotate.access.accounts import (
    AccountRefused,
    assessor_of,
    change_role,
    create_account,
    find_account,
    list_accounts,
    read_account,
    set_enabled,
    set_language,
)
from annotate.access.passwords import PasswordRefused
from annotate.access.permissions import ROLES, Permission, operator
from annotate.errors import AccessDenied, AccessError, LabellingError
from annotate.labelling import register
from annotate.store import Account


def test_an_account_is_found_by_its_name_in_any_spelling_of_spaces(store):
    made = create_account(store, "  Anna   Ivanova ", "lead", email="Anna@Example.org")
    assert (made.name, made.email, made.role, made.enabled) == (
        "Anna Ivanova",
        "anna@example.org",
        "lead",
        True,
    )
    assert find_account(store, "Anna Ivanova") == read_account(store, made.id) == made
    assert not made.has_password


@pytest.mark.parametrize(
    ("name", "email", "code"),
    [
        ("ANNA", None, "name_taken"),
        ("boris", "anna@example.org", "email_taken"),
        ("", None, "bad_name"),
        ("x" * 61, None, "bad_name"),
        ("a\u202eb", None, "bad_name"),
        ("boris", "no address", "bad_email"),
    ],
)
def test_what_cannot_be_an_account_is_refused(sqlite_store, name: str, email: str | None, code: str):
    create_account(sqlite_store, "anna", "assessor", email="anna@example.org")
    with pytest.raises(AccountRefused) as refused:
        create_account(sqlite_store, name, "assessor", email=email)
    assert refused.value.code == code
    assert len(list_accounts(sqlite_store)) == 1


def test_no_password_is_stored(sqlite_store):
    create_account(sqlite_store, "anna", "assessor", password="tide-lantern-42-orchard")
    with sqlite_store.reading() as session:
        row = session.query(Account).one()
        assert "tide" not in str(
            {column.name: getattr(row, column.name) for column in Account.__table__.columns}
        )


def test_a_weak_password_makes_no_account(sqlite_store):
    with pytest.raises(PasswordRefused):
        create_account(sqlite_store, "anna", "assessor", password="anna")
    assert list_accounts(sqlite_store) == []


def test_unknown_roles_languages_and_accounts_are_refused(sqlite_store):
    with pytest.raises(AccessError, match="no role named king"):
        create_account(sqlite_store, "anna", "king")
    with pytest.raises(AccessError, match="no language named fr"):
        create_account(sqlite_store, "anna", "lead", language="fr")
    with pytest.raises(AccessError, match="no account named boris"):
        find_account(sqlite_store, "boris")
    with pytest.raises(AccessError, match="no account number 7"):
        set_language(sqlite_store, 7, "ru")


def test_the_last_admin_who_can_enter_stays_one(store):
    root = create_account(store, "root", "admin")
    second = create_account(store, "second", "admin")
    set_enabled(store, second.id, False)
    for attempt in (lambda: change_role(store, root.id, "lead"), lambda: set_enabled(store, root.id, False)):
        with pytest.raises(AccountRefused) as refused:
            attempt()
        assert refused.value.code == "last_admin"
    set_enabled(store, second.id, True)
    assert change_role(store, root.id, "lead").role == "lead"
    with pytest.raises(AccountRefused):
        set_enabled(store, second.id, False)


@pytest.mark.parametrize("role", ROLES)
def test_the_rights_are_those_of_the_role_until_the_account_is_shut_out(sqlite_store, role: str):
    create_account(sqlite_store, "root", "admin")
    made = create_account(sqlite_store, "anna", role)
    assert made.actor.permissions == ROLES[role]
    assert set_enabled(sqlite_store, made.id, False).actor.permissions == frozenset()
    with pytest.raises(AccessDenied):
        read_account(sqlite_store, made.id).actor.demand(Permission.LABEL)


def test_with_a_one_time_password_nothing_may_be_done(sqlite_store):
    made = create_account(sqlite_store, "anna", "admin", must_change=True)
    assert made.actor.permissions == frozenset()


def test_the_person_in_the_ledger_is_registered_once(store):
    made = create_account(store, "anna", "assessor")
    first = assessor_of(store, made.actor)
    assert (first.name, first.kind) == ("anna", "person")
    assert assessor_of(store, made) == first
    assert read_account(store, made.id).actor.assessor_id == first.id


def test_neither_the_operator_nor_a_machines_name_can_label(sqlite_store):
    with pytest.raises(AccessError, match="no account to label with"):
        assessor_of(sqlite_store, operator())
    register(sqlite_store, "robot", "machine")
    with pytest.raises(LabellingError, match="robot is a machine"):
        assessor_of(sqlite_store, create_account(sqlite_store, "robot", "assessor"))
