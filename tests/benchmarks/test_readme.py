"""The README shows what was measured, no more and no less."""

import json

from benchmarks.readme import README, with_figures
from benchmarks.results import RESULTS


def test_the_figures_of_the_readme_are_those_of_the_results() -> None:
    text = README.read_text("utf-8")
    assert with_figures(text) == text, "run `python -m benchmarks.readme`"


def test_a_row_that_misses_its_target_is_shown_as_such() -> None:
    for file in RESULTS.glob("*.json"):
        for row in json.loads(file.read_text("utf-8")):
            if row["holds"] is False:
                assert any(
                    row["what"] in line and "**no**" in line for line in README.read_text().splitlines()
                )
