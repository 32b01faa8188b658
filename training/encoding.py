"""Rows as token ids. Every kind trains on, guards and measures exactly these."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from transformers import PreTrainedTokenizerBase
from trl.data_utils import common_prefix_length

from training.rows import Message, PreferenceRow


@dataclass(frozen=True)
class EncodedPair:
    """Hold one row's token ids; a side as the model reads it is `prompt_ids` + its answer ids."""

    row: PreferenceRow
    prompt_ids: list[int]
    chosen_ids: list[int]
    rejected_ids: list[int]

    @property
    def chosen_text_ids(self) -> list[int]:
        """Give prompt and chosen answer."""
        return self.prompt_ids + self.chosen_ids

    @property
    def rejected_text_ids(self) -> list[int]:
        """Give prompt and rejected answer."""
        return self.prompt_ids + self.rejected_ids


def encode_pairs(tokenizer: PreTrainedTokenizerBase, rows: Sequence[PreferenceRow]) -> list[EncodedPair]:
    """Encode rows with the model's chat template."""
    return [_encode_pair(tokenizer, row) for row in rows]


def encode_answer(tokenizer: PreTrainedTokenizerBase, prompt: list[Message], answer: str) -> list[int]:
    """Encode a whole conversation: the prompt and one answer to it."""
    return _encode(tokenizer, [*prompt, {"role": "assistant", "content": answer}])


def _encode_pair(tokenizer: PreTrainedTokenizerBase, row: PreferenceRow) -> EncodedPair:
    prompt = _encode(tokenizer, row.prompt, add_generation_prompt=True)
    chosen = encode_answer(tokenizer, row.prompt, row.chosen)
    rejected = encode_answer(tokenizer, row.prompt, row.rejected)
    # Some templates render a prompt alone differently than before an answer: the answer starts where they
    # part.
    start = min(common_prefix_length(prompt, chosen), common_prefix_length(prompt, rejected))
    return EncodedPair(row, chosen[:start], chosen[start:], rejected[start:])


def _encode(
    tokenizer: PreTrainedTokenizerBase, messages: list[Message], add_generation_prompt: bool = False
) -> list[int]:
    encoded: Any = tokenizer.apply_chat_template(
        messages, tokenize=True, return_dict=True, add_generation_prompt=add_generation_prompt
    )
    return list(encoded["input_ids"])
