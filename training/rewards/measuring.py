"""Measure a policy by the rewards of its answers to held-out prompts, before and after."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from training.metrics import Interval, bootstrap_by_question
from training.recipes.rewarded import RewardedRecipe
from training.rewards.prompts import EncodedPrompt
from training.rewards.rewards import RewardSum
from training.sampling import Decoding, sample_answers

Floats = NDArray[np.float64]


def measure_policy(
    recipe: RewardedRecipe,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[EncodedPrompt],
    rewards: RewardSum,
) -> dict[str, Floats]:
    """Draw an answer to each prompt and give `reward` (their sum), each part, and `finished`, shape (n,)."""
    decoding = Decoding(max_new_tokens=recipe.max_new_tokens)
    drawn = [
        answer
        for [answer] in sample_answers(
            model,
            tokenizer,
            [prompt.row.prompt for prompt in prompts],
            1,
            decoding,
            recipe.seed,
            recipe.batch_size,
        )
    ]
    parts = rewards.parts([prompt.row for prompt in prompts], [answer.text for answer in drawn])
    finished = np.array([answer.finished for answer in drawn], dtype=np.float64)
    return {"reward": rewards.total(parts), **parts, "finished": finished}


def compare_policies(
    before: dict[str, Floats], after: dict[str, Floats], prompts: Sequence[EncodedPrompt], seed: int
) -> dict[str, Interval]:
    """Give `before_NAME`, `test_NAME` and the gain in reward by prompt, with intervals by question."""
    rng = np.random.default_rng(seed)
    questions = [prompt.row.question_id for prompt in prompts]
    figures = {f"before_{name}": values for name, values in before.items()}
    figures |= {f"test_{name}": values for name, values in after.items()}
    figures["test_gain"] = after["reward"] - before["reward"]
    return {name: bootstrap_by_question(values, questions, rng) for name, values in figures.items()}
