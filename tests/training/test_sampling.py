"""Sampling: seeds decide what is drawn, padding and batches change nothing, answers end at the end token."""

from pathlib import Path

import pytest
import torch

from training.encoding import encode_prompt
from training.loading import load_policy, load_tokenizer
from training.sampling import Decoding, end_tokens, greedy_answers, sample_answers

pytestmark = pytest.mark.models
PROMPTS = [
    [{"role": "user", "content": text}]
    for text in ("Hi", "What colour is house 7, and what is beside it?", "Why?")
]


def test_seed_decides_and_the_global_state_is_left_alone(tiny_folder: Path) -> None:
    model, tokenizer = load_policy(tiny_folder), load_tokenizer(tiny_folder)
    state = torch.get_rng_state()
    first, again, other = (
        list(sample_answers(model, tokenizer, PROMPTS, 2, Decoding(6), seed, batch_size=4))
        for seed in (1, 1, 2)
    )
    assert torch.equal(state, torch.get_rng_state())
    assert first == again != other
    assert [len(answers) for answers in first] == [2, 2, 2]
    assert first[0][0].ids != first[0][1].ids


def test_more_answers_than_a_batch_holds(tiny_folder: Path) -> None:
    model, tokenizer = load_policy(tiny_folder), load_tokenizer(tiny_folder)
    [answers] = sample_answers(model, tokenizer, PROMPTS[:1], 5, Decoding(4), 0, batch_size=2)
    assert len({tuple(answer.ids) for answer in answers}) == 5


def test_greedy_answers_equal_the_models_own_argmax(tiny_folder: Path) -> None:
    model, tokenizer = load_policy(tiny_folder), load_tokenizer(tiny_folder)
    answers = greedy_answers(model, tokenizer, PROMPTS, 5, batch_size=3)
    assert answers == greedy_answers(model, tokenizer, PROMPTS, 5)  # padding changes nothing
    for prompt, answer in zip(PROMPTS, answers, strict=True):
        ids = encode_prompt(tokenizer, prompt)
        for token in answer.ids:
            assert model(torch.tensor([ids])).logits[0, -1].argmax() == token
            ids.append(token)


def test_answers_end_at_any_end_token(tiny_folder: Path) -> None:
    model, tokenizer = load_policy(tiny_folder), load_tokenizer(tiny_folder)
    [plain] = greedy_answers(model, tokenizer, PROMPTS[:1], 5)
    assert not plain.finished
    second = plain.ids[1]
    model.generation_config.eos_token_id = [second]
    assert end_tokens(model, tokenizer) == sorted({second, tokenizer.eos_token_id})
    [ended] = greedy_answers(model, tokenizer, PROMPTS[:1], 5)
    assert ended.finished
    assert ended.ids == plain.ids[: plain.ids.index(second) + 1]
