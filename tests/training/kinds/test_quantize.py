"""Quantisation: a quarter of the size, nearly the same loss; speculation changes nothing but the speed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ctranslate2", reason="CTranslate2 is not installed")

from training.errors import ModelError, RowsError
from training.fingerprints import weights_fingerprint
from training.kinds.quantize.measuring import same_prefix
from training.loading import load_policy, load_tokenizer, save_model
from training.recipe import parse_recipe
from training.results import Result
from training.rows import DemonstrationRow, write_rows
from training.runs import train

pytestmark = pytest.mark.models
Quantize = Callable[..., Result]

ROWS = [
    DemonstrationRow(
        id=f"row-{n}",
        question_id=f"question-{n}",
        prompt=[{"role": "user", "content": f"{capital} is the capital of {land}. What is its capital?"}],
        completion=f"The capital of {land} is {capital}.",
    )
    for n, (land, capital) in enumerate([("France", "Paris"), ("Italy", "Rome"), ("Japan", "Tokyo")])
]


@pytest.fixture
def quantize(pocket_folder: Path, tmp_path: Path) -> Quantize:
    """Convert a small model in a fresh run folder."""

    def run(name: str = "run", rows: list[DemonstrationRow] = ROWS, **settings: Any) -> Result:
        write_rows(tmp_path / "rows.jsonl", rows)
        small = {"kind": "quantize", "base": pocket_folder, "max_new_tokens": 8}
        files = {"train_rows": tmp_path / "rows.jsonl"}
        return train(parse_recipe({**small, **files, **settings}), tmp_path / name)

    return run


@pytest.mark.slow
def test_smaller_and_nearly_the_same(quantize: Quantize, pocket_folder: Path, tmp_path: Path) -> None:
    result = quantize(prompt_lookup=3, draft=pocket_folder)
    figures = {name: figure.value for name, figure in result.metrics.items()}
    assert figures["megabytes_int8"] < 0.3 * figures["megabytes_base"]
    assert abs(figures["full_change"]) < 1e-4
    assert abs(figures["loss_change"]) < 0.05
    assert figures["lookup_same_answers"] == figures["draft_same_answers"] == 1
    assert min(figures["lookup_speed_up"], figures["tokens_per_second_int8"]) > 0
    model = tmp_path / "run" / "model"
    assert result.fingerprint == weights_fingerprint(model)
    assert not list(model.glob("*.safetensors"))
    (model / "model.bin").write_bytes((model / "model.bin").read_bytes() + b"x")
    assert result.fingerprint != weights_fingerprint(model)


def test_wrong_drafts_and_long_rows_are_refused(
    quantize: Quantize, pocket_folder: Path, tmp_path: Path
) -> None:
    tokenizer = load_tokenizer(pocket_folder)
    tokenizer.add_tokens(["колбаса"])
    save_model(load_policy(pocket_folder), tokenizer, tmp_path / "other")
    with pytest.raises(ModelError, match="another vocabulary"):
        quantize("draft", draft=tmp_path / "other")
    with pytest.raises(RowsError, match="but the base reads 2048"):
        quantize("long", max_new_tokens=2048)


def test_shares_of_answers_that_are_the_same() -> None:
    assert same_prefix([[1, 2, 3], [1], [], [4]], [[1, 2, 4, 5], [1], [], [5]]) == [0.5, 1.0, 0.0, 0.0]


@pytest.mark.slow
def test_smollm2_shrinks_and_says_what_that_costs(
    quantize: Quantize, smollm2_folder: Path, tmp_path: Path
) -> None:
    result = quantize(base=smollm2_folder, prompt_lookup=3, max_new_tokens=16)
    figures = {name: figure.value for name, figure in result.metrics.items()}
    assert figures["megabytes_int8"] < 0.3 * figures["megabytes_base"]
    # Eight bits cost 135M parameters about 0.2 nats: measured here, not hidden.
    assert -0.1 < figures["loss_change"] < 0.6
    assert figures["lookup_same_answers"] == 1
    assert 0 <= figures["same_tokens"] <= 1
