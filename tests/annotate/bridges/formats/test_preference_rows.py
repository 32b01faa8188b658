"""TRL, reward and KTO rows: what trainers read, and what comes back of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.bridges.exports import export_rows
from annotate.bridges.formats import Entry, ReadOptions, format_named

PROMPT = [
    {"role": "system", "content": "Отвечай по источникам."},
    {"role": "user", "content": "Passages:\n[1] Opens at nine.\n\nQuestion: When does it open?"},
]
ROW: dict[str, Any] = {
    "id": "pair-1",
    "question_id": "q1",
    "prompt": PROMPT,
    "chosen": "At nine [1].",
    "rejected": "At ten.\n\nOr so.",
    "weight": 0.8,
    "margin": 2.0,
    "language": "en",
    "lineage": {"question": "When does it open?"},
}
STATED = ReadOptions(assessor="team", kind="person")


def written(folder: Path, form: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    export_rows(rows, folder / form, form)
    return [json.loads(line) for line in (folder / form).read_text("utf-8").splitlines()]


def read(folder: Path, form: str, *rows: Any, options: ReadOptions = STATED) -> list[Entry]:
    file = folder / "in.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return list(format_named(form).read(file, options))


def test_the_four_kinds_of_trl_rows(tmp_path: Path) -> None:
    answer = {"role": "assistant", "content": "At nine [1]."}
    assert written(tmp_path, "trl", [ROW])[0]["chosen"] == [answer]
    (implicit,) = written(tmp_path, "trl-implicit", [ROW])
    assert set(implicit) == {"chosen", "rejected"}
    assert implicit["chosen"] == [*PROMPT, answer]
    (standard,) = written(tmp_path, "trl-standard", [ROW])
    assert standard["prompt"].startswith("Отвечай по источникам.\n\nPassages:")
    assert standard["chosen"] == "At nine [1]."
    (both,) = written(tmp_path, "trl-standard-implicit", [ROW])
    assert both == {side: f"{standard['prompt']}\n\n{standard[side]}" for side in ("chosen", "rejected")}


def test_trl_takes_its_own_rows_for_what_they_are(tmp_path: Path) -> None:
    data_utils = pytest.importorskip("trl.data_utils", reason="the train extra is not installed")
    for form, chat in (("trl", True), ("trl-implicit", True), ("trl-standard", False)):
        (row,) = written(tmp_path, form, [ROW])
        assert data_utils.is_conversational(row) is chat
    explicit = data_utils.maybe_extract_prompt(written(tmp_path, "trl-implicit", [ROW])[0])
    assert explicit == written(tmp_path, "trl", [ROW])[0]


@pytest.mark.parametrize("form", ["trl", "trl-implicit", "reward", "reward-implicit", "rows"])
def test_chats_come_back_with_prompt_and_question(tmp_path: Path, form: str) -> None:
    export_rows([ROW], tmp_path / form, form)
    (entry,) = format_named(form).read(tmp_path / form, STATED)
    assert entry.record is not None
    assert (entry.record.prompt, entry.record.question) == (PROMPT, "When does it open?")
    assert (entry.record.answer_a, entry.record.answer_b) == (ROW["chosen"], ROW["rejected"])
    assert entry.record.verdict == ("A_better" if form.startswith("trl") else "A_much_better")


@given(prompt=st.text("ab яё\n", min_size=1).filter(str.strip), better=st.text("cd эю", min_size=1))
@settings(deadline=None)
def test_plain_texts_come_back_though_the_prompt_is_not_named(
    tmp_path_factory: pytest.TempPathFactory, prompt: str, better: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    row = ROW | {"prompt": [{"role": "user", "content": prompt}], "chosen": f"1{better}", "rejected": "2"}
    export_rows([row], folder / "plain", "trl-standard-implicit")
    (entry,) = format_named("trl-standard-implicit").read(folder / "plain", STATED)
    assert entry.record is not None, entry.reason
    assert entry.record.prompt == row["prompt"]
    assert (entry.record.answer_a, entry.record.answer_b) == (f"1{better}", "2")


def test_texts_of_others_part_at_their_last_common_space(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, "trl", {"chosen": "The sky is blue.", "rejected": "The sky is green."})
    assert entry.record is not None
    assert (entry.record.question, entry.record.answer_a) == ("The sky is", "blue.")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"chosen": "a"}, "no column rejected"),
        ({"chosen": "a", "rejected": "b"}, "do not begin with the same prompt"),
        ({"prompt": "p", "chosen": "a", "rejected": "a"}, "both answers are the same"),
        ({"prompt": [{"role": "user"}], "chosen": "a", "rejected": "b"}, "prompt is neither"),
        ({"prompt": "p", "chosen": "a", "rejected": ["b"]}, "rejected is neither"),
        ({"prompt": "p", "chosen": "a", "rejected": "b", "margin": "much"}, "not a judgement"),
        ({"prompt": "p", "chosen": "a\x00", "rejected": "b"}, "NUL"),
        ({"prompt": "p", "chosen": "a", "rejected": "\ud800"}, "half a character"),
        ({"prompt": "p"}, "no verdict"),
    ],
)
def test_a_bad_row_says_why(tmp_path: Path, row: dict[str, Any], reason: str) -> None:
    (entry,) = read(tmp_path, "trl", row)
    assert entry.record is None
    assert reason in entry.reason


def test_who_judged_must_be_said(tmp_path: Path) -> None:
    row = {"prompt": "p", "chosen": "a", "rejected": "b"}
    (nobody,) = read(tmp_path, "trl", row, options=ReadOptions())
    (unknown,) = read(tmp_path, "trl", row, options=ReadOptions(assessor="x"))
    assert "--assessor" in nobody.reason
    assert "person or a machine" in unknown.reason


def test_kto_rows_are_paired_with_their_neighbours(tmp_path: Path) -> None:
    def half(prompt: str, completion: str, label: Any) -> dict[str, Any]:
        return {"prompt": prompt, "completion": completion, "label": label}

    found = read(
        tmp_path,
        "kto",
        half("p", "good", True),
        half("p", "bad", False),
        half("p", "better", True),
        half("q", "alone", False),
        half("q", "which?", "yes"),
        half("r", "bad", False),
        half("r", "good", True),
    )
    kept = [(one.line, one.record.answer_a, one.record.answer_b) for one in found if one.record]
    assert kept == [(1, "good", "bad"), (7, "good", "bad")]
    assert [(one.line, one.reason.split(":")[0]) for one in found if not one.record] == [
        (3, "no partner"),
        (4, "no partner"),
        (5, "label must be true or false"),
    ]


def test_margins_are_numbers_for_the_reward_trainer(tmp_path: Path) -> None:
    assert written(tmp_path, "reward", [ROW])[0]["margin"] == 2.0
    assert set(written(tmp_path, "reward-standard", [ROW])[0]) == {"prompt", "chosen", "rejected", "margin"}


def test_a_datasets_folder_loads_and_is_conversational(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="the train extra is not installed")
    export_rows([ROW, ROW | {"id": "pair-2"}], tmp_path / "folder", "datasets")
    found = datasets.load_from_disk(str(tmp_path / "folder"))
    assert found.num_rows == 2
    assert found[0]["prompt"] == PROMPT
    assert found[1]["chosen"] == [{"role": "assistant", "content": "At nine [1]."}]
    assert json.loads(found[0]["lineage"]) == ROW["lineage"]
    (first, _) = format_named("datasets").read(tmp_path / "folder", STATED)
    assert first.record is not None
    assert first.record.prompt == PROMPT
