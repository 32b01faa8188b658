"""Who asks the API: by cookie or by token, and what another site could try."""

import pytest
from starlette.testclient import TestClient

from annotate.access.accounts import change_role, find_account, set_enabled
from annotate.access.permissions import Permission
from annotate.access.sessions import COOKIE, open_session, revoke_all
from annotate.access.tokens import issue_token

SAME = {"Origin": "http://testserver", "X-Pairloop": "1"}
READ, WRITE = "/runs", "/desk/take"


@pytest.fixture
def browser(site) -> TestClient:
    """A browser signed in as a lead."""
    client = TestClient(site.api)
    client.cookies.set(COOKIE, open_session(site.context.store, site.accounts["lead"]))
    return client


def take(client: TestClient, **headers: str) -> int:
    return client.post(WRITE, json={"count": 1, "holding": []}, headers=headers).status_code


def test_a_browser_reads_and_writes_from_our_own_pages(browser):
    assert browser.get(READ).status_code == 200
    assert take(browser, **SAME) == 200
    assert take(browser, **{"Sec-Fetch-Site": "same-origin", "X-Pairloop": "1"}) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Pairloop": "1"},
        {"Origin": "http://testserver"},
        {"Origin": "http://evil.example", "X-Pairloop": "1"},
        {"Origin": "http://testserver.evil.example", "X-Pairloop": "1"},
        {"Origin": "null", "X-Pairloop": "1"},
        {**SAME, "Sec-Fetch-Site": "cross-site"},
        {**SAME, "Sec-Fetch-Site": "same-site"},
        {**SAME, "Sec-Fetch-Site": "none"},
    ],
)
def test_another_site_cannot_write_in_a_browsers_name(browser, headers: dict[str, str]):
    refused = browser.post(WRITE, json={"count": 1, "holding": []}, headers=headers)
    assert refused.status_code == 403
    assert refused.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer x", "Basic cm9vdDp4", "Bearer pairloop_" + "x" * 43])
def test_who_has_no_valid_token_is_told_to_bring_one(site, value: str):
    client = TestClient(site.api, headers={"Authorization": value} if value else {})
    refused = client.get(READ)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert refused.json()["status"] == 401


def test_a_bad_token_is_not_mended_by_a_cookie(browser):
    assert browser.get(READ, headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_a_token_needs_no_origin_and_keeps_to_its_scopes(site):
    _, secret = issue_token(site.context.store, site.accounts["lead"], "narrow", [Permission.LABEL])
    client = TestClient(site.api, headers={"Authorization": f"Bearer {secret}"})
    assert take(client) == 200
    assert client.get(READ).status_code == 403


def test_the_token_of_a_session_is_no_api_token_and_the_other_way_round(site):
    store, lead = site.context.store, site.accounts["lead"]
    session = open_session(store, lead)
    assert TestClient(site.api, headers={"Authorization": f"Bearer {session}"}).get(READ).status_code == 401
    client = TestClient(site.api)
    client.cookies.set(COOKIE, site.tokens["lead"])
    assert client.get(READ).status_code == 401


def test_revoking_disabling_and_a_new_role_count_at_once(site, browser):
    store, lead = site.context.store, find_account(site.context.store, "the lead")
    token = site.client("lead")
    change_role(store, lead.id, "assessor")
    assert [client.get(READ).status_code for client in (browser, token)] == [403, 403]
    change_role(store, lead.id, "lead")
    revoke_all(store, lead.id)
    assert [client.get(READ).status_code for client in (browser, token)] == [401, 200]
    set_enabled(store, lead.id, False)
    assert token.get(READ).status_code == 401
