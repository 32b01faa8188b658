"""Drive a Trainer: shared arguments, progress, divergence, resume and a clean stop."""

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import torch
from transformers import (
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from training.adapters import old_peft_names
from training.checkpoints import last_complete_checkpoint, seal
from training.errors import DivergedError, HelpedRun, InterruptedRun, RowsError
from training.processes import any_of_all, as_main, mean_of_all, process_number
from training.progress import ProgressLog
from training.recipes import TrainerRecipe
from training.runs import Run
from training.stop_signal import StopSignal, stop_signal

_SHOWN = {
    "reward": "reward",
    "kl": "kl",
    "grad_norm": "grad_norm",
    "learning_rate": "learning_rate",
    "rewards/margins": "margin",
    "margin": "margin",
}


@dataclass(frozen=True)
class LossTrace:
    """Hold the steps done and the losses of the first and last of them (of pairs: without weights)."""

    steps: int
    first_loss: float
    last_loss: float


def trainer_arguments(recipe: TrainerRecipe, run: Run[Any]) -> dict[str, Any]:
    """Give the arguments TRL's trainers on rows of a fixed length share."""
    return {**shared_arguments(recipe, run), "max_length": recipe.max_length, "disable_dropout": False}


def shared_arguments(recipe: TrainerRecipe, run: Run[Any]) -> dict[str, Any]:
    """Give the TrainingArguments every kind shares, whatever its trainer.

    Where a TRL config has `disable_dropout`, set it to False: the base's is off already, and TRL would switch
    off the adapters' too.
    """
    cuda = torch.cuda.is_available()
    return {
        "output_dir": str(run.checkpoints),
        "use_cpu": not cuda,
        "bf16": cuda and torch.cuda.is_bf16_supported(),
        "seed": recipe.seed,
        "max_steps": recipe.max_steps or -1,
        "num_train_epochs": recipe.epochs or 1.0,
        "learning_rate": recipe.learning_rate,
        "per_device_train_batch_size": recipe.batch_size,
        "gradient_accumulation_steps": recipe.gradient_accumulation,
        "activation_checkpointing": recipe.gradient_checkpointing,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,  # it would hide a divergence
        "save_steps": recipe.save_steps,
        "save_total_limit": 2,
        "report_to": recipe.report_to or "none",
        "disable_tqdm": True,
        "dataloader_pin_memory": cuda,
        "remove_unused_columns": False,
    }


def run_trainer(trainer: Trainer, run: Run[Any]) -> LossTrace:
    """Train from the last complete checkpoint, or from the start.

    Raises DivergedError on a loss that is not a number, InterruptedRun after SIGTERM and its checkpoint,
    HelpedRun at the end of a process that is not the main one.
    """
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(ProgressCallback(run.progress))
    checkpoint = _last_checkpoint(run)
    run.progress.stage("training", resumed_from=checkpoint.name if checkpoint else "")
    with stop_signal() as stop, old_peft_names():  # trainers that generate ask for the old names
        trainer.add_callback(CheckpointCallback(run.checkpoints, stop))
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    state = trainer.state
    if state.global_step < state.max_steps and not _stopped_early(trainer):
        _say_stopped(run, state.max_steps)
    if process_number():
        raise HelpedRun(f"{run.folder}: the steps are done; the main process saves and measures")
    losses = [loss for entry in state.log_history if (loss := _step_loss(entry)) is not None]
    if not losses:
        raise RowsError(f"{run.folder}: no step was done; give more rows, max_steps or epochs")
    return LossTrace(state.global_step, losses[0], losses[-1])


def _last_checkpoint(run: Run[Any]) -> Path | None:
    """Give the checkpoint to go on from, to all processes the one that the main one found whole.

    Each damaged one that gives way to it has a line in the progress.
    """

    def tell(checkpoint: Path, damaged: str) -> None:
        run.progress.stage("damaged checkpoint", checkpoint=checkpoint.name, file=damaged)

    return as_main(last_complete_checkpoint(run.checkpoints, tell) if process_number() == 0 else None)


def _say_stopped(run: Run[Any], total: int) -> NoReturn:
    saved = _last_checkpoint(run)
    name = saved.name if saved else "no checkpoint"
    run.progress.stage("stopped", checkpoint=name)
    raise InterruptedRun(
        f"{run.folder}: stopped before step {total} with {name}; run the same command again to go on"
    )


class StopsEarly(TrainerCallback):
    """Base of the callbacks that may end a run before its last step on purpose."""

    stopped = False
    """Whether this callback has ended the run."""


def _stopped_early(trainer: Trainer) -> bool:
    callbacks = trainer.callback_handler.callbacks
    return any(isinstance(callback, StopsEarly) and callback.stopped for callback in callbacks)


def _step_loss(logs: dict[str, float]) -> float | None:
    """Give a step's loss: of pairs without weights, else the trainer's own; None for other entries."""
    return logs.get("pair_loss", logs.get("loss"))


class ProgressCallback(TrainerCallback):
    """Write each step to the progress file and stop the run as soon as the loss is not a number."""

    def __init__(self, progress: ProgressLog) -> None:
        self._progress = progress
        self._started = time.monotonic()

    def on_log(
        self,
        args: TrainingArguments,  # noqa: ARG002 - the callback's signature
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        logs: dict[str, float] | None = None,
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        """Note the step's figures. Raises DivergedError."""
        if logs is None or _step_loss(logs) is None:
            return  # the summary at the end
        if "pair_loss" in logs:  # of this process's own pairs
            logs["pair_loss"] = state.log_history[-1]["pair_loss"] = mean_of_all(logs["pair_loss"])
        loss = _step_loss(logs) or 0.0
        figures = {ours: float(logs[theirs]) for theirs, ours in _SHOWN.items() if theirs in logs}
        seconds = time.monotonic() - self._started
        self._progress.step(state.global_step, state.max_steps, loss, seconds, **figures)
        if not math.isfinite(loss) or not math.isfinite(figures.get("grad_norm", 0.0)):
            raise DivergedError(
                f"step {state.global_step}: loss {loss}, gradient norm {figures.get('grad_norm')}; "
                "lower the learning rate"
            )


class CheckpointCallback(TrainerCallback):
    """Seal each checkpoint as soon as it is written; after SIGTERM write one and stop.

    All processes of a run stop at the same step, whichever of them got the signal first.
    """

    def __init__(self, checkpoints: Path, stop: StopSignal) -> None:
        self._checkpoints, self._stop = checkpoints, stop

    def on_step_end(
        self,
        args: TrainingArguments,  # noqa: ARG002 - the callback's signature
        state: TrainerState,  # noqa: ARG002
        control: TrainerControl,
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        """Ask for a checkpoint and the end; who stops for another reason has said what to save."""
        if any_of_all(self._stop.is_set()) and not control.should_training_stop:
            control.should_save = control.should_training_stop = True

    def on_save(
        self,
        args: TrainingArguments,  # noqa: ARG002
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        """Seal it; each process has put the state of its random numbers in."""
        as_main(None)
        if process_number() == 0:
            seal(self._checkpoints / f"checkpoint-{state.global_step}")
