"""Watch what a policy forgets: the loss on a frozen general set, and an end before it rises too far."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import (
    PreTrainedTokenizerBase,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from training.encoding import EncodedText
from training.errors import RowsError
from training.kinds.sft.preparing import read_general
from training.loop import StopsEarly
from training.metrics import Interval
from training.recipes import FineTuningRecipe
from training.rows import snapshot_hash
from training.runs import Run
from training.text_losses import compare_losses, text_losses

CLAIM_FILE = "general.json"
KEPT_FILE = "kept.safetensors"


class ForgettingCheck(StopsEarly):
    """Measure the general loss every `check_steps` steps, and undo what went too far.

    While the loss is within `max_rise` nats a token of the base's, the trained weights are kept in
    RUN/kept.safetensors; the first check above it puts the kept ones back and ends the run. A resumed run
    meets the same checks and ends at the same weights. Raises RowsError where the general set is not the one
    the run began with.
    """

    def __init__(
        self, recipe: FineTuningRecipe, run: Run[Any], general: Sequence[EncodedText], base_loss: float
    ) -> None:
        self._recipe, self._run, self._general, self._base = recipe, run, general, base_loss
        self._kept = run.folder / KEPT_FILE
        _claim(run, general)
        run.progress.stage("general set", step=0, loss=base_loss)

    def on_train_begin(
        self,
        args: TrainingArguments,  # noqa: ARG002 - the callback's signature
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        **kwargs: Any,
    ) -> None:
        """Keep the untrained weights: they are within by definition."""
        if state.global_step == 0:
            self._keep(kwargs["model"])

    def on_step_end(
        self,
        args: TrainingArguments,  # noqa: ARG002
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,
    ) -> None:
        """Check at every `check_steps` steps and at the last."""
        if state.global_step % self._recipe.check_steps and state.global_step < state.max_steps:
            return
        model: nn.Module = kwargs["model"]
        loss = text_losses(model, self._general).mean
        self._run.progress.stage("general set", step=state.global_step, loss=loss, rise=loss - self._base)
        if self._recipe.max_rise is None:
            return
        if loss - self._base <= self._recipe.max_rise:
            self._keep(model)
            return
        self._put_back(model)
        self.stopped = True
        control.should_training_stop = True
        control.should_save = False  # a checkpoint of weights that were put back would not resume alike
        self._run.progress.stage("stopped early", step=state.global_step, rise=loss - self._base)

    def _keep(self, model: nn.Module) -> None:
        if self._recipe.max_rise is None:
            return
        trained = {
            name: weights.detach().cpu().contiguous().clone()
            for name, weights in model.named_parameters()
            if weights.requires_grad
        }
        draft = self._kept.with_suffix(".tmp")
        save_file(trained, draft)
        draft.replace(self._kept)

    def _put_back(self, model: nn.Module) -> None:
        kept = load_file(self._kept)
        with torch.no_grad():
            for name, weights in model.named_parameters():
                if weights.requires_grad:
                    weights.copy_(kept[name])


def watch_forgetting(
    recipe: FineTuningRecipe, run: Run[Any], trainer: Any, tokenizer: PreTrainedTokenizerBase
) -> Callable[[nn.Module], dict[str, Interval]]:
    """Measure the untrained model on the recipe's general set and add the check to the trainer.

    The function it gives measures the trained model: `general_loss` and `general_change` in nats a token,
    or nothing where the recipe names no general set.
    """
    if recipe.general_rows is None:
        return lambda _tuned: {}
    general = read_general(recipe.general_rows, tokenizer, recipe.max_length)
    before = text_losses(trainer.model, general)
    trainer.add_callback(ForgettingCheck(recipe, run, general, before.mean))
    return lambda tuned: compare_losses("general", before, text_losses(tuned, general), recipe.seed)


def _claim(run: Run[Any], general: Sequence[EncodedText]) -> None:
    """Write which general set the run measures, or refuse another one."""
    claim = {"snapshot": snapshot_hash({text.row.id: text.row for text in general}.values())}
    path = run.folder / CLAIM_FILE
    if not path.exists():
        path.write_text(json.dumps(claim) + "\n", encoding="utf-8")
    elif json.loads(path.read_text(encoding="utf-8")) != claim:
        raise RowsError(f"{path}: the run began with another general set; use a fresh run folder")
