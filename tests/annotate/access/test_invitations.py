"""Invitations: a link makes one account, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from annotate.access.accounts import AccountRefused, assessor_of, create_account, list_accounts
from annotate.access.invitations import (
    InvitationGone,
    accept,
    invite,
    list_invitations,
    read_invitation,
    withdraw,
)
from annotate.access.passwords import PasswordRefused
from annotate.access.permissions import operator
from annotate.errors import AccessError
from annotate.labelling import register
from annotate.store import Invitation, now

PASSWORD = "tide-lantern-42-orchard"


def made(store, role: str = "assessor", **wishes) -> str:
    return invite(store, operator(), role, **wishes)[1]


def test_the_invited_chooses_name_and_password_and_gets_role_languages_and_skills(store):
    secret = made(store, "lead", email="Vera@Example.org", languages=["ru"], skills=["law"])
    assert read_invitation(store, secret).role == "lead"
    account = accept(store, secret, "Vera", PASSWORD, "ru")
    assert (account.name, account.role, account.email, account.language) == (
        "Vera", "lead", "vera@example.org", "ru",
    )  # fmt: skip
    assessor = assessor_of(store, account)
    assert (assessor.languages, assessor.skills) == (("ru",), ("law",))
    [shown] = list_invitations(store)
    assert (shown.account, shown.open) == ("Vera", False)


def test_the_link_is_not_stored_and_works_once(sqlite_store):
    secret = made(sqlite_store)
    with sqlite_store.reading() as session:
        assert secret not in session.query(Invitation).one().token_hash
    accept(sqlite_store, secret, "Vera", PASSWORD)
    for attempt in (
        lambda: accept(sqlite_store, secret, "Boris", PASSWORD),
        lambda: read_invitation(sqlite_store, secret),
    ):
        with pytest.raises(InvitationGone):
            attempt()


def test_two_who_follow_one_link_at_once_make_one_account(store):
    secret = made(store)

    def follow(name: str) -> bool:
        try:
            accept(store, secret, name, PASSWORD)
        except InvitationGone:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(follow, ["a1", "b2", "c3", "d4"])) == [False, False, False, True]
    assert len(list_accounts(store)) == 1


@pytest.mark.parametrize("how", ["withdrawn", "ended", "unknown"])
def test_a_dead_link_says_the_same_whatever_killed_it(sqlite_store, how: str):
    invitation, secret = invite(sqlite_store, operator(), "admin")
    if how == "withdrawn":
        withdraw(sqlite_store, invitation.id)
    elif how == "ended":
        with sqlite_store.writing.begin() as session:
            session.query(Invitation).one().expires_at = now() - timedelta(seconds=1)
    else:
        secret = "x" * 43
    with pytest.raises(InvitationGone, match="used, withdrawn or has ended"):
        accept(sqlite_store, secret, "Vera", PASSWORD)
    assert list_accounts(sqlite_store) == []


def test_nobody_takes_over_the_work_of_an_assessor_by_a_name(sqlite_store):
    register(sqlite_store, "Anna", "person")
    create_account(sqlite_store, "boris", "lead")
    secret = made(sqlite_store)
    for name in ("anna", "Boris"):
        with pytest.raises(AccountRefused) as refused:
            accept(sqlite_store, secret, name, PASSWORD)
        assert refused.value.code == "name_taken"
    assert read_invitation(sqlite_store, secret).open


def test_a_weak_password_leaves_the_link_as_it_was(sqlite_store):
    secret = made(sqlite_store)
    with pytest.raises(PasswordRefused):
        accept(sqlite_store, secret, "Vera", "vera")
    assert read_invitation(sqlite_store, secret).open


@pytest.mark.parametrize("wish", [{"role": "king"}, {"days": 0}, {"days": 31}, {"email": "nobody"}])
def test_impossible_invitations_are_refused(sqlite_store, wish: dict):
    with pytest.raises(AccessError):
        made(sqlite_store, **wish)
    assert list_invitations(sqlite_store) == []
