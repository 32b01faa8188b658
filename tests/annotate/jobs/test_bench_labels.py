"""The proof of a strategy on labels one has."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from active.simulation import Protocol
from annotate.errors import JobError
from annotate.jobs.bench_labels import bench_labels, read_pairs, workspace_pairs
from annotate.jobs.context import Context
from tests.annotate.cli.conftest import pairloop
from tests.annotate.jobs.test_snapshots import judge

Write = Callable[[list[object]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(rows: list[object]) -> Path:
        file = tmp_path / "pairs.jsonl"
        file.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n", "utf-8")
        return file

    return to_file


def known_pairs(count: int) -> list[object]:
    """Return pairs whose longer answer wins, except now and then."""
    rng = np.random.default_rng(0)
    rows: list[object] = []
    for number in range(count):
        words = sorted(rng.integers(3, 40, size=2).tolist(), reverse=True)
        texts = [" ".join(f"w{rng.integers(50)}" for _ in range(size)) for size in words]
        if rng.random() < 0.1:
            texts.reverse()
        rows.append({"prompt": f"Question {number % 12}?", "chosen": texts[0], "rejected": texts[1] + "."})
    return rows


def test_texts_and_messages_are_read_alike(write: Write) -> None:
    plain = {"prompt": "How long?", "chosen": "A day.", "rejected": "A year."}
    chat = {name: [{"role": "user", "content": text}] for name, text in plain.items()}
    first, second = read_pairs(write([plain, chat]))
    assert first == second
    assert (first.question, first.chosen, first.rejected) == ("How long?", "A day.", "A year.")


@pytest.mark.parametrize(
    "row", [["no", "object"], {"prompt": "a", "chosen": "b"}, {"prompt": 1, "chosen": "b", "rejected": "c"},
            {"prompt": [], "chosen": "b", "rejected": "c"}, {"prompt": "a", "chosen": "b", "rejected": "b"}],
)  # fmt: skip
def test_a_bad_line_is_named(write: Write, row: object) -> None:
    with pytest.raises(JobError, match="line 2: wanted prompt, chosen and rejected"):
        read_pairs(write([*known_pairs(1), row]))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"cannot read .*nowhere.jsonl"):
        read_pairs(tmp_path / "nowhere.jsonl")


def test_a_workspace_without_labels_is_told_so(context: Context) -> None:
    with pytest.raises(JobError, match="no labelled pairs"):
        bench_labels(context, None, Protocol())


def test_preferences_of_the_workspace_are_pairs(context: Context, pairs: list[int]) -> None:
    judge(context, pairs[:1], "A_better")
    judge(context, pairs[1:2], "tie", "boris")
    (pair,) = workspace_pairs(context)
    assert (pair.chosen, pair.rejected) == ("Thing 0 is here [1].", "Nobody knows thing 0 [1].")


@pytest.mark.slow
@pytest.mark.models
def test_the_command_prints_what_each_strategy_needs(workspace: Path, write: Write) -> None:
    file = write(known_pairs(90))
    asked = ("bench", "labels", file, "-w", workspace, "--seeds", 2, "--strategy", "entropy", "--budget", 50)
    told = pairloop(*asked)
    assert told.returncode == 0, told.stderr
    assert "2 splits of 63 pairs to label and 27 to test on" in told.stdout
    assert "entropy" in told.stdout
    found = json.loads(pairloop(*asked, "--by-question", "--json").stdout)
    assert [arm["name"] for arm in found["arms"]] == ["random", "entropy"]
    assert found["full"] > 0.7
    refused = pairloop(*asked, "--strategy", "best")
    assert refused.returncode == 1
    assert "unknown strategy 'best'" in refused.stderr
