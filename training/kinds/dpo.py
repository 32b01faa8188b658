"""Direct preference optimisation of a policy, by TRL's DPOTrainer.

Loss (sigmoid): -log sigmoid(beta * [(log p - log p_ref)(chosen) - (log p - log p_ref)(rejected)]). Source:
Rafailov et al. (2023), arXiv 2305.18290; ipo: Azar et al. (2023), arXiv 2310.12036; robust: Chowdhury et al.
(2024), arXiv 2403.00409. At the start policy and reference agree, so the margin is 0 and the loss known.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from datasets import Dataset
from numpy.typing import NDArray
from transformers import (
    PreTrainedModel,
    PreTrainedTokenizerBase,
    TrainerCallback,
    TrainerControl,
    TrainerState,
)
from trl import DPOConfig, DPOTrainer
from trl.trainer.dpo_trainer import DataCollatorForPreference

from training.adapters import lora_config, old_peft_names
from training.encoding import EncodedPair
from training.errors import DivergedError
from training.evaluation.scores import write_scores
from training.frozen_trunk import remember_frozen_layers
from training.loading import load_policy, load_tokenizer, save_model, to_device
from training.log_probs import pair_log_probs, use_answer_head
from training.loop import run_trainer, trainer_arguments
from training.metrics import judge_pairs
from training.preparation import Prepared, prepare_pairs
from training.recipes import DpoRecipe
from training.results import Outcome
from training.rows import PreferenceRow
from training.runs import Run
from training.shared_prompt import share_prompts
from training.weighting import WeightedPairs, carry_weights, measured_noise

Floats = NDArray[np.float64]

_LOSS_AT_START: dict[str, Callable[[float], float]] = {
    "sigmoid": lambda _beta: math.log(2),
    "sigmoid_norm": lambda _beta: math.log(2),
    "robust": lambda _beta: math.log(2),
    "hinge": lambda _beta: 1.0,
    "ipo": lambda beta: 1 / (2 * beta) ** 2,
}
_TOLERANCE = 5e-3


class WeightedDPOTrainer(WeightedPairs, DPOTrainer):  # type: ignore[misc]
    """TRL's DPO trainer with row weights, for rows that are encoded and bring their reference."""

    def _prepare_dataset(self, dataset: Dataset, *_: Any) -> Dataset:
        return dataset  # encoded and guarded by `preparation`: TRL would drop and cut without a word

    def _precompute_ref_logps(self, dataset: Dataset, *_: Any) -> Dataset:
        return dataset  # computed by `train`, for both sides of the split at once


def train(recipe: DpoRecipe, run: Run[PreferenceRow]) -> Outcome:
    """Tune the policy, save it whole (adapters merged) and measure the held-out pairs one by one."""
    tokenizer = load_tokenizer(recipe.base)
    pairs = prepare_pairs(recipe, run, tokenizer)
    model = to_device(load_policy(recipe.base))
    share_prompts(model)
    remembered = not recipe.full and remember_frozen_layers(recipe, model)
    run.progress.stage("reference")
    train_reference = pair_log_probs(model, pairs.train, tokenizer.pad_token_id)
    test_reference = pair_log_probs(model, pairs.test, tokenizer.pad_token_id)
    trainer = _build_trainer(recipe, run, pairs, train_reference, model, tokenizer)
    trainer.texts_apart = remembered
    trace = run_trainer(trainer, run)
    run.progress.stage("saving")
    tuned = trainer.model if recipe.full else trainer.model.merge_and_unload()
    save_model(tuned, tokenizer, run.model_folder)
    metrics = dict(pairs.metrics)
    if pairs.test:
        run.progress.stage("measuring")
        policy = pair_log_probs(tuned, pairs.test, tokenizer.pad_token_id)
        rewards = recipe.beta * (policy - test_reference)
        write_scores(run.folder, [pair.row for pair in pairs.test], rewards[:, 0], rewards[:, 1])
        metrics |= judge_rewards(rewards, pairs.test_questions, recipe.seed)
    return Outcome(trace.steps, trace.first_loss, trace.last_loss, metrics, pairs.dropped_ids)


