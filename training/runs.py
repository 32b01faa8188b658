"""One run in one folder: claim it, train or resume, and leave a result or one line of error.

A run folder holds: run.json (recipe and hash of the rows), snapshot/ (the frozen rows, unless the recipe
names a snapshot itself), progress.jsonl, samples.json, checkpoints/, model/ and, when finished, result.json;
when failed, error.txt. Finished or failed, report.html shows all of it.
"""

import json
import resource
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Generic, TypeVar

from training.environment import prepare_environment
from training.errors import InterruptedRun, RecipeError, RowsError
from training.evaluation.records import measure_held_out
from training.evaluation.report import write_report
from training.fingerprints import weights_fingerprint
from training.progress import ProgressLog
from training.recipes import BaseRecipe
from training.results import Outcome, Result, read_result, write_result
from training.rows import Row, read_rows_of
from training.snapshots import Snapshot, freeze_guarded, is_frozen, open_snapshot
from training.snapshots.frozen import TEST_FILE

CLAIM_FILE = "run.json"
ERROR_FILE = "error.txt"
MODEL_FOLDER, SNAPSHOT_FOLDER = "model", "snapshot"

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
        _report(run_dir)
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
    measure_held_out(run_dir, recipe.seed)
    write_result(run_dir, result)
    _report(run_dir)
    run.progress.stage("finished")
    return result


def _report(run_dir: Path) -> None:
    """Write the report; a disk that is full must not turn into another error than the run's own."""
    with suppress(OSError):
        write_report(run_dir)


def _open_run(recipe: BaseRecipe, run_dir: Path) -> tuple[Run[Any], str]:
    snapshot = _snapshot(recipe, run_dir)
    test_rows = snapshot.test if recipe.test_rows else []
    run = Run(run_dir, snapshot.train, test_rows, ProgressLog(run_dir / "progress.jsonl"))
    return run, snapshot.manifest.hash


def _snapshot(recipe: BaseRecipe, run_dir: Path) -> Snapshot[Any]:
    """Open the snapshot that the recipe names, or freeze the plain files it names into the run folder."""
    own_test = recipe.train_rows.with_name(TEST_FILE)
    if is_frozen(recipe.train_rows) and recipe.test_rows in (None, own_test):
        return open_snapshot(recipe.train_rows.parent, recipe.row)
    train = read_rows_of(recipe.row, recipe.train_rows)
    test = read_rows_of(recipe.row, recipe.test_rows) if recipe.test_rows else []
    shared = {row.question_id for row in train} & {row.question_id for row in test}
    if shared:
        raise RowsError(
            f"{recipe.test_rows}: {len(shared)} questions are also in the train rows (say {min(shared)!r}); "
            "split by question"
        )
    return freeze_guarded(run_dir / SNAPSHOT_FOLDER, recipe.row, train, test)


def _claim(run_dir: Path, recipe: BaseRecipe, snapshot: str) -> None:
    """Write what this folder trains, or refuse a folder that began with something else."""
    claim = {"recipe": recipe.model_dump(mode="json"), "snapshot": snapshot}
    path = run_dir / CLAIM_FILE
    if not path.exists():
        draft = path.with_suffix(".tmp")  # a claim cut in half by a kill would lock the folder for ever
        draft.write_text(json.dumps(claim, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        draft.replace(path)
    elif json.loads(path.read_text(encoding="utf-8")) != claim:
        raise RecipeError(
            f"{run_dir}: this run began with another recipe or other rows; use a fresh run folder"
        )
