from __future__ import annotations

import json
from pathlib import Path

import pytest

from annotate.bridges.formats import ReadOptions
from annotate.jobs.context import Context
from annotate.jobs.exchange.importing import import_file
from annotate.jobs.snapshots import frozen_split, preference_rows
from annotate.labelling import (
    ChosenPair,
    Submission,
    create_tasks,
    refresh_preferences,
    register,
    reserve_pair,
    submit,
)


def judge(context: Context, pairs: list[int], verdict: str, assessor: str = "anna") -> None:
    create_tasks(context.store, [ChosenPair(pair) for pair in pairs], overlap=2)
    person = register(context.store, assessor, "person")
    for pair in pairs:
        assignment = reserve_pair(context.store, pair, person.id)
        submission = Submission(f"{assessor}-{pair}", verdict, context.guideline.id, "test")
        submit(context.store, assignment.id, person.id, submission)
    refresh_preferences(context.store)


def test_the_better_answer_is_chosen_and_citations_fit_the_joined_passages(
    context: Context, pairs: list[int]
) -> None:
    judge(context, pairs[:1], "A_better")
    (row,) = preference_rows(context)
    assert (row.chosen, row.rejected) == ("Thing 0 is here [1].", "Nobody knows thing 0 [1].")
    judge(context, pairs[1:2], "B_much_better", "boris")
    row = preference_rows(context)[1]
    assert (row.chosen, row.rejected) == ("Nobody knows thing 1 [2].", "Thing 1 is here [2].")
    assert row.margin == 2.0


def test_a_row_leads_back_to_its_judgements_and_guideline(context: Context, pairs: list[int]) -> None:
    judge(context, pairs[:1], "A_better")
    judge(context, pairs[:1], "A_better", "boris")
    (row,) = preference_rows(context)
    assert len(row.lineage["judgements"]) == 2
    assert row.lineage["assessors"] == {"anna": "person", "boris": "person"}
    assert row.lineage["guidelines"] == [context.guideline.content_hash]
    assert row.lineage["sources"] == {"d:one": "0"}


def test_ties_and_bad_pairs_make_no_row(context: Context, pairs: list[int]) -> None:
    judge(context, pairs[:1], "tie")
    judge(context, pairs[1:2], "both_bad", "boris")
    assert preference_rows(context) == []


def test_no_question_is_on_both_sides_and_none_moves_when_rows_are_added(
    context: Context, pairs: list[int]
) -> None:
    judge(context, pairs[:6], "A_better")
    before = frozen_split(context, preference_rows(context))
    judge(context, pairs[6:], "B_better", "boris")
    after = frozen_split(context, preference_rows(context))
    tested = {row.question_id for row in after.test}
    assert not tested & {row.question_id for row in after.train}
    assert {row.question_id for row in before.test} <= tested


def test_a_row_says_how_its_verdict_was_found(context: Context, pairs: list[int]) -> None:
    judge(context, pairs[:1], "A_better")
    (row,) = preference_rows(context)
    assert row.lineage["posterior"]["first"] == pytest.approx(row.weight, abs=1e-6)
    assert row.lineage["method"]
    assert row.lineage["adjudicated"] is False
    assert row.lineage["uncertainty"] >= 0


def test_imported_answers_without_passages_keep_the_prompt_they_came_with(
    context: Context, tmp_path: Path
) -> None:
    prompt = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Why?"}]
    rows = [
        {"prompt": prompt, "chosen": "Because [1].", "rejected": "No [2]."},
        {"question": "Who?", "chosen": "You.", "rejected": "Me."},
    ]
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    import_file(context, "jsonl", file, ReadOptions(assessor="team", kind="person"))
    first, second = preference_rows(context)
    assert (first.prompt, first.chosen, first.rejected) == (prompt, "Because [1].", "No [2].")
    assert second.prompt == [{"role": "user", "content": "Who?"}]
    assert first.lineage["assessors"] == {"team": "person"}


def test_near_duplicates_of_a_question_lie_on_its_side(context: Context, tmp_path: Path) -> None:
    asked = "How long may a borrowed book be kept before a fee is due if nobody else asked for it in week"
    votes = [
        {"question": f"{asked} {n}?", "answer_a": "a", "answer_b": "b", "verdict": "A"} for n in range(30)
    ]
    votes += [
        {
            "question": f"Is thing {n} here, or in room {n} there?",
            "answer_a": "a",
            "answer_b": "b",
            "verdict": "A",
        }
        for n in range(10)
    ]
    file = tmp_path / "votes.jsonl"
    file.write_text("\n".join(json.dumps(vote) for vote in votes), "utf-8")
    import_file(context, "jsonl", file, ReadOptions(assessor="team", kind="person"))
    split = frozen_split(context, preference_rows(context))
    sides = [sum(asked in row.question for row in side) for side in (split.train, split.test)]
    assert sorted(sides) == [0, 30]
