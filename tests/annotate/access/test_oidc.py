"""From a provider's claims to an account."""

import pytest

from annotate.access.accounts import create_account, list_accounts, set_enabled
from annotate.access.oidc import ProviderRefused, account_of_claims
from annotate.labelling import register

VERA = {"email": "Vera@Example.org", "email_verified": True, "name": "Vera"}


def test_the_verified_address_finds_the_account(store):
    made = create_account(store, "vp", "lead", email="vera@example.org")
    assert account_of_claims(store, VERA) == made


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({**VERA, "email_verified": False}, "unverified"),
        ({**VERA, "email_verified": "false"}, "unverified"),
        ({"email": "vera@example.org"}, "unverified"),
        ({"email_verified": True}, "unverified"),
        ({**VERA, "email": "nonsense"}, "unverified"),
        ({**VERA, "email": "boris@example.org"}, "unknown"),
    ],
)
def test_others_are_refused_with_a_reason(sqlite_store, claims: dict, code: str):
    create_account(sqlite_store, "vp", "lead", email="vera@example.org")
    with pytest.raises(ProviderRefused) as refused:
        account_of_claims(sqlite_store, claims)
    assert refused.value.code == code
    assert len(list_accounts(sqlite_store)) == 1


def test_a_disabled_account_stays_out(sqlite_store):
    create_account(sqlite_store, "root", "admin")
    made = create_account(sqlite_store, "vp", "lead", email="vera@example.org")
    set_enabled(sqlite_store, made.id, False)
    with pytest.raises(ProviderRefused, match="disabled"):
        account_of_claims(sqlite_store, VERA, "assessor")


def test_where_it_is_wished_the_unknown_get_an_account_under_a_free_name(store):
    first = account_of_claims(store, VERA, "assessor")
    assert (first.name, first.role, first.has_password) == ("Vera", "assessor", False)
    register(store, "Boris", "person")
    second = account_of_claims(
        store, {"email": "b@x.org", "email_verified": True, "name": "boris"}, "assessor"
    )
    assert second.name == "b@x.org"
    assert account_of_claims(store, VERA, "assessor") == first
