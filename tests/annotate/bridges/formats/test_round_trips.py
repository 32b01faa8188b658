"""Every format of judgements gives back what it holds, whatever the texts."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate.bridges.exports import export_rows
from annotate.bridges.formats import FORMATS, JUDGEMENTS, ReadOptions, format_named
from annotate.labelling.verdicts import ASPECTS, ERROR_TAGS, VERDICTS

from .conftest import judgement, row_of

WHOLE = ("csv", "jsonl", "argilla", "datasets", "label-studio")
PARTLY = {
    "alpaca-eval": {"passages_a", "fingerprint", "aspects", "tags", "spans", "confidence", "seconds",
                    "active_seconds", "swapped", "channel", "details"},
    "mt-bench": {"passages_a", "fingerprint", "aspects", "tags", "spans", "confidence", "seconds",
                 "active_seconds", "swapped", "channel", "details"},
}  # fmt: skip
# Letters of both languages, and what tables, JSON and spreadsheets stumble over.
TEXTS = st.text(st.sampled_from("aяЁz0=+-@'\"\\,;\t\r\n{}[]<>&| \u2028🙂"), min_size=1, max_size=12).filter(
    lambda text: text.strip() != ""
)
PASSAGES = st.lists(st.fixed_dictionaries({"title": TEXTS, "text": TEXTS, "document": TEXTS}), max_size=2)
ROWS = st.fixed_dictionaries(
    {
        "question": TEXTS,
        "answer_a": TEXTS.map(lambda text: f"{text}a"),
        "answer_b": TEXTS.map(lambda text: f"{text}b"),
        "passages_a": PASSAGES,
        "model_a": st.one_of(st.just(""), TEXTS),
        "verdict": st.sampled_from(VERDICTS),
        "assessor": TEXTS,
        "kind": st.sampled_from(("person", "machine")),
        "aspects": st.dictionaries(st.sampled_from(ASPECTS), st.sampled_from(("A", "B", "tie")), max_size=2),
        "tags": st.dictionaries(
            st.sampled_from(("A", "B")), st.lists(st.sampled_from(ERROR_TAGS), max_size=2, unique=True)
        ),
        "comment": st.one_of(st.just(""), TEXTS),
        "confidence": st.one_of(st.none(), st.floats(0, 1)),
        "seconds": st.floats(0, 1e6),
        "swapped": st.booleans(),
    }
).map(lambda values: judgement(**values))


def test_every_format_of_judgements_is_tried() -> None:
    assert {*WHOLE, *PARTLY} == {form.name for form in FORMATS.values() if JUDGEMENTS in form.writes}


@pytest.mark.parametrize("form", WHOLE)
def test_nothing_of_a_judgement_is_lost(there_and_back: Callable[..., Any], form: str) -> None:
    rows = [
        judgement(),
        judgement(assessor="judge", kind="machine", confidence=0.25, fingerprint="f", verdict="tie"),
        judgement(question_id="q-2", question="Why?", language="en", verdict="both_bad", comment=""),
    ]
    assert there_and_back(form, rows) == rows


@pytest.mark.parametrize("form", sorted(PARTLY))
def test_formats_of_fewer_fields_keep_those(there_and_back: Callable[..., Any], form: str) -> None:
    full = judgement(confidence=0.5, fingerprint="f")
    rows = [full, full | {"assessor": "gpt", "kind": "machine", "verdict": "both_bad"}]
    for before, after in zip(rows, there_and_back(form, rows), strict=True):
        assert {name for name in before if before[name] != after[name]} == PARTLY[form]


@pytest.mark.parametrize("form", [form for form in (*WHOLE, *PARTLY) if form != "datasets"])
@given(row=ROWS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_comes_back_as_it_was(form: str, row: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "rows"
        export_rows([row], target, form, content=JUDGEMENTS)
        (back,) = map(row_of, format_named(form).read(target, ReadOptions()))
    lost = PARTLY.get(form, set())
    assert {k: v for k, v in back.items() if k not in lost} == {k: v for k, v in row.items() if k not in lost}
