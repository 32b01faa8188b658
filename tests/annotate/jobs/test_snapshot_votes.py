from __future__ import annotations

import pytest

from annotate.jobs.context import Context
from annotate.jobs.snapshot_votes import human_ceiling
from annotate.jobs.snapshots import preference_rows
from annotate.labelling import (
    ChosenPair,
    Submission,
    create_tasks,
    refresh_preferences,
    register,
    reserve_pair,
    submit,
)


def judge(context: Context, pair: int, verdicts: dict[str, tuple[str, dict[str, str]]]) -> None:
    create_tasks(context.store, [ChosenPair(pair)], overlap=len(verdicts))
    for name, (verdict, aspects) in verdicts.items():
        person = register(context.store, name, "person")
        assignment = reserve_pair(context.store, pair, person.id)
        given = Submission(f"{name}-{pair}", verdict, context.guideline.id, "test", aspects=aspects)
        submit(context.store, assignment.id, person.id, given)
    refresh_preferences(context.store)


def test_a_row_says_how_far_its_assessors_agree_and_on_what(context: Context, pairs: list[int]) -> None:
    judge(
        context,
        pairs[0],
        {
            "anna": ("B_better", {"citations": "A", "directness": "B"}),
            "boris": ("B_better", {"citations": "A"}),
            "vera": ("A_better", {"directness": "B", "safety": "tie"}),
        },
    )
    (row,) = preference_rows(context)
    assert row.chosen.startswith("Nobody knows")
    assert row.lineage["agreement"] == pytest.approx(2 / 3, abs=1e-3)
    assert row.lineage["ceiling"] == pytest.approx(1 / 3, abs=1e-3)
    # seen from the chosen answer, whatever order the assessor saw
    assert row.lineage["aspects"] == {"citations": -1, "directness": 1, "safety": 0}
    assert row.lineage["judged_at"].startswith("20")


@pytest.mark.parametrize(
    ("outcomes", "ceiling"),
    [
        ([], None),
        (["first"], None),
        (["first", "first"], 1.0),
        (["first", "second"], 0.0),
        (["first", "first", "second"], 1 / 3),
        (["first", "first", "first", "second"], 0.75),
    ],
)
def test_the_ceiling_is_one_person_against_the_others(outcomes: list[str], ceiling: float | None) -> None:
    found = human_ceiling(outcomes)
    assert found == (None if ceiling is None else pytest.approx(ceiling, abs=1e-3))
