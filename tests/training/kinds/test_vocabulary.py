"""Vocabulary replacement: tokens start from old pieces, the body sleeps first, Russian gets shorter."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from training.errors import RecipeError
from training.kinds.vocabulary.embeddings import replace_embeddings, token_pieces
from training.loading import load_policy, load_tokenizer
from training.recipe import parse_recipe
from training.results import Result
from training.rows import TextRow, write_rows
from training.runs import train

pytestmark = pytest.mark.models
Replace = Callable[..., Result]
_WORDS = ["река", "камень", "хлеб", "облако", "лошадь", "окно", "бумага", "поле", "лампа", "корабль"]


def texts(count: int, first: int = 0) -> list[TextRow]:
    return [
        TextRow(
            id=f"text-{number}",
            question_id=f"text-{number}",
            text=f"Старая {_WORDS[number]} и новая {_WORDS[number - 3]} увидели {_WORDS[number - 5]}. " * 3,
            language="ru",
        )
        for number in range(first, first + count)
    ]


@pytest.fixture
def replace(pocket_folder: Path, tmp_path: Path) -> Replace:
    """Replace the small model's vocabulary by one trained on a few Russian sentences."""

    def run(name: str = "run", **settings: Any) -> Result:
        write_rows(tmp_path / "train.jsonl", texts(8))
        write_rows(tmp_path / "test.jsonl", texts(2, first=8))
        small = {
            "kind": "vocabulary",
            "base": pocket_folder,
            "train_rows": tmp_path / "train.jsonl",
            "test_rows": tmp_path / "test.jsonl",
            "vocab_size": 500,
            "frozen_steps": 5,
            "max_steps": 8,
            "learning_rate": 1e-2,
            "gradient_accumulation": 2,
            "max_length": 64,
            "save_steps": 4,
        }
        return train(parse_recipe({**small, **settings}), tmp_path / name)

    return run


def test_fewer_tokens_less_loss_and_the_chat_template_stays(
    replace: Replace, pocket_folder: Path, tmp_path: Path
) -> None:
    result = replace()
    figures = {name: figure.value for name, figure in result.metrics.items()}
    assert figures["fertility_after"] < figures["fertility_before"] / 2
    assert figures["nats_per_character_after"] < figures["nats_per_character_replaced"]
    assert set(figures) >= {"characters_per_second_before", "characters_per_second_after"}
    old, new = load_tokenizer(pocket_folder), load_tokenizer(tmp_path / "run" / "model")
    assert (new.chat_template, new.eos_token) == (old.chat_template, old.eos_token)
    model = load_policy(tmp_path / "run" / "model")
    assert model.get_input_embeddings().weight.shape[0] == len(new) == model.config.vocab_size
    assert model.generation_config.eos_token_id == new.eos_token_id
    assert new.decode(new("старая река")["input_ids"], skip_special_tokens=True) == "старая река"


@pytest.mark.slow
def test_body_sleeps_then_wakes(replace: Replace, pocket_folder: Path, tmp_path: Path) -> None:
    replace("asleep", max_steps=2, frozen_steps=2)
    replace("awake", max_steps=2, frozen_steps=1)
    base, asleep, awake = (
        load_file(folder / "model.safetensors")["model.layers.0.mlp.up_proj.weight"]
        for folder in (pocket_folder, tmp_path / "asleep" / "model", tmp_path / "awake" / "model")
    )
    assert torch.equal(base, asleep)
    assert not torch.equal(base, awake)


def test_resumed_across_the_waking_ends_at_the_same_weights(replace: Replace, tmp_path: Path) -> None:
    whole = replace()
    (tmp_path / "run" / "result.json").unlink()
    shutil.rmtree(tmp_path / "run" / "checkpoints" / "checkpoint-8")
    assert (tmp_path / "run" / "checkpoints" / "checkpoint-4").is_dir()
    assert replace().fingerprint == whole.fingerprint


def test_new_tokens_start_as_their_pieces(replace: Replace, pocket_folder: Path, tmp_path: Path) -> None:
    replace(max_steps=1)
    old, new = load_tokenizer(pocket_folder), load_tokenizer(tmp_path / "run" / "tokenizer")
    pieces = token_pieces(old, new)
    assert None not in pieces
    before = load_policy(pocket_folder).get_input_embeddings().weight.detach()
    model = load_policy(pocket_folder)
    replace_embeddings(model, old, new, "mean_of_pieces", seed=0)
    after = model.get_input_embeddings().weight
    shared = new.convert_tokens_to_ids(old.eos_token)
    assert torch.equal(after[shared], before[old.eos_token_id])
    [word] = new(" река", add_special_tokens=False)["input_ids"]
    assert pieces[word] == old(" река", add_special_tokens=False)["input_ids"]
    torch.testing.assert_close(after[word], before[pieces[word]].mean(dim=0))
    assert model.get_output_embeddings().weight is after  # tied as before

    noisy = load_policy(pocket_folder)
    replace_embeddings(noisy, old, new, "random", seed=0)
    noise = noisy.get_input_embeddings().weight
    assert torch.equal(noise[shared], before[old.eos_token_id])
    assert not torch.allclose(noise[word], after[word])


@pytest.mark.slow
def test_ready_tokenizer_is_taken(replace: Replace, tmp_path: Path) -> None:
    replace("first", max_steps=1)
    result = replace("second", max_steps=1, tokenizer=tmp_path / "first" / "model")
    assert result.metrics["fertility_after"].value < result.metrics["fertility_before"].value
    with pytest.raises(RecipeError, match="lora has no effect"):
        replace("third", lora={"r": 4})
