"""Kahneman-Tversky optimisation of a policy on good and bad answers, by TRL's KTOTrainer.

Loss: 1 - sigmoid(beta * (r - z)) for a good answer, 1 - sigmoid(beta * (z - r)) for a bad one, with
r = log p - log p_ref and z the mean of r over mismatched answers of the batch, at least 0. Source:
Ethayarajh et al. (2024), arXiv 2402.01306. At the start r = z = 0 and the loss is 1/2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from trl import KTOConfig, KTOTrainer
from trl.trainer.kto_trainer import DataCollatorForUnpairedPreference

from training.adapters import lora_config, old_peft_names
from training.encoding import EncodedPair
from training.frozen_trunk import remember_frozen_layers
from training.kinds.dpo import StartCheck, judge_rewards
from training.loading import load_policy, load_tokenizer, save_model, to_device
from training.log_probs import answer_log_probs, pair_log_probs, use_answer_head
from training.loop import run_trainer, trainer_arguments
from training.preparation import Prepared, prepare_pairs
from training.recipes import KtoRecipe
from training.results import Outcome
from training.rows import PreferenceRow
from training.runs import Run
from training.weighting import carry_weights


@dataclass(frozen=True)
class MarkedAnswer:
    """Hold a prompt and an answer as token ids, whether it is good, and its row's weight."""

    prompt_ids: list[int]
    answer_ids: list[int]
    is_good: bool
    weight: float


class WeightedKTOTrainer(KTOTrainer):  # type: ignore[misc]
    """TRL's KTO trainer with row weights, for answers that are encoded and bring their reference."""

    def _prepare_dataset(self, dataset: Dataset, *_: Any) -> Dataset:
        return dataset  # encoded, guarded, taken apart and shuffled here: TRL would not shuffle

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Give the weighted mean loss of a batch; TRL's own weights of the two sides may be tensors."""
        weights, good = inputs.pop("weight"), inputs["label"].bool()
        self.desirable_weight = weights[good] * self.args.desirable_weight
        self.undesirable_weight = weights[~good] * self.args.undesirable_weight
        loss = super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        total = self.desirable_weight.sum() + self.undesirable_weight.sum()
        self._metrics["train"]["pair_loss"].append(
            loss.item() * len(weights) / max(total.item(), torch.finfo().tiny)
        )
        return loss


def train(recipe: KtoRecipe, run: Run[PreferenceRow]) -> Outcome:
    """Tune the policy, save it whole (adapters merged) and measure the held-out pairs one by one."""
    tokenizer = load_tokenizer(recipe.base)
    pairs = prepare_pairs(recipe, run, tokenizer)
    model = to_device(load_policy(recipe.base))
    remember_frozen_layers(recipe, model)
    run.progress.stage("reference")
    test_reference = pair_log_probs(model, pairs.test, tokenizer.pad_token_id)
    trainer = _build_trainer(recipe, run, pairs, model, tokenizer)
    trace = run_trainer(trainer, run)
    run.progress.stage("saving")
    merged = trainer.model.merge_and_unload()
    save_model(merged, tokenizer, run.model_folder)
    metrics = dict(pairs.metrics)
    if pairs.test:
        run.progress.stage("measuring")
        policy = pair_log_probs(merged, pairs.test, tokenizer.pad_token_id)
        metrics |= judge_rewards(recipe.beta * (policy - test_reference), pairs.test_questions, recipe.seed)
    return Outcome(trace.steps, trace.first_loss, trace.last_loss, metrics, pairs.dropped_ids)


def take_apart(
    pairs: Sequence[EncodedPair], weights: Sequence[float], rng: np.random.Generator
) -> list[MarkedAnswer]:
    """Give both answers of every pair, shuffled: good and bad in turn, neighbours of different pairs."""
    order = rng.permutation(len(pairs))
    answers: list[MarkedAnswer] = []
    for place, number in enumerate(order):
        # The bad answer comes from the pair half a round away, or neighbours would share their prompt.
        other = order[(place + len(order) // 2) % len(order)]
        good, bad = pairs[number], pairs[other]
        answers.append(MarkedAnswer(good.prompt_ids, good.chosen_ids, True, weights[number]))
        answers.append(MarkedAnswer(bad.prompt_ids, bad.rejected_ids, False, weights[other]))
    return answers


def mismatched(answers: Sequence[MarkedAnswer], batch_size: int) -> list[list[int]]:
    """Give each answer its neighbour's answer ids, in a circle within its batch.

    Source: eq. 8 of the paper, as TRL pairs them. A batch of one takes the answer before it instead, or it
    would be compared with itself.
    """
    found: list[list[int]] = []
    for start in range(0, len(answers), batch_size):
        batch = answers[start : start + batch_size]
        found += [batch[place - 1].answer_ids for place in range(len(batch))]
    if len(answers) % batch_size == 1:
        found[-1] = answers[-2].answer_ids
    return found


def _build_trainer(
    recipe: KtoRecipe,
    run: Run[PreferenceRow],
    pairs: Prepared,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
) -> KTOTrainer:
    answers = take_apart(pairs.train, pairs.train_weights(), np.random.default_rng(recipe.seed))
    dataset = _dataset(model, answers, mismatched(answers, recipe.batch_size))
    with old_peft_names():
        trainer = WeightedKTOTrainer(
            model=model,
            args=KTOConfig(
                beta=recipe.beta,
                desirable_weight=recipe.desirable_weight,
                undesirable_weight=recipe.undesirable_weight,
                **trainer_arguments(recipe, run),
            ),
            train_dataset=dataset,
            data_collator=carry_weights(
                DataCollatorForUnpairedPreference(pad_token_id=tokenizer.pad_token_id)
            ),
            processing_class=tokenizer,
            peft_config=lora_config(recipe.lora, model, task_type="CAUSAL_LM"),
        )
    trainer.precompute_ref_logps = True  # the rows bring them
    if model.device.type == "cpu":
        use_answer_head(trainer.model.get_base_model())
    trainer.add_callback(StartCheck(expected_loss=0.5))
    return trainer


def _dataset(
    model: PreTrainedModel, answers: Sequence[MarkedAnswer], mismatches: Sequence[list[int]]
) -> Dataset:
    matched = answer_log_probs(model, [(answer.prompt_ids, answer.answer_ids) for answer in answers])
    texts = [(answer.prompt_ids, other) for answer, other in zip(answers, mismatches, strict=True)]
    return Dataset.from_list(
        [
            {
                "prompt_ids": answer.prompt_ids,
                "completion_ids": answer.answer_ids,
                "KL_completion_ids": other,
                "label": answer.is_good,
                "ref_logps": float(reference),
                "ref_KL_logps": float(other_reference),
                "weight": answer.weight,
            }
            for answer, other, reference, other_reference in zip(
                answers, mismatches, matched, answer_log_probs(model, texts), strict=True
            )
        ]
    )
