from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from annotate.bridges.formats import ReadOptions
from annotate.errors import BridgeError
from annotate.jobs.context import Context
from annotate.jobs.exchange.importing import import_file
from annotate.jobs.frozen_splits import freeze_split, frozen_split, frozen_tests, questions_tested_before
from annotate.jobs.snapshots import preference_rows
from annotate.store import Run
from training import PreferenceRow
from training.errors import LeakError
from training.rows import TextRow, write_rows
from training.snapshots import Freezing, Selection, open_snapshot

pytestmark = pytest.mark.models

THINGS = (
    "the opening hours of the old library", "a refund for a broken kettle", "parking beside the station",
    "who painted the night watch", "the price of a monthly ticket", "how deep the lake is in summer",
    "when the council meets in public", "why the bridge was closed", "what the museum shows on Sundays",
    "where dogs may run freely", "the speed limit in the tunnel", "how glass is recycled here",
)  # fmt: skip


@pytest.fixture
def rows(context: Context, tmp_path: Path) -> list[PreferenceRow]:
    votes = [
        {"question": f"Tell me {thing}.", "answer_a": "Gladly so.", "answer_b": "No.", "verdict": "A"}
        for thing in THINGS
    ]
    file = tmp_path / "votes.jsonl"
    file.write_text("\n".join(json.dumps(vote) for vote in votes), "utf-8")
    import_file(context, "jsonl", file, ReadOptions(assessor="team", kind="person"))
    return preference_rows(context)


def test_a_split_is_frozen_with_what_came_of_it(
    context: Context, rows: list[PreferenceRow], tmp_path: Path
) -> None:
    split = frozen_split(context, rows)
    assert split.train
    assert split.test
    frozen = freeze_split(tmp_path / "run", split, PreferenceRow)
    assert open_snapshot(tmp_path / "run", PreferenceRow).train == list(split.train)
    assert frozen.manifest.split["by"].startswith("question and group of near duplicates")
    assert len(frozen.manifest.lineage["judgements"]) == len(THINGS)
    assert frozen.manifest.lineage["assessors"] == ["team"]
    assert (frozen_split(context, rows).train, frozen_split(context, rows).test) == (split.train, split.test)


def test_what_was_tested_on_is_never_trained_on(context: Context, rows: list[PreferenceRow]) -> None:
    split = frozen_split(context, rows)
    moved = split.train[0]
    folder = context.workspace.runs / "0001-dpo"
    write_rows(folder / "test.jsonl", [moved])
    with context.store.writing.begin() as session:
        session.add(Run(kind="dpo", recipe={}, folder=str(folder), snapshot="s"))
    assert questions_tested_before(context) == {moved.question_id}
    again = frozen_split(context, rows)
    assert moved.id in {row.id for row in again.test}
    assert {row.id for row in split.test} < {row.id for row in again.test}


def test_a_reworded_question_lies_beside_the_tested_one(context: Context, rows: list[PreferenceRow]) -> None:
    split = frozen_split(context, rows)
    tested = split.test[0]
    reworded = [
        PreferenceRow(
            id="new",
            question_id="new",
            prompt=tested.prompt,
            chosen="One.",
            rejected="Two.",
            lineage={"question": tested.question.replace("Tell me", "Please tell me")},
        )
    ]
    again = frozen_split(context, [*rows, *reworded])
    assert "new" in {row.id for row in again.test}


def test_rows_in_a_frozen_test_are_refused_by_name_or_left_out(
    context: Context, rows: list[PreferenceRow]
) -> None:
    leaking = frozen_split(context, rows).train[0]
    folder = context.workspace.folder / "frozen"
    folder.mkdir()
    (folder / "exam.jsonl").write_text(json.dumps({"question": leaking.question.upper()}) + "\n", "utf-8")
    with pytest.raises(LeakError, match=rf"{leaking.id} \(exam\.jsonl question 1, the same\)"):
        frozen_split(context, rows)
    split = frozen_split(context, rows, Freezing(leaks="leave_out"))
    assert leaking.id not in {row.id for row in (*split.train, *split.test)}
    assert split.origin.left_out == {"leaks": [leaking.id]}
    assert split.origin.guarded[0]["by"] == ["exact", "words", "meaning"]


