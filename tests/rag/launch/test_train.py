"""Training the launch classifier, and the file it learns from."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from rag.embedders import LocalEmbedder
from rag.errors import ModelError
from rag.launch import ACTIONS, LaunchClassifier
from rag.launch.train import QUESTIONS, LabelledQuestion, _folds, main, read_labelled, train


def test_the_shipped_questions_are_many_in_both_languages_and_each_once() -> None:
    rows = read_labelled(QUESTIONS)
    counted = Counter((row.language, row.action) for row in rows)
    assert min(counted[language, action] for language in ("ru", "en") for action in ACTIONS) >= 50
    assert len({row.text.lower() for row in rows}) == len(rows)
    for group in {row.group for row in rows}:
        assert len({row.action for row in rows if row.group == group}) == 1


def test_a_group_stays_in_one_fold() -> None:
    rows = read_labelled(QUESTIONS)
    folds = _folds(rows)
    places = {(row.group, int(fold)) for row, fold in zip(rows, folds, strict=True)}
    assert len(places) == len({row.group for row in rows})
    assert set(folds) == {0, 1, 2, 3, 4}


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("not json", "a JSON object"),
        ('{"text": "Hi"}', "a JSON object with `text` and `action`"),
        ('["Hi", "stub"]', "a JSON object"),
        ('{"text": " ", "action": "stub"}', "`text` is empty"),
        ('{"text": "Hi", "action": "dance"}', "none of answer, search_only, stub, refuse"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, wrong: str) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text('{"text": "Hi", "action": "stub"}\n\n' + line, "utf-8")
    with pytest.raises(ModelError, match=r"own\.jsonl:3: .*" + wrong):
        read_labelled(path)


def test_language_and_group_are_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text('{"text": "Привет", "action": "stub"}\n{"text": "Hi", "action": "stub"}', "utf-8")
    assert [(row.language, row.group) for row in read_labelled(path)] == [
        ("ru", "own.jsonl:line 1"),
        ("en", "own.jsonl:line 2"),
    ]


def test_too_few_groups_are_refused(embedder: LocalEmbedder) -> None:
    rows = [LabelledQuestion(f"Hi {n}", "en", "stub", str(n)) for n in range(9)]
    with pytest.raises(ModelError, match="answer, search_only, refuse: fewer than 5 groups"):
        train(rows, embedder)


@pytest.mark.slow
@pytest.mark.models
def test_the_command_trains_on_the_users_own_questions_too(
    tmp_path: Path, e5_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = read_labelled(QUESTIONS)
    kept = {action: [row for row in rows if row.action == action][:24] for action in ACTIONS}
    base, extra = tmp_path / "base.jsonl", tmp_path / "extra.jsonl"
    lines = [json.dumps(row._asdict(), ensure_ascii=False) for some in kept.values() for row in some]
    base.write_text("\n".join(lines), "utf-8")
    extra.write_text('{"text": "Beam me up", "action": "stub"}\n', "utf-8")
    out = tmp_path / "weights"
    arguments = [str(base), "--extra", str(extra), "--embedder", str(e5_folder), "--out", str(out)]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert "search_only" in printed
    assert "accuracy" in printed
    report = json.loads((out / "report.json").read_text("utf-8"))
    assert report["questions"] == len(lines) + 1
    classifier = LaunchClassifier.load(out)
    assert classifier.fits(LocalEmbedder(e5_folder))
    vectors = LocalEmbedder(e5_folder).embed_queries(["Спасибо за помощь"])
    assert np.isclose(classifier.probabilities(["Спасибо за помощь"], vectors).sum(), 1)
    assert main([str(tmp_path / "missing.jsonl"), "--out", str(out)]) == 1
