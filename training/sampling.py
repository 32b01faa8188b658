"""Answers drawn from a policy in batches, and greedy ones, by transformers' generate."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

from training.encoding import encode_prompt
from training.rows import Message


@dataclass(frozen=True)
class Decoding:
    """Say how to decode; a temperature of 0 is greedy, top_k of 0 and top_p of 1 cut nothing off."""

    max_new_tokens: int = 128
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0


@dataclass(frozen=True)
class Sampled:
    """Hold one answer: its token ids with the end token, its text, and whether it came to its end."""

    ids: list[int]
    text: str
    finished: bool


def sample_answers(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[list[Message]],
    count: int,
    decoding: Decoding,
    seed: int,
    batch_size: int = 8,
) -> Iterator[list[Sampled]]:
    """Yield `count` answers to each prompt, in order.

    `batch_size` answers are drawn at once. What is drawn depends on `seed`, the prompt and its place in its
    batch; the global random state is left alone.
    """
    at_once = max(1, batch_size // count)
    for start in range(0, len(prompts), at_once):
        ids = [encode_prompt(tokenizer, prompt) for prompt in prompts[start : start + at_once]]
        rounds = [min(batch_size, count - done) for done in range(0, count, batch_size)]
        drawn: list[list[Sampled]] = [[] for _ in ids]
        for turn, number in enumerate(rounds):
            answers = _generate(model, tokenizer, ids, number, decoding, _mix(seed, start, turn))
            for place, found in enumerate(drawn):
                found += answers[place * number : (place + 1) * number]
        yield from drawn


def greedy_answers(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[list[Message]],
    max_new_tokens: int,
    batch_size: int = 1,
    assistance: Mapping[str, Any] | None = None,
) -> list[Sampled]:
    """Give the greedy answer to each prompt; a batch of 1 keeps padding from changing a close call.

    `assistance` goes to `generate`: `assistant_model` or `prompt_lookup_num_tokens`, for batches of 1.
    """
    decoding = Decoding(max_new_tokens, temperature=0.0)
    answers: list[Sampled] = []
    for start in range(0, len(prompts), batch_size):
        ids = [encode_prompt(tokenizer, prompt) for prompt in prompts[start : start + batch_size]]
        answers += _generate(model, tokenizer, ids, 1, decoding, 0, assistance or {})
    return answers


def end_tokens(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Give every token that ends an answer: the tokenizer's and those the model declares."""
    declared = getattr(model, "generation_config", None)
    found = declared.eos_token_id if declared is not None else None
    ids = [found] if isinstance(found, int) else list(found or [])
    return sorted({*ids, int(tokenizer.eos_token_id)})


def _mix(*numbers: int) -> int:
    """Make one seed of several, so that neighbours do not share their draws."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def _generate(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[list[int]],
    count: int,
    decoding: Decoding,
    seed: int,
    assistance: Mapping[str, Any] = MappingProxyType({}),
) -> list[Sampled]:
    longest = max(map(len, prompts))
    pad = int(tokenizer.pad_token_id)
    ids = torch.tensor([[pad] * (longest - len(prompt)) + prompt for prompt in prompts])
    mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    ends = end_tokens(model, tokenizer)
    was_training = model.training
    model.train(mode=False)
    try:
        with torch.random.fork_rng(), torch.no_grad():
            torch.manual_seed(seed)
            made = model.generate(  # type: ignore[operator]
                input_ids=ids.to(model.device),
                attention_mask=mask.to(model.device),
                generation_config=_config(decoding, count, ends, pad),
                **assistance,
            )
    finally:
        model.train(mode=was_training)
    return [_cut(tokenizer, answer, set(ends)) for answer in made[:, longest:].tolist()]


def _config(decoding: Decoding, count: int, ends: list[int], pad: int) -> GenerationConfig:
    drawn = (
        {"do_sample": True, "temperature": decoding.temperature, "top_p": decoding.top_p}
        | {"top_k": decoding.top_k, "num_return_sequences": count}
        if decoding.temperature > 0
        else {"do_sample": False}
    )
    return GenerationConfig(  # type: ignore[no-untyped-call]
        max_new_tokens=decoding.max_new_tokens, eos_token_id=ends, pad_token_id=pad, **drawn
    )


def _cut(tokenizer: PreTrainedTokenizerBase, ids: list[int], ends: set[int]) -> Sampled:
    """Cut an answer behind its first end token: what follows is padding."""
    end = next((place for place, token in enumerate(ids) if token in ends), None)
    kept = ids if end is None else ids[: end + 1]
    return Sampled(kept, str(tokenizer.decode(kept, skip_special_tokens=True)).strip(), end is not None)
