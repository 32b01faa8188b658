"""Run the steps of PPO: prompts in turn, checkpoints, a clean stop, and the tuned policy at the end."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from training.adapters import lora_config
from training.errors import DivergedError, InterruptedRun
from training.kinds.ppo.actor_critic import ActorCritic
from training.kinds.ppo.checkpoints import Progress, load_checkpoint, save_checkpoint
from training.kinds.ppo.kl_price import KlPrice
from training.kinds.ppo.learner import Learner, Score, Settings
from training.kinds.ppo.sampler import Rollout, Sampler
from training.loading import load_policy, load_tokenizer, save_model, to_device
from training.recipes import PpoRecipe
from training.results import Outcome
from training.rewards import RewardSum, build_rewards
from training.rewards.measuring import compare_policies, measure_policy
from training.rewards.prompts import (
    EncodedPrompt,
    PreparedPrompts,
    count_steps,
    prepare_prompts,
    prompts_of_step,
)
from training.rows import PromptRow
from training.runs import Run
from training.sampling import end_tokens
from training.stop_signal import stop_signal


def fit(recipe: PpoRecipe, run: Run[PromptRow]) -> Outcome:
    """Tune the policy, save it whole (adapters merged) and measure rewards on held-out prompts."""
    tokenizer = load_tokenizer(recipe.base)
    prompts = prepare_prompts(recipe, run, tokenizer)
    rewards = build_rewards(recipe)
    base = to_device(load_policy(recipe.base))
    before = {}
    if prompts.test:
        run.progress.stage("measuring the base")
        before = measure_policy(recipe, base, tokenizer, prompts.test, rewards)
    learner = _build_learner(recipe, base, tokenizer, prompts, rewards)
    done = _learn(recipe, run, learner, prompts)
    run.progress.stage("saving")
    tuned = learner.models.merge()
    save_model(tuned, tokenizer, run.model_folder)
    metrics = {}
    if prompts.test:
        run.progress.stage("measuring")
        after = measure_policy(recipe, tuned, tokenizer, prompts.test, rewards)
        metrics = compare_policies(before, after, prompts.test, recipe.seed)
    return Outcome(done.step, done.losses[0], done.losses[-1], metrics, prompts.dropped_ids)


@dataclass(frozen=True)
class Scorer:
    """Turn rollouts into rewards: their text by the recipe's rewards, less a penalty where it has no end."""

    tokenizer: PreTrainedTokenizerBase
    prompts: Sequence[EncodedPrompt]
    rewards: RewardSum
    unfinished_penalty: float

    def __call__(self, rollouts: Sequence[Rollout]) -> list[float]:
        """Give one reward a rollout."""
        texts = [str(self.tokenizer.decode(one.answer_ids, skip_special_tokens=True)) for one in rollouts]
        rows = [self.prompts[one.prompt].row for one in rollouts]
        totals = self.rewards(rows, [text.strip() for text in texts])
        return [
            float(total) - (0.0 if one.finished else self.unfinished_penalty)
            for one, total in zip(rollouts, totals, strict=True)
        ]


def _build_learner(
    recipe: PpoRecipe,
    base: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: PreparedPrompts,
    rewards: RewardSum,
) -> Learner:
    if recipe.gradient_checkpointing:
        base.enable_input_require_grads()  # type: ignore[no-untyped-call]
        base.gradient_checkpointing_enable({"use_reentrant": False})  # type: ignore[no-untyped-call]
    pad = int(tokenizer.pad_token_id)
    ends = tuple(end_tokens(base, tokenizer))
    score: Score = Scorer(tokenizer, prompts.train, rewards, recipe.unfinished_penalty)
    return Learner(
        ActorCritic(base, lora_config(recipe.lora, base, task_type="CAUSAL_LM"), recipe.seed),
        Sampler(recipe.max_new_tokens, ends, pad, recipe.batch_size),
        score,
        KlPrice(recipe.beta, recipe.target_kl, recipe.kl_horizon),
        Settings(
            learning_rate=recipe.learning_rate,
            batch_size=recipe.batch_size,
            passes=recipe.passes,
            clip=recipe.clip,
            value_clip=recipe.value_clip,
            value_weight=recipe.value_weight,
            discount=recipe.discount,
            trace_decay=recipe.trace_decay,
        ),
    )


def _learn(recipe: PpoRecipe, run: Run[Any], learner: Learner, prompts: PreparedPrompts) -> Progress:
    """Do the steps that are left. Raises InterruptedRun after SIGTERM and its checkpoint, DivergedError."""
    parameters, weights = learner.models.trainable(), prompts.train_weights()
    found = load_checkpoint(run.checkpoints, parameters, learner.optimizer)
    name, done = found or ("", Progress(price=learner.price.value))
    learner.price.value = done.price
    run.progress.stage("training", resumed_from=name)
    total, started = count_steps(recipe, len(prompts.train)), time.monotonic()
    with stop_signal() as stop:
        while done.step < total:
            asked = prompts_of_step(recipe, done.step, len(prompts.train))
            chosen = [number for number in asked for _ in range(recipe.generations)]
            figures = learner.step(
                [(number, prompts.train[number].ids) for number in chosen],
                [weights[number] for number in chosen],
                seed=_seed(recipe.seed, done.step),
                rate=1 - done.step / total,
            )
            done = Progress(done.step + 1, learner.price.value, [*done.losses[:1], figures.loss])
            run.progress.step(
                done.step,
                total,
                figures.loss,
                time.monotonic() - started,
                reward=figures.reward,
                kl=figures.distance,
                price=figures.price,
                finished=figures.finished,
                tokens=figures.tokens,
            )
            if not (math.isfinite(figures.loss) and math.isfinite(figures.distance)):
                raise DivergedError(f"step {done.step}: loss {figures.loss}; lower the learning rate")
            if stop.is_set() or done.step % recipe.save_steps == 0 or done.step == total:
                save_checkpoint(run.checkpoints, parameters, learner.optimizer, done)
            if stop.is_set() and done.step < total:
                _stop(run, done.step, total)
    return done


def _stop(run: Run[Any], step: int, total: int) -> NoReturn:
    name = f"checkpoint-{step}"
    run.progress.stage("stopped", checkpoint=name)
    raise InterruptedRun(
        f"{run.folder}: stopped before step {total} with {name}; run the same command again to go on"
    )


def _seed(seed: int, step: int) -> int:
    return int(np.random.SeedSequence([seed, step]).generate_state(1)[0])
