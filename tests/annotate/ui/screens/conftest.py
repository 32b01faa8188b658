"""Screens without a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from annotate.ui.server import APP

Show = Callable[..., AppTest]


@pytest.fixture
def show(signed_in: Callable[..., AppTest]) -> Show:
    """Open a screen by name, as somebody with a role: `show("quality", "lead")`."""

    def open_screen(screen: str, role: str = "admin", name: str = "") -> AppTest:
        at = signed_in(AppTest.from_file(APP, default_timeout=30), role, name)
        at.switch_page(f"screens/{screen}.py").run()
        assert not at.exception, at.exception
        return at

    return open_screen
