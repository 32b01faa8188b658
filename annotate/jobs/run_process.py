"""Be the process of one training run: `python -m annotate.jobs.run_process RUN_FOLDER`.

Freezes the rows that the run was asked for, trains, and exports a tuned policy, so that none of
it burdens the server. Exit status as of `python -m training`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.supervisor import ERROR_FILE, LOG_FILE, REQUEST_FILE
from annotate.jobs.train import RECIPE_FILE, export_policy, freeze_run
from annotate.reports import report_run
from training.__main__ import FAILED, WRONG_CALL
from training.__main__ import main as train
from training.runs import one_line


def main(folder: Path) -> int:
    """Do the whole run; any failure leaves one line in RUN/error.txt."""
    try:
        request = json.loads((folder / REQUEST_FILE).read_text("utf-8"))
        context = Context.open(Path(request["workspace"]))
        freeze_run(context, request["run"], request["changes"])
        status = train([str(folder / RECIPE_FILE), "--run-dir", str(folder)])
        if status == WRONG_CALL:  # the one failure that leaves no error.txt
            raise JobError(f"{folder / RECIPE_FILE}: not a recipe; see {LOG_FILE}")
        if status == 0:
            export_policy(context, report_run(context.store, request["run"]).kind, folder)
    except Exception as error:  # noqa: BLE001 - whatever it is, the run's page must say it
        (folder / ERROR_FILE).write_text(one_line(error) + "\n", encoding="utf-8")
        sys.stderr.write(f"{error}\n")
        return FAILED
    return status


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
