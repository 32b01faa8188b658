"""Fit a policy to encoded texts with TRL's SFTTrainer, and measure what it learned and forgot."""

from collections.abc import Sequence
from typing import Any

import torch
from datasets import Dataset
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from trl import SFTConfig, SFTTrainer
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

from training.adapters import lora_config, old_peft_names
from training.encoding import EncodedText
from training.frozen_trunk import remember_frozen_layers
from training.kinds.sft.forgetting import watch_forgetting
from training.kinds.sft.preparing import PreparedTexts
from training.loading import load_policy, save_model, to_device
from training.log_probs import IGNORED, use_answer_head
from training.loop import run_trainer, trainer_arguments
from training.recipes import FineTuningRecipe, TrainerRecipe
from training.results import Outcome
from training.runs import Run
from training.text_losses import compare_losses, text_losses
from training.weighting import carry_weights


class WeightedSFTTrainer(SFTTrainer):  # type: ignore[misc]
    """TRL's SFT trainer with row weights, for texts that are encoded already."""

    def _prepare_dataset(self, dataset: Dataset, *_: Any, **__: Any) -> Dataset:
        return dataset  # encoded and guarded by `preparing`: TRL would cut without a word

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> torch.Tensor:
        """Give the weighted loss a token of a batch of texts."""
        if return_outputs:
            raise NotImplementedError("held-out figures are computed text by text, not by the trainer")
        weights = inputs.pop("weight")
        scored = model(**inputs, use_cache=False, fused_lm_head=True)
        nats = -scored.log_probs.sum(dim=1)
        tokens = scored.label_mask.sum() if num_items_in_batch is None else num_items_in_batch
        loss: torch.Tensor = (nats * weights).sum() / torch.as_tensor(tokens).clamp(min=1)
        if num_items_in_batch is not None and self.args.average_tokens_across_devices:
            loss = loss * self.accelerator.num_processes  # tokens of all devices; gradients are averaged
        return loss


def fit(
    recipe: FineTuningRecipe, run: Run[Any], tokenizer: PreTrainedTokenizerBase, texts: PreparedTexts
) -> Outcome:
    """Tune the policy on `texts.train`, save it whole and compare its losses with the base's.

    Metrics: `test_loss`, `test_change`, `general_loss` and `general_change`, in nats a token.
    """
    model = to_device(load_policy(recipe.base))
    if not recipe.full:
        remember_frozen_layers(recipe, model)
    run.progress.stage("measuring the base")
    before = text_losses(model, texts.test) if texts.test else None
    trainer = build_trainer(recipe, run, texts, model, tokenizer, full=recipe.full)
    forgetting = watch_forgetting(recipe, run, trainer, tokenizer)
    trace = run_trainer(trainer, run)
    run.progress.stage("saving")
    tuned = trainer.model if recipe.full else trainer.model.merge_and_unload()
    save_model(tuned, tokenizer, run.model_folder)
    run.progress.stage("measuring")
    metrics = forgetting(tuned)
    if before is not None:
        metrics |= compare_losses("test", before, text_losses(tuned, texts.test), recipe.seed)
    return Outcome(trace.steps, trace.first_loss, trace.last_loss, metrics, texts.dropped_ids)


def build_trainer(
    recipe: TrainerRecipe,
    run: Run[Any],
    texts: PreparedTexts,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    *,
    full: bool,
    optimizer: torch.optim.Optimizer | None = None,
) -> SFTTrainer:
    """Make the trainer of a model on texts: of every weight (`full`) or of the recipe's adapters."""
    arguments = trainer_arguments(recipe, run)
    arguments.pop("disable_dropout")  # SFTConfig has none
    with old_peft_names():
        trainer = WeightedSFTTrainer(
            model=model,
            args=SFTConfig(**arguments),
            train_dataset=_dataset(texts.train, texts.train_weights()),
            data_collator=carry_weights(DataCollatorForLanguageModeling(tokenizer.pad_token_id)),
            processing_class=tokenizer,
            peft_config=None if full else lora_config(recipe.lora, model, task_type="CAUSAL_LM"),
            optimizers=(optimizer, None),
        )
    if model.device.type == "cpu":
        use_answer_head(trainer.model if full else trainer.model.get_base_model())
    return trainer


def _dataset(texts: Sequence[EncodedText], weights: Sequence[float]) -> Dataset:
    return Dataset.from_list(
        [
            {
                "input_ids": text.ids,
                "labels": [IGNORED] * len(text.prompt_ids) + text.answer_ids,
                "weight": weight,
            }
            for text, weight in zip(texts, weights, strict=True)
        ]
    )
