"""Preference tuning without a reference model: ORPO and SimPO, on mean log-probabilities a token.

With a and b the mean log-probabilities of the chosen and the rejected answer:
orpo = -a - beta * log sigmoid(log odds(a) - log odds(b)), odds(x) = e^x / (1 - e^x). Source: Hong et al.
(2024), arXiv 2403.07691, eq. 6. simpo = -log sigmoid(beta * (a - b) - target_gap). Source: Meng et al.
(2024), arXiv 2405.14734, eq. 6.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from peft import get_peft_model
from torch.nn.functional import logsigmoid
from transformers import PreTrainedModel, PreTrainedTokenizerBase, Trainer, TrainingArguments, set_seed
from trl.trainer.dpo_trainer import DataCollatorForPreference

from training.adapters import lora_config, old_peft_names
from training.encoding import EncodedPair
from training.frozen_trunk import remember_frozen_layers
from training.kinds.dpo import judge_rewards
from training.loading import load_policy, load_tokenizer, save_model, to_device
from training.log_probs import IGNORED, answer_lengths, pair_log_probs, score_tokens
from training.loop import run_trainer, shared_arguments
from training.preparation import Prepared, prepare_pairs
from training.recipes import OrpoRecipe
from training.results import Outcome
from training.rows import PreferenceRow
from training.runs import Run
from training.shared_prompt import share_prompts
from training.weighting import StepFigures, WeightedPairs, carry_weights

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class PairTrainer(StepFigures, Trainer):
    """A plain trainer for a loss of two mean log-probabilities, shape (pairs,) each."""

    def __init__(self, *, pair_loss: Loss, **options: Any) -> None:
        super().__init__(**options)
        self._pair_loss = pair_loss

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,  # noqa: ARG002 - Trainer's signature
        num_items_in_batch: Any = None,  # noqa: ARG002
    ) -> torch.Tensor:
        """Give the mean loss of a batch [chosen..., rejected...]."""
        labels = inputs["input_ids"].masked_fill(inputs["completion_mask"] == 0, IGNORED)
        answers = score_tokens(
            model, labels, input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]
        )
        means = answers.log_probs.sum(dim=1) / answers.label_mask.sum(dim=1)
        chosen, rejected = means.chunk(2)
        self._metrics["train"]["rewards/margins"].append((chosen - rejected).detach().mean().item())
        return self._pair_loss(chosen, rejected).mean()


class WeightedPairTrainer(WeightedPairs, PairTrainer):
    """The plain pair trainer with row weights."""


def orpo_loss(chosen: torch.Tensor, rejected: torch.Tensor, beta: float) -> torch.Tensor:
    """Give -a - beta * log sigmoid(log odds ratio) of mean log-probabilities, shape (pairs,)."""
    log_odds = (chosen - rejected) - (_log_complement(chosen) - _log_complement(rejected))
    return -chosen - beta * logsigmoid(log_odds)


def simpo_loss(chosen: torch.Tensor, rejected: torch.Tensor, beta: float, target_gap: float) -> torch.Tensor:
    """Give -log sigmoid(beta * (a - b) - target_gap) of mean log-probabilities, shape (pairs,)."""
    return -logsigmoid(beta * (chosen - rejected) - target_gap)


def train(recipe: OrpoRecipe, run: Run[PreferenceRow]) -> Outcome:
    """Tune the policy, save it whole (adapters merged) and measure the held-out pairs one by one.

    The held-out reward is the mean log-probability a token, after (`test_`) and before (`before_`).
    """
    tokenizer = load_tokenizer(recipe.base)
    pairs = prepare_pairs(recipe, run, tokenizer)
    model = to_device(load_policy(recipe.base))
    share_prompts(model)
    remembered = remember_frozen_layers(recipe, model)
    run.progress.stage("reference")
    metrics = dict(pairs.metrics)
    before = _held_out(recipe, model, pairs, tokenizer.pad_token_id)
    metrics |= {name.replace("test_", "before_"): figure for name, figure in before.items()}
    trainer = _build_trainer(recipe, run, pairs, model, tokenizer)
    trainer.texts_apart = remembered
    trace = run_trainer(trainer, run)
    run.progress.stage("saving")
    adapted: Any = trainer.model
    merged = adapted.merge_and_unload()
    save_model(merged, tokenizer, run.model_folder)
    run.progress.stage("measuring")
    metrics |= _held_out(recipe, merged, pairs, tokenizer.pad_token_id)
    return Outcome(trace.steps, trace.first_loss, trace.last_loss, metrics, pairs.dropped_ids)


def _build_trainer(
    recipe: OrpoRecipe,
    run: Run[PreferenceRow],
    pairs: Prepared,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
) -> WeightedPairTrainer:
    set_seed(recipe.seed)  # adapters are new and random
    with old_peft_names():
        adapted = get_peft_model(model, lora_config(recipe.lora, model, task_type="CAUSAL_LM"))
    return WeightedPairTrainer(
        pair_loss=_loss(recipe),
        model=adapted,
        args=TrainingArguments(**shared_arguments(recipe, run)),
        train_dataset=_dataset(pairs.train, pairs.train_weights()),
        data_collator=carry_weights(DataCollatorForPreference(pad_token_id=tokenizer.pad_token_id)),
        processing_class=tokenizer,
    )


def _loss(recipe: OrpoRecipe) -> Loss:
    if recipe.loss == "orpo":
        return lambda chosen, rejected: orpo_loss(chosen, rejected, recipe.beta)
    return lambda chosen, rejected: simpo_loss(chosen, rejected, recipe.beta, recipe.target_gap)


def _dataset(pairs: Sequence[EncodedPair], weights: Sequence[float]) -> Dataset:
    return Dataset.from_list(
        [
            {
                "prompt_ids": pair.prompt_ids,
                "chosen_ids": pair.chosen_ids,
                "rejected_ids": pair.rejected_ids,
                "weight": weight,
            }
            for pair, weight in zip(pairs, weights, strict=True)
        ]
    )


def _held_out(
    recipe: OrpoRecipe, model: PreTrainedModel, pairs: Prepared, pad_token_id: int
) -> dict[str, Any]:
    if not pairs.test:
        return {}
    means = pair_log_probs(model, pairs.test, pad_token_id) / answer_lengths(pairs.test)
    return judge_rewards(np.asarray(means), pairs.test_questions, recipe.seed)


def _log_complement(log_chance: torch.Tensor) -> torch.Tensor:
    """Give log(1 - e^x), exact also where e^x is close to 1."""
    return torch.log(-torch.expm1(log_chance.clamp(max=-torch.finfo(log_chance.dtype).eps)))
