from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotate.bridges.exports import export_rows
from annotate.errors import BridgeError
from annotate.jobs.exchange.leaks import frozen_questions, guarded, leaking

LONG = "How long may a borrowed book be kept before a fee is due, if nobody else has asked for it"
TEXTS = {
    "same": "When  does it OPEN?",
    "near": f"{LONG} so far",
    "far": "How long may a book be kept?",
    "russian": "Когда всё откроют?",
}


def test_equal_words_and_near_duplicates_leak() -> None:
    assert leaking(TEXTS, ["when does it open", LONG, "Когда все откроют"]) == {"same", "near", "russian"}
    assert leaking(TEXTS, ["Something else entirely?"]) == set()


@pytest.mark.parametrize(
    "row",
    [
        {"question": "When?", "prompt": "no"},
        {"lineage": {"question": "When?"}, "prompt": [{"role": "user", "content": "no"}]},
        {"lineage": '{"question": "When?"}', "prompt": "no"},
        {"instruction": "When?"},
        {"prompt": [{"role": "system", "content": "no"}, {"role": "user", "content": "When?"}]},
        {"prompt": [{"role": "user", "content": "Отрывки:\n[1] Нет.\n\nВопрос: When?"}]},
        {"chosen": [{"role": "user", "content": "When?"}, {"role": "assistant", "content": "no"}]},
        {"prompt": "When?"},
    ],
)
def test_a_frozen_file_of_any_format_names_its_questions(tmp_path: Path, row: dict[str, Any]) -> None:
    file = tmp_path / "test.jsonl"
    file.write_text(json.dumps(row), "utf-8")
    assert frozen_questions(file) == ["When?"]


@pytest.mark.parametrize("text", ["", '{"chosen": 1}', "no json", '{"prompt": [1]}', '{"lineage": 5}'])
def test_a_test_that_cannot_be_read_guards_nothing_and_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "test.jsonl"
    file.write_text(text, "utf-8")
    with pytest.raises(BridgeError, match=r"test\.jsonl"):
        frozen_questions(file)


def test_the_rows_are_named_and_counted_and_nothing_is_written(tmp_path: Path) -> None:
    rows = [
        {"id": f"pair-{n}", "question_id": f"q{n % 3}", "prompt": [], "chosen": "a", "rejected": "b"}
        for n in range(60)
    ]
    checked = guarded(rows, {"q1"}.__contains__, "held out")
    with pytest.raises(BridgeError, match=r"held out: pair-1 \(q1\), pair-4 \(q1\).* and 10 more") as caught:
        export_rows(checked, tmp_path / "out", "rows")
    assert "pair-2 " not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    assert list(guarded(rows, {"q9"}.__contains__, "")) == rows
