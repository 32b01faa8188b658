"""One run in one folder: claim it, train or resume, and leave a result or one line of error.

A run folder holds: run.json (recipe and row snapshot), progress.jsonl, samples.json, checkpoints/, model/
and, when finished, result.json; when failed, error.txt.
"""

import json
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Generic, TypeVar

from training.environment import prepare_environment
from training.errors import InterruptedRun, RecipeError, RowsError
from training.fingerprints import weights_fingerprint
from training.progress import ProgressLog
from training.recipes import BaseRecipe
from training.results import Outcome, Result, read_result, write_result
from training.rows import Row, read_rows_of, snapshot_hash

CLAIM_FILE = "run.json"
ERROR_FILE = "error.txt"
MODEL_FOLDER = "model"

R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class Run(Generic[R]):
    """Hand a kind all it needs besides its recipe; the rows are of the recipe's `row`."""

    folder: Path
    train_rows: list[R]
    test_rows: list[R]
    progress: ProgressLog

    @property
    def model_folder(self) -> Path:
        """Give the folder the kind saves its model in."""
        return self.folder / MODEL_FOLDER

    @property
    def checkpoints(self) -> Path:
        """Give the folder the trainer keeps its checkpoints in."""
        return self.folder / "checkpoints"


def train(recipe: BaseRecipe, run_dir: Path) -> Result:
    """Train the recipe in `run_dir`: resume from the last checkpoint, return at once what is finished.

    Raises TrainingError; any failure but an interruption leaves one line in RUN/error.txt.
    """
    prepare_environment()
    run_dir.mkdir(parents=True, exist_ok=True)
    error_file = run_dir / ERROR_FILE
    error_file.unlink(missing_ok=True)
    try:
        return _finished_or_trained(recipe, run_dir)
    except InterruptedRun:
        raise
    except Exception as error:
        error_file.write_text(one_line(error) + "\n", encoding="utf-8")
        raise


def one_line(error: BaseException) -> str:
    """Describe an error on one line, with its type."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _finished_or_trained(recipe: BaseRecipe, run_dir: Path) -> Result:
    started = time.monotonic()
    run, snapshot = _open_run(recipe, run_dir)
    _claim(run_dir, recipe, snapshot)
    if (finished := read_result(run_dir)) is not None:
        return finished
    base_fingerprint = weights_fingerprint(recipe.base)
    run.progress.stage("started", kind=recipe.kind, train=len(run.train_rows), test=len(run.test_rows))
    fit: Callable[[BaseRecipe, Run[Any]], Outcome] = import_module(f"training.kinds.{recipe.kind}").train
    outcome = fit(recipe, run)
    result = Result(
        kind=recipe.kind,
        rows={"train": len(run.train_rows), "test": len(run.test_rows), "dropped": len(outcome.dropped_ids)},
        dropped_ids=outcome.dropped_ids,
        steps=outcome.steps,
        first_loss=outcome.first_loss,
        last_loss=outcome.last_loss,
        metrics=outcome.metrics,
        model=MODEL_FOLDER,
        fingerprint=weights_fingerprint(run.model_folder),
        base_fingerprint=base_fingerprint,
        snapshot=snapshot,
        seconds=time.monotonic() - started,
        peak_memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )
    write_result(run_dir, result)
    run.progress.stage("finished")
    return result


def _open_run(recipe: BaseRecipe, run_dir: Path) -> tuple[Run[Any], str]:
    train_rows = read_rows_of(recipe.row, recipe.train_rows)
    test_rows = read_rows_of(recipe.row, recipe.test_rows) if recipe.test_rows else []
    shared = {row.question_id for row in train_rows} & {row.question_id for row in test_rows}
    if shared:
        raise RowsError(
            f"{recipe.test_rows}: {len(shared)} questions are also in the train rows (say {min(shared)!r}); "
            "split by question"
        )
    run = Run(run_dir, train_rows, test_rows, ProgressLog(run_dir / "progress.jsonl"))
    return run, snapshot_hash(train_rows + test_rows)


def _claim(run_dir: Path, recipe: BaseRecipe, snapshot: str) -> None:
    """Write what this folder trains, or refuse a folder that began with something else."""
    claim = {"recipe": recipe.model_dump(mode="json"), "snapshot": snapshot}
    path = run_dir / CLAIM_FILE
    if not path.exists():
        path.write_text(json.dumps(claim, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    elif json.loads(path.read_text(encoding="utf-8")) != claim:
        raise RecipeError(
            f"{run_dir}: this run began with another recipe or other rows; use a fresh run folder"
        )
