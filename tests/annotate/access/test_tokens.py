"""API tokens: scoped, ending, bounded by the role for ever."""

from datetime import timedelta

import pytest

from annotate.access.accounts import change_role, create_account, set_enabled
from annotate.access.permissions import ROLES, Permission
from annotate.access.tokens import actor_of_token, issue_token, list_tokens, revoke_api_token
from annotate.errors import AccessError
from annotate.store import ApiToken, now


@pytest.fixture
def lena(store):
    create_account(store, "root", "admin")
    return create_account(store, "lena", "lead")


def test_a_token_does_what_its_scopes_say_and_no_more(store, lena):
    shown, secret = issue_token(store, lena.id, "nightly", [Permission.EXPORT])
    actor = actor_of_token(store, secret)
    assert actor is not None
    assert (actor.name, actor.permissions) == ("lena", frozenset({Permission.EXPORT}))
    assert (shown.name, shown.usable) == ("nightly", True)
    with store.reading() as session:
        assert secret not in session.query(ApiToken).one().token_hash


def test_scopes_beyond_the_role_are_refused_and_fall_away_with_it(store, lena):
    with pytest.raises(AccessError, match="does not hold users:manage"):
        issue_token(store, lena.id, "too much", [Permission.EXPORT, Permission.MANAGE_USERS])
    _, secret = issue_token(store, lena.id, "all", list(ROLES["lead"]))
    change_role(store, lena.id, "assessor")
    assert actor_of_token(store, secret).permissions == ROLES["assessor"]
    change_role(store, lena.id, "admin")
    assert actor_of_token(store, secret).permissions == ROLES["lead"]


def test_ended_revoked_foreign_and_disabled_tokens_open_nothing(store, lena):
    _, ended = issue_token(store, lena.id, "ended", [Permission.LABEL])
    with store.writing.begin() as session:
        session.query(ApiToken).one().expires_at = now() - timedelta(seconds=1)
    revoked, secret = issue_token(store, lena.id, "revoked", [Permission.LABEL])
    revoke_api_token(store, revoked.id)
    _, good = issue_token(store, lena.id, "good", [Permission.LABEL])
    assert [actor_of_token(store, one) is None for one in (ended, secret, "", "pairloop_x", good)] == [
        True, True, True, True, False,
    ]  # fmt: skip
    set_enabled(store, lena.id, False)
    assert actor_of_token(store, good) is None


def test_the_last_use_is_noted(store, lena):
    _, secret = issue_token(store, lena.id, "t", [Permission.LABEL])
    assert list_tokens(store)[0].used_at is None
    actor_of_token(store, secret)
    assert list_tokens(store)[0].used_at is not None


def test_nobody_revokes_anothers_token_by_its_number(store, lena):
    boris = create_account(store, "boris", "assessor")
    shown, secret = issue_token(store, lena.id, "t", [Permission.LABEL])
    with pytest.raises(AccessError, match=f"no token number {shown.id}"):
        revoke_api_token(store, shown.id, boris.id)
    assert actor_of_token(store, secret) is not None
    assert list_tokens(store, boris.id) == []


@pytest.mark.parametrize("wish", [{"name": " "}, {"scopes": []}, {"days": 0}, {"days": 366}])
def test_impossible_tokens_are_refused(sqlite_store, wish: dict):
    lena = create_account(sqlite_store, "lena", "lead")
    with pytest.raises(AccessError):
        issue_token(sqlite_store, lena.id, **{"name": "t", "scopes": [Permission.LABEL]} | wish)