def judge_rewards(rewards: Floats, questions: Sequence[str], seed: int) -> dict[str, Any]:
    """Give `test_accuracy` and `test_margin` of rewards (n, 2) of chosen and rejected, with intervals."""
    figures = judge_pairs(rewards[:, 0], rewards[:, 1], questions, np.random.default_rng(seed))
    return {f"test_{name}": figure for name, figure in figures.items()}


def _build_trainer(
    recipe: DpoRecipe,
    run: Run[PreferenceRow],
    pairs: Prepared,
    reference: Floats,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
) -> DPOTrainer:
    smoothing, weights = _trust(recipe, run, pairs)
    with old_peft_names():
        trainer = WeightedDPOTrainer(
            model=model,
            args=DPOConfig(
                beta=recipe.beta,
                loss_type=[recipe.loss],
                label_smoothing=smoothing,
                precompute_ref_log_probs=recipe.full,  # else TRL would load a second model as the reference
                **trainer_arguments(recipe, run),
            ),
            train_dataset=_dataset(pairs.train, reference, weights),
            data_collator=carry_weights(DataCollatorForPreference(pad_token_id=tokenizer.pad_token_id)),
            processing_class=tokenizer,
            peft_config=None if recipe.full else lora_config(recipe.lora, model, task_type="CAUSAL_LM"),
        )
    trainer.precompute_ref_logps = True
    if model.device.type == "cpu":
        use_answer_head(trainer.model if recipe.full else trainer.model.get_base_model())
    trainer.add_callback(StartCheck(_LOSS_AT_START[recipe.loss](recipe.beta)))
    return trainer


def _trust(recipe: DpoRecipe, run: Run[PreferenceRow], pairs: Prepared) -> tuple[float, list[float]]:
    """Give the share of wrong labels the loss assumes, and the weight of each train pair."""
    weights = pairs.train_weights()
    if not recipe.measured_noise:
        return recipe.label_smoothing, weights
    noise = measured_noise([pair.row for pair in pairs.train])
    run.progress.stage("measured", label_smoothing=noise)
    return noise, [1.0 if weight else 0.0 for weight in weights]


def _dataset(pairs: Sequence[EncodedPair], reference: Floats, weights: Sequence[float]) -> Dataset:
    return Dataset.from_list(
        [
            {
                "prompt_ids": pair.prompt_ids,
                "chosen_ids": pair.chosen_ids,
                "rejected_ids": pair.rejected_ids,
                "ref_chosen_logps": float(chosen),
                "ref_rejected_logps": float(rejected),
                "weight": weight,
            }
            for pair, (chosen, rejected), weight in zip(pairs, reference, weights, strict=True)
        ]
    )


class StartCheck(TrainerCallback):
    """Stop a run whose policy does not start where its reference is: then the reference is the wrong one."""

    def __init__(self, expected_loss: float) -> None:
        self._expected = expected_loss

    def on_log(
        self,
        args: Any,  # noqa: ARG002 - the callback's signature
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        logs: dict[str, float] | None = None,
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        """Check the loss and the margin of step 1. Raises DivergedError."""
        if state.global_step != 1 or not logs or "pair_loss" not in logs:
            return
        loss, margin = logs["pair_loss"], logs.get("rewards/margins", 0.0)
        # A relative tolerance: ipo starts at 1 / (2 beta)^2, far from 1. NaN fails too.
        if not (abs(loss / self._expected - 1) < _TOLERANCE and abs(margin) < _TOLERANCE):
            raise DivergedError(
                f"step 1: loss {loss:.5f} and margin {margin:.5f}, must be {self._expected:.5f} and 0; "
                "the reference is not the policy's own start"
            )
