"""Supervised fine-tuning: only completions are learned, the policy stops, and forgetting ends a run."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from training.encoding import encode_demonstrations, encode_prompt, encode_texts
from training.errors import DivergedError, LengthError, ModelError, RowsError
from training.fingerprints import weights_fingerprint
from training.kinds.sft.forgetting import KEPT_FILE
from training.loading import load_policy, load_tokenizer
from training.recipe import parse_recipe
from training.results import Result
from training.rows import DemonstrationRow, TextRow, write_rows
from training.runs import train
from training.sampling import greedy_answers

pytestmark = pytest.mark.models
Fit = Callable[..., Result]


def demonstrations(count: int, first: int = 0) -> list[DemonstrationRow]:
    return [
        DemonstrationRow(
            id=f"row-{number}",
            question_id=f"question-{number}",
            prompt=[{"role": "user", "content": f"What colour is house {number}?"}],
            completion="Red [1].",
        )
        for number in range(first, first + count)
    ]


def texts(count: int, first: int = 0) -> list[TextRow]:
    words = [
        "river",
        "stone",
        "bread",
        "cloud",
        "horse",
        "window",
        "paper",
        "field",
        "lamp",
        "ship",
        "garden",
        "bell",
    ]
    return [
        TextRow(
            id=f"text-{number}",
            question_id=f"text-{number}",
            text=f"The {words[number]} and the old {words[number - 3]} saw the {words[number - 5]}. " * 2,
        )
        for number in range(first, first + count)
    ]


@pytest.fixture
def fit(pocket_folder: Path, tmp_path: Path) -> Fit:
    """Fine-tune the small model in a fresh run folder."""

    def run(rows: list[Any], test: list[Any], name: str = "run", **settings: Any) -> Result:
        write_rows(tmp_path / f"{name}.jsonl", rows)
        write_rows(tmp_path / f"{name}-test.jsonl", test)
        small = {
            "kind": "sft",
            "base": pocket_folder,
            "train_rows": tmp_path / f"{name}.jsonl",
            "test_rows": tmp_path / f"{name}-test.jsonl",
            "max_steps": 8,
            "learning_rate": 1e-2,
            "gradient_accumulation": 2,
            "lora": {"last_layers": 2},
        }
        return train(parse_recipe({**small, **settings}), tmp_path / name)

    return run


def test_tuned_policy_says_it_and_stops(fit: Fit, tmp_path: Path) -> None:
    result = fit(
        demonstrations(4), demonstrations(2, first=9), full=True, max_steps=60, gradient_accumulation=1
    )
    assert result.last_loss < 0.5 < result.first_loss
    assert result.metrics["test_change"].high < -1
    model, tokenizer = load_policy(tmp_path / "run" / "model"), load_tokenizer(tmp_path / "run" / "model")
    [answer] = greedy_answers(model, tokenizer, [demonstrations(1, first=10)[0].prompt], 30)
    assert (answer.text, answer.finished) == ("Red [1].", True)


def test_prompt_is_read_but_not_learned(fit: Fit, pocket_folder: Path) -> None:
    tokenizer = load_tokenizer(pocket_folder)
    [text] = encode_demonstrations(tokenizer, demonstrations(1))
    assert text.prompt_ids == encode_prompt(tokenizer, demonstrations(1)[0].prompt)
    assert tokenizer.eos_token_id in text.answer_ids
    # The loss of step 1 is that of the completion alone, by a forward pass of its own.
    with torch.no_grad():
        logits = load_policy(pocket_folder)(torch.tensor([text.ids])).logits[0, :-1].log_softmax(-1)
    start = len(text.prompt_ids)
    nats = [-logits[place - 1, text.ids[place]].item() for place in range(start, len(text.ids))]
    result = fit(demonstrations(1), demonstrations(1, first=5), max_steps=1, gradient_accumulation=1)
    assert result.first_loss == pytest.approx(sum(nats) / len(nats), abs=1e-4)


@pytest.mark.slow
def test_weights_scale_and_zero_leaves_out(fit: Fit, tmp_path: Path) -> None:
    good = demonstrations(2)
    bad = [replace(row, completion="I do not know.") for row in demonstrations(2, first=4)]
    heavy = [replace(row, weight=3.0) for row in good] + bad
    light = good + [replace(row, weight=3.0) for row in bad]
    test = demonstrations(2, first=20)
    many = {"max_steps": 6, "gradient_accumulation": 4}
    assert (
        fit(heavy, test, "heavy", **many).metrics["test_loss"].value
        < fit(light, test, "light", **many).metrics["test_loss"].value
    )
    fit(good + [replace(row, weight=0.0) for row in bad], test, "zero", **many)
    fit(good, test, "left-out", **many)
    assert weights_fingerprint(tmp_path / "zero" / "model") == weights_fingerprint(
        tmp_path / "left-out" / "model"
    )


def test_plain_texts_are_cut_not_dropped(fit: Fit, pocket_folder: Path) -> None:
    tokenizer = load_tokenizer(pocket_folder)
    [row] = texts(1)
    whole = [*tokenizer(row.text)["input_ids"], tokenizer.eos_token_id]
    pieces = encode_texts(tokenizer, [row], max_length=10)
    assert [token for piece in pieces for token in piece.ids] == whole
    result = fit(texts(3), texts(1, first=7), kind="sft_texts", max_length=16)
    assert result.metrics["test_change"].value < -0.05
    assert result.dropped_ids == []


def test_forgetting_ends_the_run_with_the_weights_before_it(fit: Fit, tmp_path: Path) -> None:
    write_rows(tmp_path / "general.jsonl", [replace(text, text="qzxj " * 20) for text in texts(2)])
    watched = {"general_rows": tmp_path / "general.jsonl", "check_steps": 2, "full": True}
    free = fit(demonstrations(4), demonstrations(1, first=9), "free", **watched)
    risen = free.metrics["general_change"].value
    assert risen > 0
    held = fit(demonstrations(4), demonstrations(1, first=9), "held", max_rise=risen / 2, **watched)
    assert held.steps < free.steps
    assert held.metrics["general_change"].value <= risen / 2
    stages = [json.loads(line) for line in (tmp_path / "held" / "progress.jsonl").read_text().splitlines()]
    assert [stage["step"] for stage in stages if stage.get("stage") == "stopped early"] == [held.steps]
    assert (tmp_path / "held" / KEPT_FILE).exists()


def test_killed_before_its_result_it_ends_at_the_same_weights(fit: Fit, tmp_path: Path) -> None:
    write_rows(tmp_path / "general.jsonl", texts(2))
    settings = {
        "general_rows": tmp_path / "general.jsonl",
        "check_steps": 3,
        "save_steps": 2,
        "max_rise": 1e-4,
        "learning_rate": 3e-3,
    }
    whole = fit(demonstrations(4), demonstrations(1, first=9), **settings)
    (tmp_path / "run" / "result.json").unlink()
    assert fit(demonstrations(4), demonstrations(1, first=9), **settings).fingerprint == whole.fingerprint
    (tmp_path / "run" / "result.json").unlink()
    write_rows(tmp_path / "general.jsonl", texts(1, first=5))
    with pytest.raises(RowsError, match="another general set"):
        fit(demonstrations(4), demonstrations(1, first=9), **settings)


def test_long_empty_and_foreign_rows_are_refused(fit: Fit, tmp_path: Path) -> None:
    test = demonstrations(1, first=9)
    with pytest.raises(LengthError, match="longer than max_length 5"):
        fit(demonstrations(2), test, "long", max_length=5)
    with pytest.raises(RowsError, match="nothing to learn"):
        fit([replace(row, weight=0.0) for row in demonstrations(2)], test, "empty")
    with pytest.raises(RowsError, match="unknown keys text"):
        fit(texts(2), test, "foreign")
    with pytest.raises(ModelError, match="no model here"):
        fit(demonstrations(2), test, "base", base=tmp_path)


def test_not_a_number_ends_the_run(fit: Fit) -> None:
    with pytest.raises(DivergedError, match="lower the learning rate"):
        fit(demonstrations(4), demonstrations(1, first=9), full=True, learning_rate=1e12)
