"""Encoding equals what TRL itself would train on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from training.encoding import encode_answer, encode_pairs
from training.loading import distinct_pad_token, load_tokenizer
from training.rows import PreferenceRow

pytestmark = pytest.mark.models


def test_sides_are_the_whole_conversation(
    tiny_folder: Path, make_rows: Callable[..., list[PreferenceRow]]
) -> None:
    tokenizer = load_tokenizer(tiny_folder)
    for pair in encode_pairs(tokenizer, make_rows(3)):
        row = pair.row
        assert pair.chosen_text_ids == encode_answer(tokenizer, row.prompt, row.chosen)
        assert pair.rejected_text_ids == encode_answer(tokenizer, row.prompt, row.rejected)
        assert tokenizer.eos_token_id in pair.chosen_ids


def test_padding_differs_from_the_end_of_text(tiny_folder: Path) -> None:
    tokenizer = load_tokenizer(tiny_folder)
    assert tokenizer.pad_token_id == tokenizer.eos_token_id  # SmolLM2's own setting
    distinct_pad_token(tokenizer)
    assert tokenizer.pad_token_id not in {tokenizer.eos_token_id, tokenizer.bos_token_id}
