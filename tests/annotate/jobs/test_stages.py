from __future__ import annotations

from typing import Any

import pytest

from annotate.jobs.context import Context
from annotate.jobs.stages import run_stage


def test_a_finished_stage_is_read_back_and_not_done_again(context: Context) -> None:
    calls: list[int] = []

    def work() -> dict[str, Any]:
        calls.append(1)
        return {"found": len(calls)}

    first = run_stage(context.store, "loop", "one", work)
    second = run_stage(context.store, "loop", "one", work)
    assert (first.earlier, second.earlier) == (False, True)
    assert first.result == second.result == {"found": 1}


def test_a_stage_that_failed_is_done_again(context: Context) -> None:
    def fail() -> dict[str, Any]:
        raise RuntimeError("cut off")

    with pytest.raises(RuntimeError):
        run_stage(context.store, "loop", "one", fail)
    assert not run_stage(context.store, "loop", "one", lambda: {"done": True}).earlier
