"""Which role sees which screen: the menu, and the screen behind its address."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from annotate.access.permissions import ROLES
from annotate.ui.server import APP

EVERYBODY = {"assessor", "lead", "engineer", "admin"}
SCREENS = {
    "label": EVERYBODY,
    "progress": EVERYBODY,
    "account": EVERYBODY,
    "quality": {"lead", "engineer", "admin"},
    "gaps": {"lead", "engineer", "admin"},
    "data": {"lead", "engineer", "admin"},
    "pairs": {"lead", "engineer", "admin"},
    "playground": {"lead", "engineer", "admin"},
    "runs": {"lead", "engineer", "admin"},
    "campaigns": {"lead", "admin"},
    "adjudication": {"lead", "admin"},
    "users": {"admin"},
    "audit": {"admin"},
}
REFUSED = "This is not for your role"


def test_no_screen_is_forgotten():
    assert {file.stem for file in (Path(APP).parent / "screens").glob("[!_]*.py")} == set(SCREENS)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_its_screens_and_is_refused_the_others(signed_in, role: str):
    at = signed_in(AppTest.from_file(APP, default_timeout=60), role)
    at.run()
    for name, allowed in SCREENS.items():
        at.switch_page(f"screens/{name}.py").run()
        assert not at.exception, (name, at.exception)
        refused = REFUSED in [head.value for head in at.subheader]
        assert refused == (role not in allowed), name
        if refused:
            assert not at.dataframe
            assert not at.get("download_button")


def test_strangers_see_nothing_but_the_way_in(empty_workspace):
    at = AppTest.from_file(APP, default_timeout=60)
    at.user = {}
    at.run()
    assert [head.value for head in at.subheader] == ["You are signed out"]
    assert not at.dataframe
    assert not at.sidebar.children


def test_an_account_that_is_disabled_meanwhile_is_out_at_the_next_click(signed_in, empty_workspace):
    from annotate.access.accounts import create_account, find_account, set_enabled

    at = signed_in(AppTest.from_file(APP, default_timeout=60), "lead")
    at.run()
    create_account(empty_workspace.store, "root", "admin")
    set_enabled(empty_workspace.store, find_account(empty_workspace.store, "lead").id, False)
    at.run()
    assert [head.value for head in at.subheader] == ["You are signed out"]
