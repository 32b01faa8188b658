"""Sessions: drawn at random, stored as hashes, ended by time, revocation and the account's state."""

from datetime import timedelta

import pytest

from annotate.access.accounts import change_role, create_account, set_enabled
from annotate.access.permissions import Permission
from annotate.access.sessions import (
    IDLE,
    LONGEST,
    actor_of_session,
    list_sessions,
    open_session,
    read_session,
    revoke,
    revoke_all,
    revoke_token,
)
from annotate.errors import AccessError
from annotate.store import WebSession, now


@pytest.fixture
def anna(store):
    create_account(store, "root", "admin")
    return create_account(store, "anna", "lead")


def moved(store, **values):
    """Change what is stored of the only session."""
    with store.writing.begin() as session:
        found = session.query(WebSession).one()
        for name, value in values.items():
            setattr(found, name, value)


def stored(store):
    with store.reading() as session:
        return session.query(WebSession).one()


def test_a_session_knows_its_actor_and_its_token_is_not_stored(store, anna):
    token = open_session(store, anna.id, "Firefox")
    actor = actor_of_session(store, token)
    assert actor is not None
    assert (actor.name, actor.role, actor.account_id) == ("anna", "lead", anna.id)
    assert token not in stored(store).token_hash
    assert [(one.account, one.agent) for one in list_sessions(store, anna.id)] == [("anna", "Firefox")]


@pytest.mark.parametrize("token", ["", "x", "' OR 1=1 --"])
def test_a_made_up_token_opens_nothing(store, anna, token: str):
    open_session(store, anna.id)
    assert actor_of_session(store, token) is None
    assert actor_of_session(store, stored(store).token_hash) is None


def test_each_sign_in_draws_a_new_token(store, anna):
    assert len({open_session(store, anna.id) for _ in range(5)}) == 5


def test_a_session_slides_but_has_an_end(store, anna):
    token = open_session(store, anna.id)
    moment = now()
    moved(store, seen_at=moment - timedelta(hours=11), expires_at=moment + timedelta(hours=1))
    assert read_session(store, token) is not None
    assert stored(store).expires_at > moment + IDLE - timedelta(minutes=1)
    begun = moment - LONGEST + timedelta(minutes=5)
    moved(store, created_at=begun, seen_at=moment - timedelta(hours=1))
    assert read_session(store, token) is not None
    assert stored(store).expires_at == begun + LONGEST
    moved(store, expires_at=moment - timedelta(seconds=1))
    assert read_session(store, token) is None
    assert list_sessions(store) == []


def test_within_a_minute_nothing_is_written(store, anna):
    token = open_session(store, anna.id)
    before = stored(store).seen_at
    read_session(store, token)
    assert stored(store).seen_at == before


def test_a_changed_role_counts_at_once_and_a_disabled_account_is_out(store, anna):
    token = open_session(store, anna.id)
    change_role(store, anna.id, "assessor")
    actor = actor_of_session(store, token)
    assert actor is not None
    assert not actor.may(Permission.REVIEW)
    set_enabled(store, anna.id, False)
    assert actor_of_session(store, token) is None
    with pytest.raises(AccessError, match="disabled"):
        open_session(store, anna.id)


def test_sessions_are_revoked_one_by_one_by_token_or_all_but_one(store, anna):
    first, second, third, fourth = (open_session(store, anna.id) for _ in range(4))
    revoke(store, read_session(store, first).session_id)
    revoke_token(store, second)
    assert [read_session(store, token) is None for token in (first, second, third, fourth)] == [
        True, True, False, False,
    ]  # fmt: skip
    revoke_all(store, anna.id, keep=read_session(store, third).session_id)
    assert [read_session(store, token) is None for token in (third, fourth)] == [False, True]
    revoke_all(store, anna.id)
    assert read_session(store, third) is None


def test_nobody_ends_anothers_session_by_its_number(store, anna):
    boris = create_account(store, "boris", "assessor")
    token = open_session(store, anna.id)
    number = read_session(store, token).session_id
    with pytest.raises(AccessError) as foreign:
        revoke(store, number, boris.id)
    with pytest.raises(AccessError) as unknown:
        revoke(store, number + 99, boris.id)
    assert str(foreign.value) == str(unknown.value).replace(str(number + 99), str(number))
    assert read_session(store, token) is not None
