"""The README shows what was measured, no more and no less."""

import json

from benchmarks.readme import README, with_figures
from benchmarks.results import RESULTS, measured


def test_the_figures_of_the_readme_are_those_of_the_results() -> None:
    text = README.read_text("utf-8")
    assert with_figures(text) == text, "run `python -m benchmarks.readme`"


def test_a_row_that_misses_its_target_is_shown_as_such() -> None:
    for rows in measured().values():
        for row in rows:
            if row["holds"] is False:
                assert any(
                    row["what"] in line and "**no**" in line for line in README.read_text().splitlines()
                )


def test_results_hold_targets_and_nothing_beside_them() -> None:
    files = list(RESULTS.glob("*.json"))
    assert files
    for file in files:
        assert all(row["target"] for row in json.loads(file.read_text("utf-8"))), file.name
