"""Verdicts and reasons, and how they turn with the order of display."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.errors import VerdictError
from annotate.labelling.verdicts import (
    ASPECTS,
    ERROR_TAGS,
    GRADES,
    OUTCOMES,
    VERDICTS,
    check_reasons,
    check_verdict,
    outcome,
    swap_aspects,
    swap_tags,
    swap_verdict,
)

aspects = st.dictionaries(st.sampled_from(ASPECTS), st.sampled_from(["A", "B", "tie"]))
tags = st.dictionaries(st.sampled_from(["A", "B"]), st.lists(st.sampled_from(ERROR_TAGS), unique=True))


@given(st.sampled_from(VERDICTS))
def test_swapping_a_verdict_twice_gives_it_back_and_once_turns_its_grade(verdict: str) -> None:
    swapped = swap_verdict(verdict)
    assert swapped in VERDICTS
    assert swap_verdict(swapped) == verdict
    if verdict in GRADES:
        assert GRADES[swapped] == -GRADES[verdict]
    else:
        assert swapped == verdict == "both_bad"


@given(aspects, tags)
def test_swapping_reasons_twice_gives_them_back(sides: dict[str, str], named: dict[str, list[str]]) -> None:
    check_reasons(sides, named)
    assert swap_aspects(swap_aspects(sides)) == sides
    assert swap_tags(swap_tags(named)) == named


def test_reasons_turn_with_the_order() -> None:
    assert swap_aspects({"safety": "A", "freshness": "tie"}) == {"safety": "B", "freshness": "tie"}
    assert swap_tags({"A": ["loop"]}) == {"B": ["loop"]}


def test_outcomes_leave_the_strength_out() -> None:
    assert [outcome(verdict) for verdict in VERDICTS] == [
        "first",
        "first",
        "tie",
        "second",
        "second",
        "both_bad",
    ]
    assert {outcome(verdict) for verdict in VERDICTS} == set(OUTCOMES)


@pytest.mark.parametrize("verdict", ["", "a_better", "A", "C_better", "both bad", "A_better "])
def test_unknown_verdicts_are_refused(verdict: str) -> None:
    with pytest.raises(VerdictError, match="A_much_better"):
        check_verdict(verdict)


@pytest.mark.parametrize(
    ("wrong_aspects", "wrong_tags", "named"),
    [
        ({"beauty": "A"}, {}, "'beauty'"),
        ({"safety": "C"}, {}, "'C'"),
        ({}, {"tie": ["loop"]}, "'tie'"),
        ({}, {"A": ["boring"]}, "'boring'"),
    ],
)
def test_unknown_reasons_are_refused_by_name(
    wrong_aspects: dict[str, str], wrong_tags: dict[str, list[str]], named: str
) -> None:
    with pytest.raises(VerdictError, match=named):
        check_reasons(wrong_aspects, wrong_tags)
