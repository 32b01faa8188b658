"""The reward model: a causal base with a score head, trained with adapters on pairs by TRL's RewardTrainer.

Loss: -log sigmoid(r(chosen) - r(rejected) - margin) + c * mean (r(chosen) + r(rejected))^2. Sources: Ouyang
et al. (2022), arXiv 2203.02155; Touvron et al. (2023), arXiv 2307.09288, for the margin; Eisenstein et al.
(2023), arXiv 2312.09244, for centring.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from datasets import Dataset
from numpy.typing import NDArray
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase, set_seed
from trl import RewardConfig, RewardTrainer
from trl.trainer.reward_trainer import DataCollatorForPreference

from training.adapters import keep_lower_layers, lora_config, old_peft_names
from training.encoding import EncodedPair, encode_answer
from training.frozen_trunk import remember_frozen_layers
from training.loading import distinct_pad_token, load_scorer, load_tokenizer, save_model, to_device
from training.loop import run_trainer, trainer_arguments
from training.metrics import judge_pairs
from training.preparation import Prepared, prepare_pairs
from training.recipes import RewardRecipe
from training.results import Outcome
from training.rows import Message, PreferenceRow
from training.runs import Run
from training.weighting import WeightedPairs, carry_weights

Floats = NDArray[np.float64]


class WeightedRewardTrainer(WeightedPairs, RewardTrainer):  # type: ignore[misc]
    """TRL's reward trainer with row weights."""


def train(recipe: RewardRecipe, run: Run[PreferenceRow]) -> Outcome:
    """Train the reward model, save it whole (adapters merged) and score the held-out pairs one by one."""
    tokenizer = load_tokenizer(recipe.base)
    distinct_pad_token(tokenizer)
    pairs = prepare_pairs(recipe, run, tokenizer)
    set_seed(recipe.seed)  # the score head is new and random
    model = load_scorer(recipe.base, tokenizer.pad_token_id)
    if recipe.depth is not None:
        keep_lower_layers(model, recipe.depth)
    remember_frozen_layers(recipe, model)
    trainer = _build_trainer(recipe, run, pairs, model, tokenizer)
    trace = run_trainer(trainer, run)
    run.progress.stage("saving")
    merged = trainer.model.merge_and_unload()
    save_model(merged, tokenizer, run.model_folder)
    metrics = dict(pairs.metrics)
    if pairs.test:
        run.progress.stage("measuring")
        chosen, rejected = _score_pairs(merged, pairs.test)
        figures = judge_pairs(chosen, rejected, pairs.test_questions, np.random.default_rng(recipe.seed))
        metrics |= {f"test_{name}": figure for name, figure in figures.items()}
    return Outcome(trace.steps, trace.first_loss, trace.last_loss, metrics, pairs.dropped_ids)


def score_answers(
    folder: Path, prompts: Sequence[list[Message]], answers: Sequence[str], batch_size: int = 1
) -> Floats:
    """Load a trained reward model and score each answer to its prompt, shape (n,). Raises ModelError."""
    tokenizer = load_tokenizer(folder)
    model = to_device(load_scorer(folder, tokenizer.pad_token_id))
    texts = [
        encode_answer(tokenizer, prompt, answer) for prompt, answer in zip(prompts, answers, strict=True)
    ]
    batches = [texts[start : start + batch_size] for start in range(0, len(texts), batch_size)]
    return np.concatenate([_score_texts(model, batch) for batch in batches]) if batches else np.zeros(0)


def _build_trainer(
    recipe: RewardRecipe,
    run: Run[PreferenceRow],
    pairs: Prepared,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
) -> RewardTrainer:
    with old_peft_names():
        return WeightedRewardTrainer(
            model=model,
            args=RewardConfig(
                center_rewards_coefficient=recipe.center_rewards_coefficient, **trainer_arguments(recipe, run)
            ),
            train_dataset=_dataset(pairs.train, pairs.train_weights()),
            data_collator=carry_weights(DataCollatorForPreference(pad_token_id=tokenizer.pad_token_id)),
            processing_class=tokenizer,
            peft_config=lora_config(recipe.lora, model, task_type="SEQ_CLS"),
        )


def _dataset(pairs: Sequence[EncodedPair], weights: Sequence[float]) -> Dataset:
    return Dataset.from_list(
        [
            {
                "chosen_ids": pair.chosen_text_ids,
                "rejected_ids": pair.rejected_text_ids,
                "margin": float(pair.row.margin),
                "weight": weight,
            }
            for pair, weight in zip(pairs, weights, strict=True)
        ]
    )


def _score_pairs(model: PreTrainedModel, pairs: Sequence[EncodedPair]) -> tuple[Floats, Floats]:
    sides = [_score_texts(model, [pair.chosen_text_ids, pair.rejected_text_ids]) for pair in pairs]
    scores = np.array(sides)
    return scores[:, 0], scores[:, 1]


def _score_texts(model: PreTrainedModel, texts: Sequence[list[int]]) -> Floats:
    """Score token lists in one right-padded batch."""
    ids = nn.utils.rnn.pad_sequence(
        [torch.tensor(text) for text in texts],
        batch_first=True,
        padding_value=model.config.get_text_config().pad_token_id,
    )
    lengths = torch.tensor([len(text) for text in texts])
    mask = (torch.arange(ids.shape[1]) < lengths[:, None]).long()
    model.train(mode=False)
    with torch.inference_mode():
        logits = model(input_ids=ids.to(model.device), attention_mask=mask.to(model.device)).logits
    return np.asarray(logits.squeeze(-1).double().cpu().numpy())
