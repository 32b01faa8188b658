"""What a run will probably take."""

import json
from pathlib import Path

import pytest

from annotate.labelling import ChosenPair, create_tasks, refresh_preferences
from annotate.reports import report_estimate
from annotate.store import Run
from tests.annotate.conftest import Ledger

RECIPE = {"max_steps": 10, "batch_size": 1, "gradient_accumulation": 4}


def finished(
    ledger: Ledger, folder: Path, seconds: float, stepping: float, steps: int, kind: str = "dpo"
) -> None:
    folder.mkdir()
    lines = [
        {"step": n, "total": steps, "loss": 0.5, "seconds": stepping * n / steps} for n in range(1, steps + 1)
    ]
    (folder / "progress.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    result = {"seconds": seconds, "steps": steps, "rows": {"train": 20}, "peak_memory_mb": 900.0}
    with ledger.store.writing.begin() as session:
        session.add(Run(kind=kind, state="finished", recipe=RECIPE, folder=str(folder), result=result))


def judged(ledger: Ledger, verdicts: list[str]) -> None:
    pairs = [ledger.pair() for _ in verdicts]
    create_tasks(ledger.store, [ChosenPair(pair) for pair in pairs], overlap=1)
    anna = ledger.person()
    for verdict in verdicts:
        ledger.judge(anna, verdict)
    refresh_preferences(ledger.store)


def test_without_an_earlier_run_nothing_is_made_up(sqlite_ledger: Ledger) -> None:
    judged(sqlite_ledger, ["A_better", "tie", "B_better", "both_bad"])
    found = report_estimate(sqlite_ledger.store, "dpo", RECIPE, 0.5)
    assert (found.rows, found.train_rows, found.steps) == (2, 1, 10)
    assert (found.seconds, found.memory_mb, found.earlier) == (None, None, 0)


def test_time_grows_with_the_steps_and_loading_does_not(sqlite_ledger: Ledger, tmp_path: Path) -> None:
    finished(sqlite_ledger, tmp_path / "a", seconds=130, stepping=100, steps=10)  # 30 s of loading
    finished(sqlite_ledger, tmp_path / "b", seconds=230, stepping=200, steps=10)
    finished(sqlite_ledger, tmp_path / "c", seconds=9, stepping=5, steps=10, kind="reward")
    as_before = report_estimate(sqlite_ledger.store, "dpo", RECIPE, 0.3)
    assert as_before.seconds == pytest.approx((130, 230))
    thrice = report_estimate(sqlite_ledger.store, "dpo", RECIPE | {"max_steps": 30}, 0.3)
    assert thrice.seconds == pytest.approx((330, 630))
    assert (thrice.memory_mb, thrice.earlier) == (900.0, 2)


def test_epochs_become_steps_by_the_rows(sqlite_ledger: Ledger) -> None:
    judged(sqlite_ledger, ["A_better"] * 9)
    recipe = {"epochs": 2, "batch_size": 1, "gradient_accumulation": 4}
    assert report_estimate(sqlite_ledger.store, "dpo", recipe, 0.34).steps == 3  # 6 rows twice, by four
    assert report_estimate(sqlite_ledger.store, "reward_head", {"folds": 5}, 0.3).steps is None
