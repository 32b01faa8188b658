"""Readings of a model before and after: loss, greedy answers, speed."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from training.encoding import EncodedText
from training.kinds.quantize.conversion import Int8Engine
from training.metrics import Interval, bootstrap_by_question
from training.rows import DemonstrationRow
from training.sampling import greedy_answers
from training.text_losses import TextLosses, text_losses


@dataclass(frozen=True)
class Reading:
    """Hold the losses on completions, the greedy answers to the prompts and the seconds each took, (n,)."""

    losses: TextLosses
    answers: list[list[int]]
    seconds: list[float]

    @property
    def tokens_per_second(self) -> float:
        """Give the speed of greedy decoding, one prompt at a time, reading the prompt included."""
        return sum(map(len, self.answers)) / sum(self.seconds)


def read_model(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[EncodedText],
    max_new_tokens: int,
    assistance: dict[str, object] | None = None,
    losses: TextLosses | None = None,
) -> Reading:
    """Read a transformers model; `assistance` is for speculative decoding, `losses` are known already."""

    def answer(text: EncodedText) -> list[int]:
        [made] = greedy_answers(model, tokenizer, [_prompt(text)], max_new_tokens, assistance=assistance)
        return made.ids

    answers, seconds = _timed(answer, texts)
    return Reading(losses or text_losses(model, texts), answers, seconds)


def read_engine(engine: Int8Engine, texts: Sequence[EncodedText], max_new_tokens: int) -> Reading:
    """Read a converted model."""
    ends = [int(engine.tokenizer.eos_token_id)]
    answers, seconds = _timed(lambda text: engine.greedy(text.prompt_ids, max_new_tokens, ends), texts)
    lengths = np.array([len(text.answer_ids) for text in texts], dtype=np.float64)
    questions = [text.row.question_id for text in texts]
    return Reading(TextLosses(np.array(engine.nats(texts)), lengths, questions), answers, seconds)


def compare(
    base: Reading, full: Reading, small: Reading, base_megabytes: float, small_megabytes: float
) -> dict[str, Interval]:
    """Give the figures `training.kinds.quantize` names."""
    questions = base.losses.questions
    rng = np.random.default_rng(0)
    same = [ours == theirs for ours, theirs in zip(small.answers, base.answers, strict=True)]
    return {
        "megabytes_base": _plain(base_megabytes),
        "megabytes_int8": _plain(small_megabytes),
        "loss_base": base.losses.interval(0),
        "loss_int8": small.losses.interval(0),
        "full_change": full.losses.change_since(base.losses, 0),
        "loss_change": small.losses.change_since(base.losses, 0),
        "perplexity_base": _plain(math.exp(base.losses.mean)),
        "perplexity_int8": _plain(math.exp(small.losses.mean)),
        "same_answers": bootstrap_by_question(np.array(same, dtype=float), questions, rng),
        "same_tokens": bootstrap_by_question(same_prefix(small.answers, base.answers), questions, rng),
        "tokens_per_second_base": _plain(base.tokens_per_second),
        "tokens_per_second_full": _plain(full.tokens_per_second),
        "tokens_per_second_int8": _plain(small.tokens_per_second),
    }


def same_prefix(ours: Sequence[Sequence[int]], theirs: Sequence[Sequence[int]]) -> list[float]:
    """Give for each pair of answers the share of tokens before the first that differs."""
    shares = []
    for one, other in zip(ours, theirs, strict=True):
        longest = max(len(one), len(other), 1)
        apart = (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
        shares.append(next(apart, min(len(one), len(other))) / longest)
    return shares


def _timed(
    answer: Callable[[EncodedText], list[int]], texts: Sequence[EncodedText]
) -> tuple[list[list[int]], list[float]]:
    answer(texts[0])  # the first call prepares things that later ones find ready
    answers, seconds = [], []
    for text in texts:
        started = time.perf_counter()
        answers.append(answer(text))
        seconds.append(time.perf_counter() - started)
    return answers, seconds


def _prompt(text: EncodedText) -> list[dict[str, str]]:
    row = text.row
    return row.prompt if isinstance(row, DemonstrationRow) else []


def _plain(value: float) -> Interval:
    return Interval(value, math.nan, math.nan, 1)
