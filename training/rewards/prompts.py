"""From prompt rows to prompts a policy may answer: encoded, measured, guarded, and shown."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from transformers import PreTrainedTokenizerBase

from training.encoding import encode_prompt
from training.encoding_checks import check_template
from training.errors import LengthError, ModelError, RowsError
from training.preparation import SAMPLES_FILE
from training.recipes.rewarded import RewardedRecipe
from training.rows import PromptRow
from training.runs import Run

SAMPLES = 3


@dataclass(frozen=True)
class EncodedPrompt:
    """Hold a prompt row and its token ids up to where the answer begins."""

    row: PromptRow
    ids: list[int]


@dataclass(frozen=True)
class PreparedPrompts:
    """Hold guarded prompts, and the ids of rows too long for the recipe."""

    train: list[EncodedPrompt]
    test: list[EncodedPrompt]
    dropped_ids: list[str]

    def train_weights(self) -> list[float]:
        """Give the train prompts' weights scaled to a mean of 1."""
        weights = np.array([prompt.row.weight for prompt in self.train])
        return [float(weight) for weight in weights / weights.mean()]


def prepare_prompts(
    recipe: RewardedRecipe, run: Run[PromptRow], tokenizer: PreTrainedTokenizerBase
) -> PreparedPrompts:
    """Encode and guard the run's prompts and write decoded samples to RUN/samples.json.

    Train rows of weight 0 are left out. Raises LengthError where too many leave no room for an answer,
    ModelError where the template is at fault, RowsError where nothing is left.
    """
    check_template(tokenizer)
    wanted = [row for row in run.train_rows if row.weight]
    if not wanted:
        raise RowsError("all train rows have weight 0")
    train, dropped = _fitting(recipe, tokenizer, wanted)
    test, dropped_test = _fitting(recipe, tokenizer, run.test_rows)
    samples = [
        {"id": prompt.row.id, "prompt": str(tokenizer.decode(prompt.ids))} for prompt in train[:SAMPLES]
    ]
    text = json.dumps(samples, ensure_ascii=False, indent=2)
    (run.folder / SAMPLES_FILE).write_text(text + "\n", encoding="utf-8")
    median = int(np.median([len(prompt.ids) for prompt in train]))
    dropped += dropped_test
    run.progress.stage("prepared", dropped=len(dropped), median_tokens=median)
    return PreparedPrompts(train, test, dropped)


def count_steps(recipe: RewardedRecipe, prompts: int) -> int:
    """Give the number of steps: `max_steps`, or as many as `epochs` over the prompts take."""
    if recipe.max_steps is not None:
        return recipe.max_steps
    answers = (recipe.epochs or 1.0) * prompts * recipe.generations
    return max(1, math.ceil(answers / recipe.answers_per_step))


def prompts_of_step(recipe: RewardedRecipe, step: int, prompts: int) -> list[int]:
    """Give the numbers of the prompts of a step (from 0): all in a new order every round, by the seed.

    Nothing else decides, so a run that goes on asks what it would have asked.
    """
    at_once = recipe.answers_per_step // recipe.generations
    places = range(step * at_once, (step + 1) * at_once)
    orders = {
        turn: np.random.default_rng([recipe.seed, turn]).permutation(prompts)
        for turn in {place // prompts for place in places}
    }
    return [int(orders[place // prompts][place % prompts]) for place in places]


def _fitting(
    recipe: RewardedRecipe, tokenizer: PreTrainedTokenizerBase, rows: Sequence[PromptRow]
) -> tuple[list[EncodedPrompt], list[str]]:
    """Leave out prompts without room for an answer, and say which."""
    room = recipe.max_length - recipe.max_new_tokens
    prompts = [EncodedPrompt(row, encode_prompt(tokenizer, row.prompt)) for row in rows]
    kept = [prompt for prompt in prompts if len(prompt.ids) <= room]
    dropped = [prompt.row.id for prompt in prompts if len(prompt.ids) > room]
    if rows and (not kept or len(dropped) / len(rows) > recipe.max_dropped_share):
        raise LengthError(
            f"{len(dropped)} of {len(rows)} prompts are longer than {room} tokens (max_length less "
            f"max_new_tokens; such as {', '.join(dropped[:3])}): raise max_length or shorten the prompts"
        )
    beginning = tokenizer.bos_token_id
    for prompt in kept:
        if beginning is not None and prompt.ids[:2] == [beginning, beginning]:
            raise ModelError(
                f"row {prompt.row.id!r}: the text begins with {tokenizer.bos_token} twice; "
                "fix the chat template"
            )
    return kept, dropped
