"""The commands for accounts, and the first start."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from annotate.access.accounts import find_account
from annotate.access.sign_in import Guard, sign_in
from annotate.access.tokens import actor_of_token
from annotate.actions.users import make_first_admin
from annotate.cli.users import app
from annotate.errors import AccessError
from annotate.jobs.context import Context


@pytest.fixture
def context(tmp_path: Path) -> Context:
    (tmp_path / "pairloop.toml").touch()
    return Context.open(tmp_path)


@pytest.fixture
def pairloop(context: Context):
    """Run a command of `pairloop users` on the workspace; return what it printed, or raise its error."""

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, [*words, "-w", str(context.workspace.folder)])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    return run


def test_an_account_from_its_making_to_its_end(pairloop, context):
    pairloop("add", "root", "--role", "admin")
    once = re.search(r"password: (\S+)", pairloop("add", "anna", "--role", "lead")).group(1)
    assert sign_in(context.store, Guard(), "anna", once).must_change
    again = re.search(r": (\S+)$", pairloop("reset-password", "anna").strip()).group(1)
    assert again != once
    pairloop("role", "anna", "engineer")
    pairloop("disable", "anna")
    listed = {row["name"]: row for row in json.loads(pairloop("list", "--json"))}
    assert (listed["anna"]["role"], listed["anna"]["state"]) == ("engineer", "disabled")
    pairloop("enable", "anna")
    assert find_account(context.store, "anna").enabled
    assert "root" in pairloop("list")


def test_an_invitation_and_a_token_are_printed_once(pairloop, context):
    pairloop("add", "lena", "--role", "lead")
    assert re.match(
        r"/invitation/\S{43} invites a new assessor until", pairloop("invite", "--language", "ru")
    )
    secret = pairloop("token", "lena", "--scope", "export", "--days", "3").strip()
    assert {right.value for right in actor_of_token(context.store, secret).permissions} == {"export"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("role", "nobody", "lead"), "no account named nobody"),
        (("add", "x", "--role", "king"), "no role named king"),
        (("token", "root", "--scope", "everything"), "known: label, ask"),
        (("disable", "root"), "last admin"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(pairloop, words, said: str):
    pairloop("add", "root", "--role", "admin")
    with pytest.raises(AccessError, match=said) as refused:
        pairloop(*words)
    assert "\n" not in str(refused.value)


def test_the_first_start_makes_one_administrator_with_a_one_time_password(context):
    once = make_first_admin(context)
    admin = sign_in(context.store, Guard(), "admin", once)
    assert (admin.role, admin.must_change) == ("admin", True)
    assert make_first_admin(context) is None
