"""Following an invitation."""

import pytest

from annotate.access.accounts import create_account, find_account, list_accounts
from annotate.access.permissions import operator
from annotate.access.sessions import COOKIE, read_session
from annotate.actions.users import invite, withdraw_invitation
from annotate.reports.audit import report_audit

PASSWORD = "violet gravel umbrella"


@pytest.fixture
def link(context) -> str:
    return invite(context, operator(), "lead", languages=["ru"])[1]


def form(name: str = "Vera", password: str = PASSWORD, again: str | None = None) -> dict[str, str]:
    return {
        "name": name,
        "password": password,
        "again": password if again is None else again,
        "language": "ru",
    }


def test_the_invited_makes_an_account_and_is_in(visitor, context, link):
    browser = visitor()
    assert "the operator invites you to Pairloop as: lead." in browser.get(link).text
    joined = browser.post(link, data=form())
    assert (joined.status_code, joined.headers["Location"]) == (303, "/")
    entry = read_session(context.store, browser.cookies[COOKIE])
    assert (entry.account.name, entry.account.role, entry.account.language) == ("Vera", "lead", "ru")
    assert browser.get("/").text == "the screens"
    assert [one.action for one in report_audit(context.store).entries][:1] == ["invitation.accept"]
    again = visitor().post(link, data={**form("Boris"), "language": "en"})
    assert again.status_code == 410
    assert "no longer works" in again.text


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (form(again="other words here"), "Пароли не совпадают"),
        (form(password="short"), "хотя бы 12 символов"),
        (form(password="password12345"), "пробуют в первую очередь"),
        (form(name="Vera Petrova", password="vera petrova 1"), "из вашего имени"),
        (form(name="ROOT"), "Это имя занято"),
        (form(name=" "), "1–60 печатных символов"),
        (form(name='"><img src=x onerror=alert(1)>', password="short"), "хотя бы 12 символов"),
    ],
)
def test_what_does_not_fit_is_said_and_the_link_goes_on_working(visitor, context, link, sent, said):
    refused = visitor().post(link, data=sent)
    assert refused.status_code == 422
    assert said in refused.text
    assert "<img src=x" not in refused.text
    assert sent["password"] not in refused.text
    assert visitor().get(link).status_code == 200
    assert len(list_accounts(context.store)) == 1


def test_a_withdrawn_link_and_a_made_up_one_look_the_same(visitor, context):
    made, link = invite(context, operator(), "lead")
    withdraw_invitation(context, operator(), made.id)
    dead, unknown = visitor().get(link), visitor().get("/invitation/" + "x" * 43)
    assert dead.status_code == unknown.status_code == 410
    assert dead.text.replace(link, "") == unknown.text.replace("/invitation/" + "x" * 43, "")


def test_whoever_was_signed_in_before_is_so_no_more(visitor, context, link):
    create_account(context.store, "anna", "assessor", password="tide-lantern-42-orchard")
    browser = visitor()
    browser.post("/sign-in", data={"name": "anna", "password": "tide-lantern-42-orchard"})
    before = browser.cookies[COOKIE]
    browser.post(link, data=form())
    assert read_session(context.store, before) is None
    assert read_session(context.store, browser.cookies[COOKIE]).account == find_account(context.store, "Vera")
