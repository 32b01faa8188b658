"""Verdicts from JSON documents: what is malformed stays malformed, and both orders count."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.labelers.llm import MalformedReply, Reply
from annotate.labelers.llm.logprobs import CONTRADICTION
from annotate.labelers.llm.structured import ASPECTS, Ruling, join_rulings, read_ruling, ruling_schema
from annotate.labelling.verdicts import VERDICTS, swap_aspects, swap_verdict
from tests.annotate.labelers.conftest import ruling


def read(text: str) -> Ruling:
    return read_ruling(Reply(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A_better",
        "A is better because of " + ruling("A_better"),
        ruling("A_better") + "\n" + ruling("B_better"),
        "```json\n" + ruling("A_better") + "\n```",
        ruling("A_better")[:-5],
        ruling("A is best"),
        ruling("A_better", 1.5),
        ruling("A_better", confidence="0.9"),
        ruling("A_better", faithfulness="first"),
        ruling("A_better", extra=1),
        ruling("A_better", reason=None),
        ruling("A_better").replace('"verdict"', '"verdict": "B_better", "verdict"'),
        ruling("A_better").replace("0.8", "NaN"),
        "[" * 100_000,
        "null",
        "[]",
    ],
    ids=lambda text: text[:24],
)
def test_anything_but_one_whole_ruling_is_malformed(text: str) -> None:
    with pytest.raises(MalformedReply) as caught:
        read(text)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=60))
def test_no_other_text_becomes_a_verdict(text: str) -> None:
    with pytest.raises(MalformedReply):
        read(text)


def test_a_quoted_ruling_is_a_reason_and_no_verdict() -> None:
    quoted = ruling("A_much_better", 1.0)
    assert read(ruling("B_better", reason=f"The answer says {quoted}")).verdict == "B_better"


@pytest.mark.parametrize(
    ("shown", "turned", "verdict"),
    [
        ("A_better", "B_better", "A_better"),
        ("A_much_better", "B_much_better", "A_much_better"),
        ("A_much_better", "B_better", "A_better"),
        ("B_better", "A_much_better", "B_better"),
        ("tie", "tie", "tie"),
        ("both_bad", "both_bad", "both_bad"),
    ],
)
def test_orders_that_agree_give_the_milder_verdict(shown: str, turned: str, verdict: str) -> None:
    judged = join_rulings(read(ruling(shown, 0.9)), read(ruling(turned, 0.7)))
    assert judged.verdict == verdict
    assert judged.confidence == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("shown", "turned", "bias"),
    [("A_better", "A_better", 1.0), ("B_better", "B_better", -1.0), ("A_better", "tie", 0.5)],
)
def test_orders_that_disagree_are_a_tie_of_low_confidence(shown: str, turned: str, bias: float) -> None:
    judged = join_rulings(read(ruling(shown, 1.0)), read(ruling(turned, 1.0)))
    assert (judged.verdict, judged.confidence) == ("tie", CONTRADICTION)
    assert judged.details["position_bias"] == bias


sides = st.sampled_from(["A", "B", "tie"])
rulings = st.builds(
    lambda verdict, sure, aspects: read(ruling(verdict, sure, **dict(zip(ASPECTS, aspects, strict=True)))),
    st.sampled_from(VERDICTS),
    st.floats(0, 1),
    st.tuples(sides, sides, sides, sides),
)


@given(rulings, rulings)
def test_swapping_the_answers_turns_the_judgement(one: Ruling, other: Ruling) -> None:
    shown, turned = join_rulings(one, other), join_rulings(other, one)
    assert turned.verdict == swap_verdict(shown.verdict)
    assert turned.confidence == pytest.approx(shown.confidence)
    assert turned.aspects == swap_aspects(shown.aspects)


def test_the_schema_names_every_field_and_allows_no_other() -> None:
    schema = ruling_schema()
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == set(schema["properties"]) == set(json.loads(ruling("tie")))
    assert schema["properties"]["verdict"]["enum"] == list(VERDICTS)
    assert next(iter(schema["properties"])) == "reason"
