"""AlpacaEval, MT-bench and Argilla as others write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotate.bridges.exports import export_rows
from annotate.bridges.formats import Entry, ReadOptions, format_named

from .conftest import judgement


def read(folder: Path, form: str, rows: list[Any], options: ReadOptions | None = None) -> list[Entry]:
    file = folder / "in"
    array = form != "mt-bench"
    text = json.dumps(rows, indent=1) if array else "\n".join(json.dumps(row) for row in rows)
    file.write_text(text, "utf-8")
    return list(format_named(form).read(file, options or ReadOptions()))


ANNOTATION = {
    "instruction": "Name a fruit.",
    "output_1": "Apple.",
    "generator_1": "text_davinci_003",
    "output_2": "A fruit is a pear.",
    "generator_2": "gpt4",
    "dataset": "helpful_base",
    "annotator": "weighted_alpaca_eval_gpt4_turbo",
    "raw_completion": {"text": "M"},
    "price_per_example": 0.004,
}


@pytest.mark.parametrize(
    ("preference", "verdict", "confidence"),
    [
        (1, "A_better", None),
        (2.0, "B_better", None),
        (1.5, "tie", None),
        (0, "tie", None),
        (1.9, "B_better", pytest.approx(0.9)),
        (1.25, "A_better", 0.75),
    ],
)
def test_preferences_of_alpaca_eval(
    tmp_path: Path, preference: float, verdict: str, confidence: float | None
) -> None:
    (entry,) = read(tmp_path, "alpaca-eval", [ANNOTATION | {"preference": preference}])
    assert entry.record is not None
    assert (entry.record.verdict, entry.record.confidence) == (verdict, confidence)
    assert (entry.record.assessor, entry.record.kind) == (ANNOTATION["annotator"], "machine")
    assert (entry.record.model_a, entry.record.model_b) == ("text_davinci_003", "gpt4")


def test_annotations_that_say_nothing_are_bad_rows(tmp_path: Path) -> None:
    rows = [ANNOTATION | {"preference": None}, ANNOTATION | {"preference": 3}, {"output_1": "x"}, 5]
    reasons = [entry.reason for entry in read(tmp_path, "alpaca-eval", rows)]
    assert ["gave no preference" in reasons[0], "not at 3" in reasons[1]] == [True, True]
    assert ["instruction" in reasons[2], "not a JSON object" in reasons[3]] == [True, True]


def test_people_of_alpaca_farm_are_people_when_that_is_stated(tmp_path: Path) -> None:
    row = ANNOTATION | {"preference": 1, "annotator": 7, "input": "Not a pear."}
    (unsaid,) = read(tmp_path, "alpaca-eval", [row])
    assert "person or a machine" in unsaid.reason
    (said,) = read(tmp_path, "alpaca-eval", [row], ReadOptions(kind="person"))
    assert said.record is not None
    assert (said.record.assessor, said.record.kind) == ("annotator-7", "person")
    assert said.record.question == "Name a fruit.\n\nNot a pear."


def test_alpaca_eval_gets_its_own_columns(tmp_path: Path) -> None:
    target = tmp_path / "out"
    rows = [judgement(verdict=verdict) for verdict in ("A_much_better", "B_better", "tie", "both_bad")]
    export_rows(rows, target, "alpaca-eval", content="judgements")
    found = json.loads(target.read_text("utf-8"))
    assert [row["preference"] for row in found] == [1.0, 2.0, 1.5, 1.5]
    assert {"instruction", "output_1", "output_2", "generator_1", "generator_2", "annotator"} <= set(found[0])


def talk(*said: str) -> list[dict[str, str]]:
    return [{"content": text, "role": "assistant" if at % 2 else "user"} for at, text in enumerate(said)]


BENCH = {
    "question_id": 81,
    "model_a": "alpaca-13b",
    "model_b": "gpt-3.5-turbo",
    "winner": "model_b",
    "judge": "author_2",
    "conversation_a": talk("Write a post.", "Post A.", "Shorter.", "A."),
    "conversation_b": talk("Write a post.", "Post B.", "Shorter.", "B."),
    "turn": 1,
}


def test_judgements_of_mt_bench(tmp_path: Path) -> None:
    rows = [
        BENCH,
        BENCH | {"turn": 2, "winner": "tie"},
        BENCH | {"judge": ["gpt-4", "pair-v2"], "winner": "model_a"},
    ]
    first, second, machine = (entry.record for entry in read(tmp_path, "mt-bench", rows))
    assert first
    assert second
    assert machine
    assert (first.question_id, first.question, first.answer_a) == ("81", "Write a post.", "Post A.")
    assert (first.verdict, first.assessor, first.kind) == ("B_better", "author_2", "person")
    assert (second.verdict, second.answer_b) == ("tie", "Post B.\n\n> Shorter.\n\nB.")
    assert (machine.assessor, machine.kind) == ("gpt-4/pair-v2", "machine")


def test_both_bad_of_the_arena_is_both_bad(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, "mt-bench", [BENCH | {"winner": "tie (bothbad)"}])
    assert entry.record
    assert entry.record.verdict == "both_bad"


def test_a_judge_of_unknown_kind_and_a_missing_turn_are_bad_rows(tmp_path: Path) -> None:
    rows = [BENCH | {"judge": "arena_user_1"}, BENCH | {"turn": 3}, {"question_id": 1, "winner": "model_a"}]
    reasons = [entry.reason for entry in read(tmp_path, "mt-bench", rows)]
    assert "person or a machine" in reasons[0]
    assert "no turn 3" in reasons[1]
    assert "no 'conversation_a'" in reasons[2]


USER = "3c8b6e7e-0c0f-4c55-9d3e-2a3a1d3f0001"
RECORD = {
    "id": "r1",
    "fields": {"question": "Why?", "answer_a": "Because.", "answer_b": "No."},
    "metadata": {},
    "suggestions": {"verdict": {"value": "tie", "score": 0.6, "agent": "judge-1"}},
    "responses": {
        "verdict": [
            {"value": "A_better", "user_id": USER},
            {"value": "B_better", "user_id": "other", "status": "draft"},
        ],
        "details": [{"value": "clear enough", "user_id": USER}],
    },
    "vectors": {},
}


def test_records_of_argilla(tmp_path: Path) -> None:
    person, machine = (entry.record for entry in read(tmp_path, "argilla", [RECORD]))
    assert person
    assert machine
    assert (person.assessor, person.kind, person.verdict) == (USER, "person", "A_better")
    assert person.comment == "clear enough"
    assert (machine.assessor, machine.kind, machine.confidence) == ("judge-1", "machine", 0.6)


def test_fields_of_other_names_are_mapped(tmp_path: Path) -> None:
    record = RECORD | {"fields": {"instruction": "Why?", "response1": "Because.", "response2": "No."}}
    options = ReadOptions({"question": "instruction", "answer_a": "response1", "answer_b": "response2"})
    person, _ = read(tmp_path, "argilla", [record], options)
    assert person.record
    assert person.record.answer_b == "No."


def test_a_record_holds_one_suggestion_a_question_and_users_have_uuids(tmp_path: Path) -> None:
    target = tmp_path / "out"
    rows = [judgement(), judgement(assessor="Борис")]
    rows += [judgement(assessor=name, kind="machine", confidence=0.5) for name in ("m1", "m2")]
    export_rows(rows, target, "argilla", content="judgements")
    first, second = json.loads(target.read_text("utf-8"))
    assert len(first["responses"]["verdict"]) == 2
    assert first["suggestions"]["verdict"] == {"value": "A_much_better", "score": 0.5, "agent": "m1"}
    assert (second["responses"], second["suggestions"]["verdict"]["agent"]) == ({}, "m2")
    assert first["id"] != second["id"]
    users = json.loads(first["metadata"]["assessors"])
    assert set(users.values()) == {"Анна", "Борис"}


def test_rows_that_are_no_records_are_said(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, "argilla", [{"id": 1}])
    assert "not a record of Argilla" in entry.reason
