"""Signing in and out, and what others might try at the door."""

import pytest

from annotate.access.accounts import create_account, find_account
from annotate.access.sessions import COOKIE, list_sessions, open_session, read_session
from annotate.access.sign_in import FREE_TRIES

GOOD = {"name": "root", "password": "tide-lantern-42-orchard"}


def test_the_right_password_opens_a_session_and_goes_on_to_the_page(visitor, context):
    browser = visitor()
    first = browser.get("/quality")
    assert (first.status_code, first.headers["Location"]) == (303, "/sign-in?next=/quality")
    form = browser.get(first.headers["Location"])
    assert 'name="next" value="/quality"' in form.text
    entered = browser.post("/sign-in", data={**GOOD, "next": "/quality"})
    assert (entered.status_code, entered.headers["Location"]) == (303, "/quality")
    cookie = entered.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert browser.get("/quality").text == "the screens"
    assert browser.get("/sign-in").headers["Location"] == "/"


def test_behind_tls_the_cookie_is_secure(visitor):
    browser = visitor(base="https://testserver", origin="https://testserver")
    assert "Secure" in browser.post("/sign-in", data=GOOD).headers["Set-Cookie"].split("; ")


@pytest.mark.parametrize("name", ["root", "nobody", "<script>alert(1)</script>", ""])
def test_a_wrong_password_is_refused_in_the_same_words_for_every_name(visitor, name: str):
    refused = visitor().post("/sign-in", data={"name": name, "password": "wrong"})
    assert refused.status_code == 401
    assert "Name and password do not fit" in refused.text
    assert "Set-Cookie" not in refused.headers
    assert "<script" not in refused.text


def test_after_some_tries_one_has_to_wait_whether_the_name_exists_or_not(visitor):
    said = {}
    for name in ("root", "nobody"):
        browser = visitor()
        for _ in range(FREE_TRIES):
            browser.post("/sign-in", data={"name": name, "password": "wrong"})
        refused = browser.post("/sign-in", data={"name": name, "password": GOOD["password"]})
        assert refused.headers["Retry-After"] == "1"
        said[name] = (refused.status_code, refused.text.replace(name, "NAME"))
    assert said["root"] == said["nobody"]
    assert said["root"][0] == 429
    assert "Wait 1 second," in said["root"][1]


def test_a_token_planted_before_sign_in_is_worth_nothing_after_it(visitor, context):
    create_account(context.store, "mallory", "assessor")
    planted = open_session(context.store, find_account(context.store, "mallory").id)
    browser = visitor()
    browser.cookies.set(COOKIE, planted, domain="testserver.local", path="/")
    entered = browser.post("/sign-in", data=GOOD)
    assert entered.status_code == 303
    assert browser.cookies[COOKIE] != planted
    assert read_session(context.store, planted) is None
    made_up = visitor()
    made_up.cookies.set(COOKIE, "fixed")
    made_up.post("/sign-in", data=GOOD)
    assert read_session(context.store, "fixed") is None


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/password", "/invitation/x", "/sign-in/oidc"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://testserver", "Sec-Fetch-Site": "cross-site"},
        {"origin": "http://testserver", "Sec-Fetch-Site": "same-site"},
    ],
)
def test_forms_of_other_sites_are_refused(visitor, context, path: str, headers: dict):
    browser = visitor(**headers)
    token = open_session(context.store, find_account(context.store, "root").id)
    browser.cookies.set(COOKIE, token)
    assert browser.post(path, data=GOOD).status_code == 403
    assert read_session(context.store, token) is not None


@pytest.mark.parametrize(
    "place",
    [
        "//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil.example",
        "javascript:alert(1)",
        "evil", "/\t/evil.example", "/sign-out", "///evil.example", "http:evil.example", "/a\\..\\b", " /x",
    ],
)  # fmt: skip
def test_after_sign_in_nobody_is_sent_elsewhere(visitor, place: str):
    browser = visitor()
    assert browser.post("/sign-in", data={**GOOD, "next": place}).headers["Location"] == "/"
    assert browser.get("/sign-in", params={"next": place}).headers["Location"] == "/"


def test_signing_out_ends_the_session_and_takes_a_form(visitor, context):
    browser = visitor()
    browser.post("/sign-in", data=GOOD)
    token = browser.cookies[COOKIE]
    assert browser.get("/sign-out").status_code == 200
    assert read_session(context.store, token) is not None
    left = browser.post("/sign-out")
    assert left.headers["Location"] == "/sign-in"
    assert COOKIE not in browser.cookies
    assert read_session(context.store, token) is None
    assert list_sessions(context.store) == []


@pytest.mark.parametrize(
    ("accepted", "asked", "heading"),
    [
        ("ru-RU,ru;q=0.9", "", "Вход"),
        ("en-GB", "", "Sign in"),
        ("fr", "", "Sign in"),
        ("", "", "Sign in"),
        ("en", "ru", "Вход"),
        ("ru", "<script>", "Вход"),
    ],
)
def test_the_page_speaks_the_language_of_the_browser_or_the_one_asked_for(visitor, accepted, asked, heading):
    shown = visitor(**{"Accept-Language": accepted}).get("/sign-in", params={"language": asked})
    assert f"<h1>{heading}</h1>" in shown.text


def test_the_pages_carry_no_script_and_say_so(visitor):
    shown = visitor().get("/sign-in")
    assert "<script" not in shown.text
    assert "style=" not in shown.text
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert shown.headers["Cache-Control"] == "no-store"
    assert visitor().get("/pages/entrance.css").headers["Content-Type"].startswith("text/css")


def test_an_endless_form_is_not_read(visitor):
    assert visitor().post("/sign-in", data={"name": "x" * 20_000}).status_code == 413
