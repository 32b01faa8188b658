"""A run of any kind on a small model and few rows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.small_berts import small_config, word_tokenizer
from training.recipes import TrainerRecipe
from training.results import Result
from training.rows import PreferenceRow, RelevanceRow, write_rows
from training.runs import train

COLOURS = ["red", "green", "blue", "white", "black", "yellow"]


@pytest.fixture
def fit_on(
    tiny_folder: Path, tmp_path: Path, make_rows: Callable[..., list[PreferenceRow]]
) -> Callable[..., Result]:
    """Train by a recipe class on `train` rows and `test` held-out ones in a fresh run folder."""

    def run(
        recipe: type[TrainerRecipe],
        rows: list[PreferenceRow] | int,
        test_rows: int,
        name: str = "run",
        **settings: Any,
    ) -> Result:
        train_file, test_file = tmp_path / f"{name}.jsonl", tmp_path / f"{name}-test.jsonl"
        write_rows(train_file, make_rows(rows) if isinstance(rows, int) else rows)
        write_rows(test_file, make_rows(test_rows, first=20))
        small = {
            "base": tiny_folder,
            "learning_rate": 5e-3,
            "gradient_accumulation": 2,
            "lora": {"last_layers": 2},
        }
        files = {"train_rows": train_file, "test_rows": test_file}
        return train(recipe(**{**files, **small, **settings}), tmp_path / name)

    return run


@pytest.fixture(scope="session")
def pocket_folder(smollm2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random llama with few tokens: its steps take milliseconds, so a test may take many."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from training.loading import load_tokenizer, save_model

    old = load_tokenizer(smollm2_folder)
    sentences = ["What colour is the house?", "The house is red [1].", "I do not know.", "A river, a stone."]
    tokenizer = old.train_new_from_iterator([sentences], 420, show_progress=False)
    tokenizer.chat_template = old.chat_template
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=2,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    folder = tmp_path_factory.mktemp("models") / "pocket"
    save_model(LlamaForCausalLM(config), tokenizer, folder)
    return folder


@pytest.fixture(scope="session")
def tiny_embedder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real but very small random BERT over the words of the rows."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules
    from transformers import BertModel

    plain = ["what", "colour", "is", "the", "house", "painted", "of", "number", "it", ".", "?"]
    tokenizer = word_tokenizer([*COLOURS, *map(str, range(60)), *plain])
    folder = tmp_path_factory.mktemp("embedder")
    torch.manual_seed(0)
    BertModel(small_config(tokenizer), add_pooling_layer=False).save_pretrained(folder / "bert")
    tokenizer.save_pretrained(folder / "bert")
    parts = [modules.Transformer(str(folder / "bert"), max_seq_length=32), modules.Pooling(32)]
    made = SentenceTransformer(modules=[*parts, modules.Normalize()], device="cpu")
    made.save_pretrained(str(folder / "st"), create_model_card=False)
    return folder / "st"


@pytest.fixture(scope="session")
def relevance() -> Callable[..., list[RelevanceRow]]:
    """Rows whose text names the query's house, and whose negatives name another."""

    def make(count: int, first: int = 0, negatives: int = 2) -> list[RelevanceRow]:
        def text(number: int) -> str:
            return f"The house of number {number} is painted {COLOURS[number % 6]} ."

        return [
            RelevanceRow(
                id=f"row-{number}",
                question_id=f"question-{number}",
                query=f"What colour is the house of number {number} ?",
                positive=text(number),
                negatives=[text((number + 7 * (n + 1)) % 60) for n in range(negatives)],
            )
            for number in range(first, first + count)
        ]

    return make
