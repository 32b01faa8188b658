"""Coming in and going out in a real browser, by password, by invitation, and by a real OIDC provider."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from annotate.access.accounts import create_account, find_account, set_enabled
from annotate.access.permissions import operator
from annotate.access.sessions import list_sessions, revoke_all
from annotate.actions.users import add_user, invite
from annotate.jobs.context import Context

PASSWORD = "tide-lantern-42-orchard"
pytestmark = pytest.mark.browser


class Provider:
    """A small OpenID provider: whoever comes is the person in `person`."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {}
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.nonces: dict[str, str] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                place = urlsplit(self.path)
                if place.path == "/authorize":
                    self._authorize(parse_qs(place.query))
                elif place.path == "/jwks":
                    self._answer({"keys": [provider.key.as_dict(private=False)]})
                else:
                    self._answer(provider.metadata())

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self._answer(provider.token(form["code"][0]))

            def _authorize(self, asked: dict[str, list[str]]) -> None:
                code = f"code-{len(provider.nonces)}"
                provider.nonces[code] = asked["nonce"][0]
                back = urlencode({"code": code, "state": asked["state"][0]})
                self.send_response(302)
                self.send_header("Location", f"{asked['redirect_uri'][0]}?{back}")
                self.end_headers()

            def _answer(self, body: dict[str, Any]) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def metadata(self) -> dict[str, Any]:
        ends = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "jwks",
        }
        return {"issuer": self.address, **{name: f"{self.address}/{end}" for name, end in ends.items()}}

    def token(self, code: str) -> dict[str, Any]:
        moment = int(time.time())
        claims = {
            "iss": self.address, "aud": "pairloop", "sub": "1", "iat": moment, "exp": moment + 300,
            "nonce": self.nonces.pop(code), **self.person,
        }  # fmt: skip
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return {"access_token": "x", "token_type": "Bearer", "expires_in": 300, "id_token": signed}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    started = Provider()
    yield started
    started.server.shutdown()
    started.server.server_close()


@pytest.fixture(scope="module")
def server(module_workspace, provider, serving, unused_port):
    """The server, with the provider in its secrets."""
    secrets = module_workspace.folder / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    secrets.write_text(
        f"""[auth]
redirect_uri = "http://127.0.0.1:{unused_port}/oauth2callback"
cookie_secret = "thirty-two characters of no secret"
client_id = "pairloop"
client_secret = "not a secret either"
server_metadata_url = "{provider.address}/.well-known/openid-configuration"
""",
        "utf-8",
    )
    create_account(module_workspace.store, "root", "admin", password=PASSWORD, language="en")
    with serving(module_workspace.folder, module_workspace.store, unused_port) as started:
        yield started