def test_a_frozen_test_that_cannot_be_read_guards_nothing_and_is_refused(context: Context) -> None:
    folder = context.workspace.folder / "frozen"
    folder.mkdir()
    (folder / "exam.jsonl").write_text("{}\n", "utf-8")
    with pytest.raises(BridgeError, match=r"exam\.jsonl:1"):
        frozen_tests(context)


def test_with_a_day_later_questions_are_the_test(context: Context, rows: list[PreferenceRow]) -> None:
    known = frozen_split(context, rows)
    assert rows[0].lineage["judged_at"]
    later = frozen_split(context, rows, test_from=date(2999, 1, 1))
    assert {row.id for row in later.test} == {row.id for row in known.test}
    early = [
        PreferenceRow(**{**vars(row), "lineage": row.lineage | {"judged_at": f"20{10 + at % 2 * 10}-05-01"}})
        for at, row in enumerate(rows)
    ]
    split = frozen_split(context, early, test_from=date(2020, 1, 1))
    assert all(row.lineage["judged_at"] < "2020" for row in split.train)
    assert split.train
    assert split.origin.split["test_from"] == "2020-01-01"


def test_texts_are_split_by_document_and_shared_ones_are_not_trained_on(context: Context) -> None:
    imprint = "Published by the city council, all rights reserved, printed on recycled paper."
    texts = [
        TextRow(id=f"{kind}{n}", question_id=f"d{n}", text=text)
        for n, thing in enumerate(THINGS)
        for kind, text in (("body", f"All about {thing}."), ("imprint", imprint))
    ]
    split = frozen_split(context, texts)
    assert {row.question_id for row in split.train}.isdisjoint({row.question_id for row in split.test})
    assert all(row.text != imprint for row in split.train)
    assert any(row.text == imprint for row in split.test)
    assert len(split.train) + len(split.test) + len(split.origin.left_out["leaks"]) == len(texts)


@pytest.mark.parametrize("by", ["facility_location", "k_centre", "quality"])
def test_few_rows_are_chosen_and_the_manifest_says_which_were_not(
    context: Context, rows: list[PreferenceRow], tmp_path: Path, by: str
) -> None:
    unsure = {row.id for row in rows[::3]}
    voted = [
        PreferenceRow(
            **{**vars(row), "lineage": row.lineage | {"agreement": 0.5 if row.id in unsure else 1.0}}
        )
        for row in rows
    ]
    whole = frozen_split(context, voted)
    sure = {row.id for row in whole.train} - unsure
    selection = Selection.model_validate({"share": 0.5, "by": by, "least_agreement": 0.8})
    split = frozen_split(context, voted, Freezing(selection=selection))
    kept = {row.id for row in split.train}
    assert kept < sure
    assert len(kept) == -(-len(sure) // 2)
    assert list(split.test) == list(whole.test)
    manifest = freeze_split(tmp_path / "run", split, PreferenceRow).manifest
    assert manifest.split["selection"] == selection.model_dump()
    assert set(manifest.left_out["selection"]) == {row.id for row in whole.train} - kept


def test_few_texts_are_chosen_too(context: Context) -> None:
    texts = [
        TextRow(id=f"t{n}", question_id=f"d{n}", text=f"They say {thing}.") for n, thing in enumerate(THINGS)
    ]
    whole = frozen_split(context, texts)
    split = frozen_split(context, texts, Freezing(selection=Selection(share=0.5)))
    assert len(split.train) == -(-len(whole.train) // 2)
    assert split.origin.split["selection"]["share"] == 0.5
    assert list(split.test) == list(whole.test)
