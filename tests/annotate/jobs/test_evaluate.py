from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.evaluate import (
    Measured,
    evaluate_policy,
    evidence_of,
    gate_policy,
    held_out_questions,
    write_page,
)
from annotate.jobs.models import register_model
from annotate.jobs.over_optimisation import measure_over_optimisation
from annotate.jobs.policy_behaviour import compare_behaviour
from annotate.store import AnswerRecord
from training.evaluation.changes import measure_change
from training.evaluation.win_rates import win_rate_of
from training.metrics import Interval


def measured(values: list[float], longer: list[float], general: list[float] | None = None) -> Measured:
    rng = np.random.default_rng(0)
    rate = win_rate_of(values, longer, [0.0] * len(values), range(len(values)), rng)
    change = measure_change([1.0] * len(general), general, range(len(general)), rng) if general else None
    return Measured(rate, {}, {}, {}, change, 0)


def test_a_policy_that_surely_wins_is_promoted() -> None:
    decision = gate_policy(measured([1.0] * 18 + [0.0] * 2, [5.0, -5.0] * 10, [1.0, 1.01, 0.99] * 5))
    assert decision.promote
    assert "better, promoted" in decision.reason


def test_a_policy_that_wins_by_length_is_not() -> None:
    values = [1.0] * 36 + [0.0] * 4 + [1.0] * 7 + [0.0] * 13  # of twenty pairs of equal length it loses most
    longer = [100.0] * 40 + [0.0] * 20
    decision = gate_policy(measured(values, longer))
    assert not decision.promote
    assert "wins by length" in decision.reason


def test_a_policy_that_forgot_is_not() -> None:
    decision = gate_policy(measured([1.0] * 20, [5.0, -5.0] * 10, [1.5, 1.6, 1.4] * 5))
    assert not decision.promote
    assert "general set rose by 0.5" in decision.reason


def test_a_policy_that_does_not_win_is_not() -> None:
    assert not gate_policy(measured([1.0, 0.0] * 10, [1.0, -1.0] * 10)).promote


@pytest.fixture
def trained_on_six(context: Context, pairs: list[int]) -> Path:
    """A run folder that was trained on six of the eight questions."""
    folder = context.workspace.runs / "0001-reward_head"
    folder.mkdir(parents=True)
    lines = [json.dumps({"id": f"pair-{n}", "question_id": f"q{n}"}) for n in range(6)]
    (folder / "train.jsonl").write_text("\n".join(lines), "utf-8")
    return folder


def test_held_out_questions_are_those_the_run_never_saw(context: Context, trained_on_six: Path) -> None:
    found = held_out_questions(context, trained_on_six, None)
    assert {text for _, text, _ in found} == {"What is said of thing 6?", "What is said of thing 7?"}
    assert held_out_questions(context, trained_on_six, 1) == found[:1]


def test_models_that_cannot_be_measured_are_named(context: Context, trained_on_six: Path) -> None:
    model = register_model(context.store, "reward_head", trained_on_six, "f" * 8, run_id=None, metrics={})
    policy = register_model(context.store, "policy", trained_on_six, "g" * 8, run_id=None, metrics={})
    with pytest.raises(JobError, match="only a policy"):
        evaluate_policy(context, model)
    with pytest.raises(JobError, match="the same model"):
        measure_over_optimisation(context, model, model)
    with pytest.raises(JobError, match="no reward model"):
        measure_over_optimisation(context, policy, model)
    with pytest.raises(JobError, match="two samples"):
        measure_over_optimisation(context, policy, model, samples=1)


def test_what_was_measured_is_evidence_and_a_page(tmp_path: Path) -> None:
    found = measured([1.0] * 12, [5.0, -5.0] * 6, [1.0, 1.1, 0.9] * 4)
    change = measure_change([1.0, 0.0], [1.0, 1.0], ["a", "b"], np.random.default_rng(0))
    assert change is not None
    whole = Measured(
        found.rate,
        {"heuristic": Interval(0.7, 0.5, 0.9, 12)},
        {"heuristic": 0.1},
        {"refused": change},
        found.general,
        3,
    )
    evidence = json.loads(json.dumps(evidence_of(whole, gate_policy(whole))))
    assert evidence["judges"]["heuristic"] == {"value": 0.7, "ci": [0.5, 0.9], "turned": 0.1}
    assert evidence["behaviour"]["refused"]["change"] == 0.5
    assert evidence["n"] == 12
    write_page(tmp_path, whole)
    page = (tmp_path / "report.html").read_text("utf-8")
    for wanted in ("judge heuristic", "with length held equal", "refused", "nats a token"):
        assert wanted in page, wanted


@pytest.mark.models
def test_behaviour_is_compared_question_by_question(context: Context, pairs: list[int]) -> None:
    with context.store.reading() as session:
        answers = list(session.scalars(select(AnswerRecord).order_by(AnswerRecord.id)))
    old, new = answers[0::2], answers[1::2]
    for answer in new[:4]:
        answer.refused = True
    questions = [(answer.question_id, f"What is said of thing {n}?", True) for n, answer in enumerate(old)]
    found = compare_behaviour(context, questions, old, new)
    assert (found["refused"].before.value, found["refused"].after.value) == (0.0, 0.5)
    assert found["right_to_answer"].change.value == -0.5
    assert found["words"].change.n == 4
