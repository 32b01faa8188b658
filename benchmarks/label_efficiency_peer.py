"""Run the arms of scikit-activeml, with its own packages, on the splits and the head of ours.

    python label_efficiency_peer.py JOBS DATA WORK RUNS

Reads the jobs from a JSON file, adds their runs to the file RUNS, and prints how many there are. It is
started by `benchmarks.label_efficiency`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
if __name__ == "__main__":  # its environment knows nothing of ours
    sys.path[0] = str(_HERE.parent)

import numpy as np  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.progress import track  # noqa: E402

from active import Pool, State  # noqa: E402
from active.simulation import Ask  # noqa: E402
from benchmarks.label_efficiency_runs import Job, Runs, run_all  # noqa: E402

NAMES = {"skactiveml Badge": "Badge", "skactiveml Falcun": "Falcun", "skactiveml Clue": "Clue"}


def main() -> None:
    """Run what is not kept yet."""
    jobs_file, data, work, runs_file = (Path(argument) for argument in sys.argv[1:])
    jobs = [Job(**found) for found in json.loads(jobs_file.read_text("utf-8"))]
    runs = Runs(runs_file)
    waiting = sum(job not in runs for job in jobs)
    done = run_all(jobs, runs, data, work, "benchmarks.label_efficiency_peer:ASKERS")
    if waiting:
        list(track(done, "scikit-activeml", waiting, console=Console(stderr=True)))
    print(json.dumps({"runs": len(jobs)}))


def _strategy(name: str) -> Ask:
    return partial(_ask, getattr(import_module("skactiveml.pool"), name))


def _ask(kind: Any, state: State, pool: Pool, count: int, rng: np.random.Generator) -> Any:
    """Ask a strategy of theirs, which wants all pairs at once, those without a label as NaN."""
    features = np.vstack([state.labelled.features, pool.features])
    verdicts = np.concatenate([np.round(state.labelled.targets), np.full(len(pool), np.nan)])
    wrapper = import_module("skactiveml.classifier").SklearnClassifier
    head = wrapper(state.fitted_head(), classes=[0, 1])
    head.estimator_ = head.estimator  # it is fitted: theirs asks no fit, and looks for this name
    strategy = kind(random_state=int(rng.integers(2**31)))
    asked = strategy.query(features, verdicts, head, False, batch_size=count)  # named unlike by each
    return np.asarray(asked, dtype=np.int64) - len(state.labelled)


ASKERS: dict[str, Callable[[], Ask]] = {arm: partial(_strategy, name) for arm, name in NAMES.items()}

if __name__ == "__main__":
    main()
