"""Weights and rows the training tests share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from training.environment import prepare_environment
from training.rows import PreferenceRow

prepare_environment()


@pytest.fixture(scope="session")
def tiny_folder(smollm2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real but very small random llama with SmolLM2's tokenizer: every mechanism, no seconds."""
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    from training.loading import save_model

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=49152,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=2,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
    )
    folder = tmp_path_factory.mktemp("models") / "tiny"
    save_model(LlamaForCausalLM(config), AutoTokenizer.from_pretrained(smollm2_folder), folder)
    return folder


@pytest.fixture(scope="session")
def make_rows() -> Callable[..., list[PreferenceRow]]:
    """Rows whose chosen answer names the colour asked for and whose rejected one evades."""

    def make(count: int, first: int = 0) -> list[PreferenceRow]:
        colours = ["red", "green", "blue", "white", "black", "yellow"]
        return [
            PreferenceRow(
                id=f"row-{number}",
                question_id=f"question-{number // 2}",
                prompt=[{"role": "user", "content": f"What colour is house {number // 2}?"}],
                chosen=f"House {number // 2} is {colours[number % 6]}, as the passage says [1].",
                rejected=f"I do not know much about number {number}.",
            )
            for number in range(first, first + count)
        ]

    return make
