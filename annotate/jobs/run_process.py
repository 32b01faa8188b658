"""Be the process of one training run: `python -m annotate.jobs.run_process RUN_FOLDER`.

Freezes the rows that the run was asked for, trains, exports and measures what came out, so that none
of it burdens the server. Exit status as of `python -m training`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from annotate.jobs.launchers.local import group_members, hold_folder, note_process
from annotate.jobs.run_failures import describe, keep_reserve, write_error

REQUEST_FILE, RECIPE_FILE, LOG_FILE = "request.json", "recipe.yaml", "run.log"
WAIT_SECONDS = 0.2


def main(folder: Path) -> int:
    """Do the whole run; any failure leaves one line in RUN/error.txt."""
    if not hold_folder(folder):
        sys.stderr.write(f"{folder}: another process trains here already; this one ends\n")
        return 1
    note_process(folder)
    try:
        keep_reserve(folder)
        return _run(folder)
    except Exception as error:  # noqa: BLE001 - whatever it is, the run's page must say it
        reason = describe(error, folder)
        write_error(folder, reason)
        sys.stderr.write(f"{reason}\n")
        return 1


def _run(folder: Path) -> int:
    from annotate.errors import JobError
    from annotate.jobs.context import Context
    from annotate.jobs.registration import conclude_run
    from annotate.jobs.run_options import RunOptions
    from annotate.jobs.train import freeze_run
    from training.__main__ import WRONG_CALL

    request = json.loads((folder / REQUEST_FILE).read_text("utf-8"))
    context = Context.open(Path(request["workspace"]))
    (folder / "error.txt").unlink(missing_ok=True)
    freeze_run(context, request["run"], request["changes"], RunOptions(**request.get("options", {})))
    status = _train(folder, request.get("accelerate"))
    if status == WRONG_CALL:  # the one failure that leaves no error.txt
        raise JobError(f"{folder / RECIPE_FILE}: not a recipe; see {LOG_FILE}")
    if status == 0:
        conclude_run(context, request["run"])
    return status


def _train(folder: Path, accelerate: list[str] | None) -> int:
    """Train in this process, or in those that `accelerate launch` starts."""
    arguments = [str(folder / RECIPE_FILE), "--run-dir", str(folder)]
    if accelerate is None:
        from training.__main__ import main as train

        return train(arguments)
    from annotate.jobs.launchers.accelerate import accelerate_prefix

    signal.signal(
        signal.SIGTERM, signal.SIG_IGN
    )  # the group gets it, too: its trainers save, we wait for them
    command = [*accelerate_prefix(accelerate), "-m", "training", *arguments]
    status = subprocess.call(command, preexec_fn=_heed_sigterm)  # noqa: S603 - our own interpreter and modules
    _wait_for_group(folder)
    if status and not (folder / "error.txt").exists() and status != _stopped():
        return max(status, 1)
    return status


def _heed_sigterm() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _stopped() -> int:
    from training.__main__ import STOPPED

    return STOPPED


def _wait_for_group(folder: Path) -> None:
    """Wait for trainers whose launcher ended before them: they may still be saving a checkpoint."""
    from annotate.jobs.launchers import Handle
    from annotate.jobs.launchers.local import process_started

    own = Handle(folder, os.getpid(), process_started(os.getpid()))
    while set(group_members(own)) - {os.getpid()}:
        time.sleep(WAIT_SECONDS)


def _log_to(file: Path) -> None:
    """Write what this process says to a file, where nobody did so before it was started."""
    log = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)


def _start(arguments: list[str]) -> Any:
    folder = Path(arguments[0])
    if "--log" in arguments:
        _log_to(folder / LOG_FILE)
    return main(folder)


if __name__ == "__main__":
    sys.exit(_start(sys.argv[1:]))
