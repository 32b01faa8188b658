"""Speculative decoding: guess several tokens, let the model check them at once, keep what it would have said.

Greedy answers must be the same with and without; only the speed may differ. Source: Leviathan et al. (2022),
arXiv 2211.17192; prompt lookup guesses from the prompt's own text.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from training.encoding import EncodedText
from training.errors import ModelError
from training.kinds.quantize.measuring import Reading, read_model
from training.loading import load_policy, load_tokenizer, to_device
from training.metrics import Interval, bootstrap_by_question
from training.recipes import QuantizeRecipe


def measure_speculation(
    recipe: QuantizeRecipe,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[EncodedText],
    base: Reading,
) -> dict[str, Interval]:
    """Try each way the recipe names: `_same_answers` (1 is demanded) and `_speed_up` over plain decoding.

    Raises ModelError where the draft has another vocabulary.
    """
    ways: dict[str, dict[str, object]] = {}
    if recipe.prompt_lookup is not None:
        ways["lookup"] = {"prompt_lookup_num_tokens": recipe.prompt_lookup}
    if recipe.draft is not None:
        ways["draft"] = {"assistant_model": _load_draft(recipe.draft, tokenizer)}
    figures: dict[str, Interval] = {}
    for name, assistance in ways.items():
        read = read_model(model, tokenizer, texts, recipe.max_new_tokens, assistance, base.losses)
        same = [ours == theirs for ours, theirs in zip(read.answers, base.answers, strict=True)]
        speed_up = read.tokens_per_second / base.tokens_per_second
        rng = np.random.default_rng(recipe.seed)
        figures[f"{name}_same_answers"] = bootstrap_by_question(
            np.array(same, dtype=float), base.losses.questions, rng
        )
        figures[f"{name}_speed_up"] = Interval(speed_up, math.nan, math.nan, len(same))
    return figures


def _load_draft(folder: Path, tokenizer: PreTrainedTokenizerBase) -> PreTrainedModel:
    if load_tokenizer(folder).get_vocab() != tokenizer.get_vocab():
        raise ModelError(f"{folder}: another vocabulary than the base's; a draft needs the same")
    draft = to_device(load_policy(folder))
    draft.train(mode=False)
    return draft
