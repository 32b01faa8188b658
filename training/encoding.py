"""Rows as token ids. Every kind trains on, guards and measures exactly these."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from transformers import PreTrainedTokenizerBase
from trl.data_utils import common_prefix_length

from training.rows import DemonstrationRow, Message, PreferenceRow, Row, TextRow


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


@dataclass(frozen=True)
class EncodedText:
    """Hold a text's token ids; only `answer_ids` are learned and scored, `prompt_ids` are read."""

    row: Row
    prompt_ids: list[int]
    answer_ids: list[int]

    @property
    def ids(self) -> list[int]:
        """Give the text as the model reads it."""
        return self.prompt_ids + self.answer_ids


def encode_pairs(tokenizer: PreTrainedTokenizerBase, rows: Sequence[PreferenceRow]) -> list[EncodedPair]:
    """Encode rows with the model's chat template."""
    return [_encode_pair(tokenizer, row) for row in rows]


def encode_demonstrations(
    tokenizer: PreTrainedTokenizerBase, rows: Sequence[DemonstrationRow]
) -> list[EncodedText]:
    """Encode prompt and completion with the model's chat template; the completion is the answer."""
    return [_encode_demonstration(tokenizer, row) for row in rows]


def encode_texts(
    tokenizer: PreTrainedTokenizerBase, rows: Sequence[TextRow], max_length: int
) -> list[EncodedText]:
    """Encode plain texts without a template, cut into pieces of up to `max_length` tokens.

    A document ends with the end token; a piece's first token is read only. A last piece of one token is left
    out: it would teach nothing.
    """
    encoded: list[EncodedText] = []
    for row in rows:
        ids = [*tokenizer(row.text)["input_ids"], int(tokenizer.eos_token_id)]
        pieces = [ids[start : start + max_length] for start in range(0, len(ids), max_length)]
        encoded += [EncodedText(row, piece[:1], piece[1:]) for piece in pieces if len(piece) > 1]
    return encoded


def encode_answer(tokenizer: PreTrainedTokenizerBase, prompt: list[Message], answer: str) -> list[int]:
    """Encode a whole conversation: the prompt and one answer to it."""
    return _encode(tokenizer, [*prompt, {"role": "assistant", "content": answer}])


def encode_prompt(tokenizer: PreTrainedTokenizerBase, prompt: list[Message]) -> list[int]:
    """Encode a prompt up to where the answer begins."""
    return _encode(tokenizer, prompt, add_generation_prompt=True)


def _encode_pair(tokenizer: PreTrainedTokenizerBase, row: PreferenceRow) -> EncodedPair:
    prompt = encode_prompt(tokenizer, row.prompt)
    chosen = encode_answer(tokenizer, row.prompt, row.chosen)
    rejected = encode_answer(tokenizer, row.prompt, row.rejected)
    # Some templates render a prompt alone differently than before an answer: the answer starts where they
    # part.
    start = min(common_prefix_length(prompt, chosen), common_prefix_length(prompt, rejected))
    return EncodedPair(row, chosen[:start], chosen[start:], rejected[start:])


def _encode_demonstration(tokenizer: PreTrainedTokenizerBase, row: DemonstrationRow) -> EncodedText:
    prompt = encode_prompt(tokenizer, row.prompt)
    whole = encode_answer(tokenizer, row.prompt, row.completion)
    start = common_prefix_length(prompt, whole)
    return EncodedText(row, whole[:start], whole[start:])


def _encode(
    tokenizer: PreTrainedTokenizerBase, messages: list[Message], add_generation_prompt: bool = False
) -> list[int]:
    encoded: Any = tokenizer.apply_chat_template(
        messages, tokenize=True, return_dict=True, add_generation_prompt=add_generation_prompt
    )
    return list(encoded["input_ids"])
