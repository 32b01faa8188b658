"""Group relative policy optimisation by rewards of the policy's own answers, by TRL's GRPOTrainer.

The advantage of an answer is its reward less the mean of the answers to the same prompt, over their
deviation. Source: Shao et al. (2024), arXiv 2402.03300; the loss `dapo`: Yu et al. (2025), arXiv 2503.14476.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from datasets import Dataset
from numpy.typing import NDArray
from transformers import PreTrainedModel
from trl import GRPOConfig, GRPOTrainer

from training.adapters import lora_config, old_peft_names
from training.loading import load_policy, load_tokenizer, save_model, to_device
from training.loop import run_trainer, shared_arguments
from training.recipes import GrpoRecipe, RlooRecipe
from training.results import Outcome
from training.rewards import RewardSum, build_rewards
from training.rewards.measuring import compare_policies, measure_policy
from training.rewards.prompts import PreparedPrompts, count_steps, prepare_prompts, prompts_of_step
from training.rows import PromptRow
from training.runs import Run

Build = Callable[..., Any]
"""Make a TRL trainer of `model`, `reward_funcs`, `train_dataset`, `processing_class`, `peft_config`."""


class WeightedAnswers:
    """Scale the advantages of each answer by its prompt's weight. A mixin before a TRL online trainer."""

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        scored: dict[str, Any] = super()._generate_and_score_completions(inputs)  # type: ignore[misc]
        advantages: torch.Tensor = scored["advantages"]
        weights = torch.tensor([row["weight"] for row in inputs], device=advantages.device)
        scored["advantages"] = advantages * (weights if advantages.dim() == 1 else weights[:, None])
        return scored


class WeightedGRPOTrainer(WeightedAnswers, GRPOTrainer):  # type: ignore[misc]
    """TRL's GRPO trainer with row weights."""


def train(recipe: GrpoRecipe, run: Run[PromptRow]) -> Outcome:
    """Tune the policy, save it whole (adapters merged) and measure rewards on held-out prompts."""

    def build(**parts: Any) -> GRPOTrainer:
        arguments = online_arguments(recipe, run)
        return WeightedGRPOTrainer(args=GRPOConfig(loss_type=recipe.loss, **arguments), **parts)

    return tune(recipe, run, build)


def tune(recipe: GrpoRecipe | RlooRecipe, run: Run[PromptRow], build: Build) -> Outcome:
    """Tune a policy with the trainer that `build` makes; GRPO and RLOO differ in nothing else."""
    tokenizer = load_tokenizer(recipe.base)
    prompts = prepare_prompts(recipe, run, tokenizer)
    rewards = build_rewards(recipe)
    model = to_device(load_policy(recipe.base))
    before: dict[str, Any] = {}
    if prompts.test:
        run.progress.stage("measuring the base")
        before = measure_policy(recipe, model, tokenizer, prompts.test, rewards)
    with old_peft_names():
        trainer = build(
            model=model,
            reward_funcs=[_named(rewards, prompts)],
            train_dataset=_dataset(recipe, prompts),
            processing_class=tokenizer,
            peft_config=lora_config(recipe.lora, model, task_type="CAUSAL_LM"),
        )
        trace = run_trainer(trainer, run)  # TRL reads the old names at every generation, too
    run.progress.stage("saving")
    merged: PreTrainedModel = trainer.model.merge_and_unload()
    save_model(merged, tokenizer, run.model_folder)
    metrics = {}
    if prompts.test:
        run.progress.stage("measuring")
        after = measure_policy(recipe, merged, tokenizer, prompts.test, rewards)
        metrics = compare_policies(before, after, prompts.test, recipe.seed)
    return Outcome(trace.steps, trace.first_loss, trace.last_loss, metrics, prompts.dropped_ids)


def online_arguments(recipe: GrpoRecipe | RlooRecipe, run: Run[PromptRow]) -> dict[str, Any]:
    """Give the arguments TRL's online trainers share."""
    return {
        **shared_arguments(recipe, run),
        "disable_dropout": False,
        "num_generations": recipe.generations,
        "max_completion_length": recipe.max_new_tokens,
        "temperature": recipe.temperature,
        "top_p": 1.0,
        "top_k": 0,
        "beta": recipe.beta,
        "shuffle_dataset": False,  # the rows come in their order, all rounds of them
        "num_train_epochs": 1,
    }


def _dataset(recipe: GrpoRecipe | RlooRecipe, prompts: PreparedPrompts) -> Dataset:
    """Lay out the prompts of all steps in their order.

    TRL's own shuffling begins anew when a run is resumed in a later round, which would end elsewhere.
    """
    count, weights = len(prompts.train), prompts.train_weights()
    steps = range(count_steps(recipe, count))
    return Dataset.from_list(
        [
            {"prompt": prompts.train[number].row.prompt, "number": number, "weight": weights[number]}
            for step in steps
            for number in prompts_of_step(recipe, step, count)
        ]
    )


def _named(rewards: RewardSum, prompts: PreparedPrompts) -> Callable[..., list[float]]:
    """Give TRL one reward function; the parts are logged beside their sum."""

    def total(
        completions: Sequence[list[dict[str, str]]],
        number: Sequence[int],
        log_metric: Callable[[str, float], None] | None = None,
        **_: Any,
    ) -> list[float]:
        rows = [prompts.train[one].row for one in number]
        parts = rewards.parts(rows, [completion[-1]["content"].strip() for completion in completions])
        for name, values in parts.items():
            if log_metric is not None:
                log_metric(f"reward_{name}", float(values.mean()))
        summed: NDArray[Any] = rewards.total(parts)
        return [float(value) for value in summed]

    return total
