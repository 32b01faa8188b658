"""Screens without a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from annotate.ui.server import APP

Show = Callable[[str], AppTest]


@pytest.fixture
def show() -> Show:
    """Open a screen by name."""

    def open_screen(name: str) -> AppTest:
        at = AppTest.from_file(APP, default_timeout=30)
        at.run()
        if name != "label":
            at.switch_page(f"screens/{name}.py").run()
        assert not at.exception, at.exception
        return at

    return open_screen
