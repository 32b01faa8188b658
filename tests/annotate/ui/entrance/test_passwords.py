"""Changing the password on its page."""

import pytest

from annotate.access.permissions import operator
from annotate.access.sessions import COOKIE, read_session
from annotate.actions.users import add_user

NEW = "violet gravel umbrella"


def test_a_one_time_password_must_be_changed_before_anything_else(visitor, context):
    _, once = add_user(context, operator(), "anna", "lead")
    browser, elsewhere = visitor(), visitor()
    for one in (browser, elsewhere):
        one.post("/sign-in", data={"name": "anna", "password": once})
    assert browser.get("/quality").headers["Location"] == "/password"
    assert browser.get("/quality", headers={"Accept": "*/*"}).status_code == 401
    assert "works once" in browser.get("/password").text
    before = browser.cookies[COOKIE]
    changed = browser.post("/password", data={"old": once, "new": NEW, "again": NEW})
    assert (changed.status_code, changed.headers["Location"]) == (303, "/")
    assert browser.get("/quality").text == "the screens"
    assert browser.cookies[COOKIE] != before
    assert read_session(context.store, before) is None
    assert elsewhere.get("/quality").headers["Location"] == "/sign-in?next=/quality"


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("wrong", NEW, NEW, "The present password does not fit"),
        ("tide-lantern-42-orchard", NEW, "different words", "The two passwords differ"),
        ("tide-lantern-42-orchard", "short", "short", "at least 12 characters"),
        ("tide-lantern-42-orchard", "tide-lantern-42-orchard", "tide-lantern-42-orchard", "is the old one"),
    ],
)
def test_what_does_not_fit_is_said(visitor, old: str, new: str, again: str, said: str):
    browser = visitor()
    browser.post("/sign-in", data={"name": "root", "password": "tide-lantern-42-orchard"})
    refused = browser.post("/password", data={"old": old, "new": new, "again": again})
    assert refused.status_code == 422
    assert said in refused.text
    assert old not in refused.text


def test_strangers_are_sent_to_sign_in(visitor):
    assert visitor().get("/password").headers["Location"] == "/sign-in?next=/password"
    assert visitor().post("/password", data={"old": "x"}).headers["Location"] == "/sign-in?next=/password"
