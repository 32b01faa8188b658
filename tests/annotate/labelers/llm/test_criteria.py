"""The criteria come out of the real guidelines and out of others, within the budget."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.labelers.llm.criteria import criteria

INSTRUCTIONS = Path(__file__).parents[4] / "instructions"


def words(text: str) -> int:
    return len(text.split())


def guideline(language: str) -> dict[str, str]:
    return {path.stem: path.read_text("utf-8") for path in (INSTRUCTIONS / language).glob("*.md")}


@pytest.mark.parametrize(
    ("language", "says", "omits"),
    [
        ("en", ["Faithfulness", "both_bad", "critical claim"], ["on the left", "Press 1"]),
        ("ru", ["Верность источникам", "both_bad", "критическое утверждение"], ["A слева", "Клавиши от"]),
    ],
)
def test_what_decides_comes_before_screens_and_keys(language: str, says: list[str], omits: list[str]) -> None:
    found = criteria(guideline(language), 720, words)
    assert words(found) <= 720
    assert all(part in found for part in says)
    assert not any(part in found for part in omits)


def test_a_small_budget_keeps_the_table_of_priorities_whole() -> None:
    found = criteria(guideline("en"), 200, words)
    assert found.startswith("## Priority of the aspects")
    assert "Language quality" in found


@given(st.integers(0, 1200))
def test_the_budget_holds_and_sections_stay_in_their_order(tokens: int) -> None:
    whole = guideline("en")
    found = criteria(whole, tokens, words)
    assert words(found) <= tokens
    places = [whole["comparison"].index(line) for line in found.splitlines() if line.startswith("## ")]
    assert places == sorted(places)


def test_a_guideline_of_another_making_is_used_too() -> None:
    assert criteria({"rules": "Shorter wins."}, 10, words) == "Shorter wins."
    assert (
        criteria({"comparison": "Compare.\n\n## A\n\nprose\n\n## B\n\n- rule"}, 4, words) == "## B\n\n- rule"
    )
    assert criteria({}, 100, words) == ""
    assert criteria({"rules": "one two three\nfour five six"}, 3, words) == "one two three"
