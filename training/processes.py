"""Several processes of one run, as `accelerate launch` starts them: all train, the main one keeps the files.

The kinds know nothing of it. Every other process goes the same way in a folder of its own, RUN/process-N,
whose `checkpoints` is a link to those of the run, since each process saves its share of them. As soon as the
steps are done it leaves: the main one saves the model, measures it and writes the result.
"""

import os
import shutil
from pathlib import Path
from typing import Any, TypeVar

_NUMBERS = ("RANK", "PMI_RANK", "OMPI_COMM_WORLD_RANK", "MV2_COMM_WORLD_RANK")
_COUNTS = ("WORLD_SIZE", "PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE")
_LOST = ("closed by peer", "reset by peer", "remote process exited", "broken pipe")

KINDS_OF_ONE_PROCESS = frozenset({"ppo", "quantize", "rejection", "reward_head"})
"""Kinds with a loop of their own, which the main process goes through alone."""

T = TypeVar("T")


def process_count() -> int:
    """Give how many processes train this run together; it is torchrun or MPI that says so."""
    return next((int(os.environ[name]) for name in _COUNTS if name in os.environ), 1)


def process_number() -> int:
    """Give the number of this process among them; 0 is the main one."""
    if process_count() == 1:
        return 0
    return next((int(os.environ[name]) for name in _NUMBERS if name in os.environ), 0)


def own_folder(run_dir: Path) -> Path:
    """Give the folder for what this process writes: the run's own to the main one."""
    number = process_number()
    if number == 0:
        return run_dir
    folder = run_dir / f"process-{number}"
    (run_dir / "checkpoints").mkdir(parents=True, exist_ok=True)
    folder.mkdir(exist_ok=True)
    link = folder / "checkpoints"
    if not link.is_symlink():
        link.symlink_to(Path("..") / "checkpoints", target_is_directory=True)
    return folder


def remove_other_folders(run_dir: Path) -> None:
    """Remove what the other processes wrote, as soon as nothing goes on from it any more."""
    for folder in run_dir.glob("process-*"):
        shutil.rmtree(folder, ignore_errors=True)


def as_main(value: T) -> T:
    """Give every process the value that the main one has; each waits for it here."""
    if process_count() == 1:
        return value
    from accelerate.utils import broadcast_object_list

    _joined()
    agreed: list[T] = broadcast_object_list([value])
    return agreed[0]


def mean_of_all(value: float) -> float:
    """Give the mean of what the processes have."""
    return value if process_count() == 1 else float(_reduced(value, "mean"))


def any_of_all(value: bool) -> bool:
    """Tell whether this holds for any of the processes."""
    return value if process_count() == 1 else float(_reduced(float(value), "sum")) > 0


def lost_another(error: BaseException) -> bool:
    """Tell whether an error only says that another process is gone."""
    return process_count() > 1 and any(words in str(error).lower() for words in _LOST)


def _reduced(value: float, how: str) -> Any:
    import torch
    from accelerate.utils import reduce

    return reduce(torch.tensor(value, device=_joined().device), how)


def _joined() -> Any:
    """Join the other processes, on the devices on which the trainers will."""
    import torch
    from accelerate import PartialState

    return PartialState(cpu=not torch.cuda.is_available())