def sign_in(page: Any, name: str, password: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


def test_in_by_password_to_the_wanted_screen_and_out_again(server, open_signed_in):
    page = open_signed_in(server, "", "/audit", locale="en-GB")
    assert page.url.endswith("/sign-in?next=/audit")
    sign_in(page, "root", "wrong")
    assert "do not fit" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Name").input_value() == "root"
    sign_in(page, "root", PASSWORD)
    page.get_by_role("heading", name="Audit", level=1).wait_for()
    assert page.url == server.address + "/audit"
    assert page.evaluate("document.cookie.includes('pairloop_session')") is False
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    page.goto(server.address + "/audit")
    assert page.url.endswith("/sign-in?next=/audit")


def test_a_revoked_session_ends_at_the_next_click(server, open_signed_in):
    page = open_signed_in(server, "lead", "/account")
    page.get_by_role("heading", name="My account", level=1).wait_for()
    revoke_all(server.store, find_account(server.store, "lead").id)
    page.get_by_role("link", name="Progress").click()
    page.get_by_text("You are signed out").wait_for()
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("heading", name="Sign in").wait_for()


def test_an_invitation_in_russian_on_a_phone(server, open_signed_in):
    link = invite(Context.open(server.folder), operator(), "lead")[1]
    page = open_signed_in(server, "", link, width=390, locale="ru-RU", color_scheme="dark")
    page.get_by_label("Ваше имя").fill("Вера Павловна")
    page.get_by_label("Новый пароль", exact=True).fill("сирень гравий зонтик")
    page.get_by_label("Новый пароль ещё раз").fill("сирень гравий зонтик")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Создать учётную запись").click()
    page.locator("[data-testid=stApp]").wait_for()
    assert find_account(server.store, "Вера Павловна").language == "ru"


def test_a_one_time_password_leads_to_a_new_one(server, open_signed_in):
    _, once = add_user(Context.open(server.folder), operator(), "novice", "assessor")
    page = open_signed_in(server, "", "/", locale="en-GB")
    sign_in(page, "novice", once)
    page.get_by_label("One-time password").fill(once)
    page.get_by_label("New password", exact=True).fill("violet gravel umbrella")
    page.get_by_label("New password, once more").fill("violet gravel umbrella")
    page.get_by_role("button", name="Change the password").click()
    page.get_by_text("novice").first.wait_for()
    assert not find_account(server.store, "novice").must_change


def test_the_provider_knows_the_person_and_the_session_is_ours(server, open_signed_in, provider):
    create_account(server.store, "Olga", "lead", email="olga@example.org", language="en")
    provider.person = {"email": "olga@example.org", "email_verified": True, "name": "Olga P."}
    page = open_signed_in(server, "", "/", locale="en-GB")
    page.get_by_role("link", name="organisation's account").click()
    page.get_by_role("button", name="Continue as Olga").click()
    page.get_by_role("link", name="Quality").wait_for()
    account = find_account(server.store, "Olga")
    [session] = [one for one in list_sessions(server.store, account.id) if one.agent != "ticket"]
    assert "Chrome" in session.agent
    found = page.evaluate("fetch('/api/v1/runs').then(answer => answer.status)")
    assert found == 200  # the API knows the same person
    assert not [one for one in list_sessions(server.store, account.id) if one.agent == "ticket"]
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    page.goto(server.address + "/")
    assert "/sign-in" in page.url


@pytest.mark.parametrize(
    ("person", "said"),
    [
        ({"email": "stranger@example.org", "email_verified": True}, "no account for stranger@example.org"),
        ({"email": "olga@example.org", "email_verified": False}, "has not verified"),
        ({"email": "gone@example.org", "email_verified": True}, "is disabled"),
        ({"email": "<img/src=x/onerror=alert(1)>@x.org", "email_verified": True}, "no account for <img"),
    ],
)
def test_whom_the_provider_sends_in_vain_is_told_why(server, open_signed_in, provider, person, said):
    if person["email"].startswith("gone"):
        set_enabled(
            server.store, create_account(server.store, "gone", "lead", email=person["email"]).id, False
        )
    provider.person = person
    page = open_signed_in(server, "", "/", locale="en-GB")
    page.get_by_role("link", name="organisation's account").click()
    page.get_by_text(said).wait_for()
    assert page.get_by_role("button", name="Continue").count() == 0
    assert page.evaluate("fetch('/api/v1/runs').then(answer => answer.status)") == 401


@pytest.mark.parametrize(
    "path", ["/sign-in", "/invitation/gone", "/users", "/account", "/audit", "/password"]
)
def test_axe_finds_nothing_serious(server, open_signed_in, path: str):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    role = "admin" if path in ("/users", "/account", "/audit", "/password") else ""
    page = open_signed_in(server, role, path, color_scheme="light")
    serious = [_serious(axe, page, path)]
    page.emulate_media(color_scheme="dark")
    page.reload()
    serious.append(_serious(axe, page, path))
    assert serious == [[], []]  # by light, by dark


def _serious(axe: Any, page: Any, path: str) -> list[tuple[str, list[str]]]:
    if path in ("/users", "/account", "/audit"):
        page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        page.locator(".pl-title").wait_for()
    return [
        (one["id"], [node["html"][:200] for node in one["nodes"]])
        for one in axe.run(page).response["violations"]
        if one["impact"] in ("serious", "critical")
    ]
