"""Users, audit and account: what an administrator and everybody does there."""

from __future__ import annotations

import pytest

from annotate.access.accounts import create_account, find_account, list_accounts
from annotate.access.invitations import list_invitations, read_invitation
from annotate.access.permissions import Permission
from annotate.access.sessions import list_sessions, open_session
from annotate.access.tokens import actor_of_token, issue_token, list_tokens
from annotate.reports.audit import report_audit


def press(at, label: str):
    """Press the button with this label."""
    [button] = [button for button in at.button if button.label == label]
    return button.click().run()


def choose(at, name: str, row: int):
    """Choose a row of a table, as a click in the browser does."""
    at.session_state[f"table-{name}"] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return at.run()


def drawn(at) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


@pytest.fixture
def store(empty_workspace):
    return empty_workspace.store


def test_an_account_is_added_with_a_one_time_password_shown_until_it_is_put_away(show, store):
    at = show("users")
    [name] = [one for one in at.text_input if one.label == "Name"]
    name.set_value("Vera <b>")
    press(at, "Add")
    assert not at.exception
    account = find_account(store, "Vera <b>")
    assert (account.role, account.must_change) == ("assessor", True)
    [once] = [code.value for code in at.code]
    assert len(once) == 19
    assert "has an account now" in at.success[0].value
    press(at, "Done, hide it")
    assert not at.code
    assert once not in str([entry.details for entry in report_audit(store).entries])


def test_an_invitation_is_a_link_shown_once(show, store):
    at = show("users")
    press(at, "Make the link")
    [link] = [code.value for code in at.code]
    assert read_invitation(store, link.rpartition("/")[2]).role == "assessor"
    at.segmented_control(key="users-part").set_value("invitations").run()
    choose(at, "invitations", 0)
    press(at, "Withdraw")
    assert not list_invitations(store)[0].open


def test_what_is_refused_is_said_in_the_readers_words(show, store):
    at = show("users")
    at.selectbox(key="language").set_value("ru").run()
    [name] = [one for one in at.text_input if one.label == "Имя"]
    name.set_value("ADMIN")
    press(at, "Добавить")
    assert "Это имя занято" in at.error[0].value
    assert len(list_accounts(store)) == 1


@pytest.mark.parametrize("act", ["role", "disable", "reset", "sign out"])
def test_one_account_is_changed_from_its_row(show, store, act: str):
    anna = create_account(store, "zoya", "assessor", password="tide-lantern-42-orchard")
    open_session(store, anna.id)
    at = choose(show("users"), "users", 1)
    if act == "role":
        at.selectbox(key=f"role-{anna.id}").set_value("lead").run()
        press(at, "Change the role")
        assert find_account(store, "zoya").role == "lead"
    elif act == "disable":
        press(at, "Disable now")
        assert not find_account(store, "zoya").enabled
    elif act == "reset":
        press(at, "Reset now")
        assert find_account(store, "zoya").must_change
        assert at.code
    else:
        press(at, "Sign out everywhere")
    assert not at.exception
    assert (list_sessions(store, anna.id) == []) == (act != "role")
    assert report_audit(store).entries[0].target == "zoya"


def test_the_last_administrator_cannot_shut_himself_out(show, store):
    at = choose(show("users"), "users", 0)
    press(at, "Disable now")
    assert "last administrator" in at.error[0].value
    assert find_account(store, "admin").enabled


def test_sessions_and_tokens_of_others_are_ended(show, store):
    anna = create_account(store, "anna", "lead")
    _, secret = issue_token(store, anna.id, "nightly", [Permission.EXPORT])
    open_session(store, anna.id, "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
    at = show("users")
    at.segmented_control(key="users-part").set_value("tokens").run()
    choose(at, "tokens", 0)
    press(at, "Revoke the token")
    assert actor_of_token(store, secret) is None
    at.segmented_control(key="users-part").set_value("sessions").run()
    agents = list(at.dataframe[0].value["agent"])
    choose(at, "sessions", agents.index("Firefox, Linux"))
    press(at, "Sign this device out")
    assert list_sessions(store, anna.id) == []


def test_the_audit_log_tells_and_filters(show, store):
    at = show("users")
    press(at, "Make the link")
    at.switch_page("screens/audit.py").run()
    assert list(at.dataframe[0].value["action"]) == ["invited"]
    [who] = [one for one in at.text_input if one.label == "Whom or what"]
    who.set_value("nobody").run()
    assert not at.dataframe
    assert "No entry fits" in at.info[0].value


def test_an_empty_audit_log_says_so(show):
    at = show("audit")
    assert "Nothing has been changed yet" in [head.value for head in at.subheader]


def test_ones_own_token_is_made_and_revoked(show, store):
    at = show("account", "assessor")
    [name] = [one for one in at.text_input if one.label == "Name of the token"]
    name.set_value("script")
    assert at.multiselect[0].options == ["ask questions", "label pairs"]
    at.multiselect[0].set_value([Permission.LABEL])
    press(at, "Make the token")
    [secret] = [code.value for code in at.code]
    assert actor_of_token(store, secret).permissions == {Permission.LABEL}
    choose(at, "tokens", 0)
    press(at, "Revoke the token")
    assert actor_of_token(store, secret) is None
    assert not list_tokens(store)[0].usable


def test_ones_other_devices_are_signed_out_but_not_this_one(show, store):
    create_account(store, "assessor", "assessor")
    open_session(store, find_account(store, "assessor").id, "Firefox/140 Linux")
    at = show("account", "assessor")
    assert "this one" in "".join(at.dataframe[0].value["agent"])
    press(at, "Sign out all other devices")
    assert len(list_sessions(store)) == 1
    assert not at.exception
    assert 'href="/password"' not in drawn(at)  # an account without a password has none to change


def test_the_language_is_kept_with_the_account(show, store):
    at = show("account", "lead")
    at.selectbox(key="language").set_value("ru").run()
    assert "Моя учётная запись" in drawn(at)
    assert find_account(store, "lead").language == "ru"
