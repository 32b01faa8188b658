"""Train the reward model by TRL's RewardTrainer, with adapters or whole, with one head or several.

Loss: -log sigmoid(r(chosen) - r(rejected) - margin) + c * mean (r(chosen) + r(rejected))^2. Sources: Ouyang
et al. (2022), arXiv 2203.02155; Touvron et al. (2023), arXiv 2307.09288, for the margin; Eisenstein et al.
(2023), arXiv 2312.09244, for centring.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from numpy.typing import NDArray
from torch.nn.functional import logsigmoid
from transformers import PreTrainedModel, PreTrainedTokenizerBase, set_seed
from trl import RewardConfig, RewardTrainer
from trl.trainer.reward_trainer import DataCollatorForPreference

from training.adapters import keep_lower_layers, lora_config, old_peft_names
from training.encoding import EncodedPair
from training.frozen_trunk import remember_frozen_layers
from training.kinds.reward.ensembles import head_weights
from training.kinds.reward.lengths import length_effect, length_gaps
from training.kinds.reward.measuring import fit_scores, measure_pairs
from training.kinds.reward.scores import Scores
from training.kinds.reward.scoring import score_texts
from training.loading import distinct_pad_token, load_scorer, load_tokenizer, save_model, to_device
from training.loop import run_trainer, trainer_arguments
from training.preparation import Prepared, prepare_pairs
from training.recipes import RewardRecipe
from training.results import Outcome
from training.rows import PreferenceRow
from training.runs import Run
from training.shared_prompt import share_prompts
from training.weighting import Batch, WeightedPairs, carry_weights

Floats = NDArray[np.float64]


class WeightedRewardTrainer(WeightedPairs, RewardTrainer):  # type: ignore[misc]
    """TRL's reward trainer with row weights."""


class HeadsTrainer(RewardTrainer):  # type: ignore[misc]
    """TRL's reward loss for several heads, each with weights of its own over the rows."""

    def compute_loss(
        self,
        model: Any,
        inputs: Batch,
        return_outputs: bool = False,  # noqa: ARG002 - Trainer's signature
        num_items_in_batch: Any = None,  # noqa: ARG002
    ) -> torch.Tensor:
        """Give the mean loss over pairs and heads of a batch [chosen..., rejected...]."""
        weights, margin = inputs.pop("head_weights").squeeze(1), inputs.pop("margin")
        chosen, rejected = model(**inputs, use_cache=False).logits.chunk(2)
        gaps = chosen - rejected
        losses = -logsigmoid(gaps - margin[:, None]) * weights
        self._metrics["train"]["margin"].append(gaps.detach().mean().item())
        centring = self.args.center_rewards_coefficient * ((chosen + rejected) ** 2).mean()
        loss: torch.Tensor = losses.mean() + centring
        return loss


class WeightedHeadsTrainer(WeightedPairs, HeadsTrainer):
    """Several heads with row weights."""


def fit(recipe: RewardRecipe, run: Run[PreferenceRow]) -> Outcome:
    """Train the reward model, save it whole (adapters merged) and score the held-out pairs one by one."""
    tokenizer = load_tokenizer(recipe.base)
    distinct_pad_token(tokenizer)
    pairs = prepare_pairs(recipe, run, tokenizer)
    set_seed(recipe.seed)  # the score head is new and random
    model = to_device(load_scorer(recipe.base, tokenizer.pad_token_id, heads=recipe.heads))
    if recipe.depth is not None:
        keep_lower_layers(model, recipe.depth)
    share_prompts(model)
    remembered = not recipe.full and remember_frozen_layers(recipe, model)
    trainer = _build_trainer(recipe, run, pairs, model, tokenizer)
    trainer.texts_apart = remembered
    trace = run_trainer(trainer, run)
    run.progress.stage("saving")
    tuned = trainer.model if recipe.full else trainer.model.merge_and_unload()
    tuned.config.num_labels = recipe.heads
    scores = _scores(recipe, tuned, pairs.train)
    metrics = dict(pairs.metrics)
    if pairs.test:
        run.progress.stage("measuring")
        scores, figures = measure_pairs(
            scores,
            _score_pairs(tuned, pairs.test),
            [pair.row for pair in pairs.test],
            np.random.default_rng(recipe.seed),
            run.folder,
        )
        metrics |= {f"test_{name}": figure for name, figure in figures.items()}
    save_model(tuned, tokenizer, run.model_folder)
    scores.save(run.model_folder)
    return Outcome(trace.steps, trace.first_loss, trace.last_loss, metrics, pairs.dropped_ids)


def _build_trainer(
    recipe: RewardRecipe,
    run: Run[PreferenceRow],
    pairs: Prepared,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
) -> RewardTrainer:
    trainer = WeightedRewardTrainer if recipe.heads == 1 else WeightedHeadsTrainer
    collate = carry_weights(DataCollatorForPreference(pad_token_id=tokenizer.pad_token_id))
    model.config.num_labels = 1  # TRL refuses several heads; the layer keeps them
    with old_peft_names():
        return trainer(
            model=model,
            args=RewardConfig(
                center_rewards_coefficient=recipe.center_rewards_coefficient, **trainer_arguments(recipe, run)
            ),
            train_dataset=_dataset(recipe, pairs.train, pairs.train_weights()),
            data_collator=collate if recipe.heads == 1 else _carry_head_weights(collate),
            processing_class=tokenizer,
            peft_config=None if recipe.full else lora_config(recipe.lora, model, task_type="SEQ_CLS"),
        )


def _carry_head_weights(collate: Any) -> Any:
    def collate_with_head_weights(examples: list[dict[str, Any]]) -> Batch:
        batch: Batch = collate(examples)
        # Three dimensions, as two are cut like texts.
        batch["head_weights"] = torch.tensor([[example["head_weights"]] for example in examples])
        return batch

    return collate_with_head_weights


def _dataset(recipe: RewardRecipe, pairs: Sequence[EncodedPair], weights: Sequence[float]) -> Dataset:
    rows = [pair.row for pair in pairs]
    lengths = length_gaps(rows)
    # The chance is sigmoid(score gap + effect * length gap): the known effect is a margin the score need
    # not reach.
    effect = length_effect(lengths, weights) if recipe.length_control == "offset" else 0.0
    drawn = head_weights(len(pairs), recipe.heads, np.random.default_rng(recipe.seed))
    return Dataset.from_list(
        [
            {
                "chosen_ids": pair.chosen_text_ids,
                "rejected_ids": pair.rejected_text_ids,
                "margin": float(pair.row.margin - effect * length),
                "weight": weight,
                "head_weights": own.tolist(),
            }
            for pair, length, weight, own in zip(pairs, lengths, weights, drawn, strict=True)
        ]
    )


def _scores(recipe: RewardRecipe, model: PreTrainedModel, pairs: Sequence[EncodedPair]) -> Scores:
    """Give how the heads are joined; scores the train answers where that has to be known."""
    scores = Scores(recipe.ensemble, recipe.penalty, centres=(0.0,) * recipe.heads)
    if recipe.heads == 1 and recipe.length_control != "residual":
        return scores
    rows = [pair.row for pair in pairs]
    return fit_scores(scores, _score_pairs(model, pairs), rows, recipe.length_control)


def _score_pairs(model: PreTrainedModel, pairs: Sequence[EncodedPair]) -> Floats:
    """Give the heads' scores of each pair's two sides, shape (n, 2, heads)."""
    return np.stack([score_texts(model, [pair.chosen_text_ids, pair.rejected_text_ids]) for pair in pairs])
