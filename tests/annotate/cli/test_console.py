"""How figures are written for people."""

from __future__ import annotations

import pytest

from annotate.cli.console import interval


@pytest.mark.parametrize(
    ("figures", "shown"),
    [
        ({"value": 0.5, "ci": [0.25, 0.75], "n": 8}, "0.500 [0.250, 0.750], n = 8"),
        ({"value": 0.5, "low": None, "high": None, "n": 1}, "0.500, n = 1"),
        ({"value": None, "n": 0}, "not defined"),
        (None, "not defined"),
    ],
)
def test_an_interval_that_is_unknown_is_left_out(figures: dict[str, object] | None, shown: str) -> None:
    assert interval(figures) == shown
