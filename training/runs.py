"""One run in one folder: claim it, train or resume, and leave a result or one line of error.

A run folder holds: run.json (recipe and hash of the rows), snapshot/ (the frozen rows, unless the recipe
names a snapshot itself), progress.jsonl, samples.json, checkpoints/, model/ and, when finished, result.json;
when failed, error.txt. Finished or failed, report.html shows all of it. Of several processes the main one
alone writes these; see `processes`.
"""

import json
import resource
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Generic, NoReturn, TypeVar

from training.environment import prepare_environment
from training.errors import HelpedRun, InterruptedRun, RecipeError, RowsError
from training.evaluation.records import measure_held_out
from training.evaluation.report import write_report
from training.fingerprints import weights_fingerprint
from training.processes import (
    KINDS_OF_ONE_PROCESS,
    as_main,
    lost_another,
    own_folder,
    process_count,
    process_number,
    remove_other_folders,
)
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

    Raises TrainingError; any failure but an interruption leaves one line in RUN/error.txt. In a process
    beside the main one it always raises: HelpedRun as soon as the steps are done.
    """
    prepare_environment()
    run_dir.mkdir(parents=True, exist_ok=True)
    if process_number() == 0:
        (run_dir / ERROR_FILE).unlink(missing_ok=True)
    try:
        return _finished_or_trained(recipe, run_dir) if process_number() == 0 else _help(recipe, run_dir)
    except (InterruptedRun, HelpedRun):
        raise
    except Exception as error:
        if lost_another(error):
            raise InterruptedRun(
                f"{run_dir}: another process of the run is gone; run the same command again to go on"
            ) from error
        _note_failure(run_dir, error)
        raise


def _note_failure(run_dir: Path, error: Exception) -> None:
    """Write why the run failed, unless another process was first: what fails after it fails because of it."""
    with suppress(FileExistsError), (run_dir / ERROR_FILE).open("x", encoding="utf-8") as stream:
        stream.write(one_line(error) + "\n")
    if process_number() == 0:
        _report(run_dir)


def one_line(error: BaseException) -> str:
    """Describe an error on one line, with its type."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _finished_or_trained(recipe: BaseRecipe, run_dir: Path) -> Result:
    started = time.monotonic()
    _check_processes(recipe)
    run, snapshot = _open_run(recipe, run_dir)
    _claim(run_dir, recipe, snapshot)
    finished = read_result(run_dir)
    base_fingerprint = weights_fingerprint(recipe.base) if finished is None else ""
    as_main(finished is None and recipe.kind not in KINDS_OF_ONE_PROCESS)
    if finished is not None:
        return finished
    run.progress.stage("started", kind=recipe.kind, train=len(run.train_rows), test=len(run.test_rows))
    outcome = _fit(recipe, run)
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
    remove_other_folders(run_dir)
    measure_held_out(run_dir, recipe.seed)
    write_result(run_dir, result)
    _report(run_dir)
    run.progress.stage("finished")
    return result


def _help(recipe: BaseRecipe, run_dir: Path) -> NoReturn:
    """Do the share of a process beside the main one, as soon as that has made sure of folder and rows."""
    if as_main(False):  # what the main one says: whether there are steps to share
        run, _ = _open_run(recipe, run_dir)
        _fit(recipe, run)
    raise HelpedRun(f"{run_dir}: left to the main process")


def _fit(recipe: BaseRecipe, run: Run[Any]) -> Outcome:
    fit: Callable[[BaseRecipe, Run[Any]], Outcome] = import_module(f"training.kinds.{recipe.kind}").train
    return fit(recipe, run)


def _check_processes(recipe: BaseRecipe) -> None:
    """Refuse what several processes would each do differently. Raises RecipeError."""
    asked, count = getattr(recipe, "endpoint", None), process_count()
    if asked and count > 1 and recipe.kind not in KINDS_OF_ONE_PROCESS:
        raise RecipeError(f"endpoint {asked}: {count} processes would each ask it; start one process")


def _report(run_dir: Path) -> None:
    """Write the report; a disk that is full must not turn into another error than the run's own."""
    with suppress(OSError):
        write_report(run_dir)


def _open_run(recipe: BaseRecipe, run_dir: Path) -> tuple[Run[Any], str]:
    snapshot = _snapshot(recipe, run_dir)
    test_rows = snapshot.test if recipe.test_rows else []
    folder = own_folder(run_dir)
    run = Run(folder, snapshot.train, test_rows, ProgressLog(folder / "progress.jsonl"))
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
