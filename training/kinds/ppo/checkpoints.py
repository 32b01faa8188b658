"""Checkpoints of PPO: parameters and the optimiser's moments as safetensors, everything else as JSON."""

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from training.checkpoints import last_complete_checkpoint, seal
from training.errors import ModelError

KEPT = 2
_WEIGHTS, _STATE = "ppo.safetensors", "trainer_state.json"
_MOMENTS = ("exp_avg", "exp_avg_sq", "step")


@dataclass
class Progress:
    """Hold how far a run is: steps done, the price of the next one, the losses of first and last."""

    step: int = 0
    price: float = 0.0
    losses: list[float] = field(default_factory=list)


def save_checkpoint(
    folder: Path, parameters: Mapping[str, nn.Parameter], optimizer: torch.optim.Optimizer, done: Progress
) -> None:
    """Write checkpoint-STEP whole or not at all, and clear away all but the newest two."""
    tensors = {f"parameter/{name}": one.detach().contiguous() for name, one in parameters.items()}
    for name, parameter in parameters.items():
        for moment, value in optimizer.state.get(parameter, {}).items():
            tensors[f"{moment}/{name}"] = torch.as_tensor(value).contiguous()
    draft = folder / f"draft-{done.step}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    save_file(tensors, draft / _WEIGHTS)
    state = {"global_step": done.step, **asdict(done)}
    (draft / _STATE).write_text(json.dumps(state) + "\n", encoding="utf-8")
    seal(draft)
    target = folder / f"checkpoint-{done.step}"
    shutil.rmtree(target, ignore_errors=True)
    draft.rename(target)
    older = sorted(folder.glob("checkpoint-*"), key=_step_of)[:-KEPT]
    for checkpoint in older:
        shutil.rmtree(checkpoint)


def load_checkpoint(
    folder: Path, parameters: Mapping[str, nn.Parameter], optimizer: torch.optim.Optimizer
) -> tuple[str, Progress] | None:
    """Take up the newest whole checkpoint, in place; give its name and how far it is, or None.

    Raises ModelError where it is not of these parameters.
    """
    checkpoint = last_complete_checkpoint(folder)
    if checkpoint is None:
        return None
    try:
        tensors = load_file(checkpoint / _WEIGHTS)
        state = json.loads((checkpoint / _STATE).read_text(encoding="utf-8"))
        done = Progress(int(state["step"]), float(state["price"]), list(state["losses"]))
        with torch.no_grad():
            for name, parameter in parameters.items():
                parameter.copy_(tensors[f"parameter/{name}"])
                optimizer.state[parameter] = {
                    moment: tensors[f"{moment}/{name}"].to(
                        parameter.device if moment != "step" else torch.device("cpu")
                    )
                    for moment in _MOMENTS
                }
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelError(f"{checkpoint}: not a checkpoint of this run; remove it to start anew") from error
    return checkpoint.name, done


def _step_of(checkpoint: Path) -> int:
    found = re.fullmatch(r"checkpoint-(\d+)", checkpoint.name)
    return int(found[1]) if found else -1
