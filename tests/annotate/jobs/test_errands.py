"""Errands: one of a kind at a time, progress, results and failures, a dead process."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator

import pytest

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.errands import Errand, read_errand, run_errand, start_errand, write_result
from annotate.settings import SETTINGS_FILE


@pytest.fixture
def context(tmp_path) -> Iterator[Context]:
    (tmp_path / SETTINGS_FILE).touch()
    opened = Context.open(tmp_path)
    yield opened
    opened.store.engine.dispose()


def ended(context: Context, kind: str) -> Errand:
    until = time.monotonic() + 90
    while (found := read_errand(context, kind)).state == "running":
        assert time.monotonic() < until
        time.sleep(0.1)
    return found


def test_work_is_done_in_a_process_of_its_own(context):
    assert read_errand(context, "look_over") == Errand("none", {})
    start_errand(context, "look_over", {}, by="Lea")
    with pytest.raises(JobError, match="already"):
        start_errand(context, "look_over", {}, by="Olga")
    found = ended(context, "look_over")
    assert (found.state, found.by, found.result) == (
        "done", "Lea", {"preferences": 0, "gold_acts": 0, "new_reviews": 0, "new_signals": 0},
    )  # fmt: skip
    write_result(context, "look_over", {"seen": True})
    assert read_errand(context, "look_over").result == {"seen": True}


def test_a_failure_is_told_in_its_own_words(context):
    folder = context.workspace.folder / "errands" / "gold_drafts"
    folder.mkdir(parents=True)
    values = '{"count": 1, "kinds": ["dropped_fact"], "campaign": "default", "pool": "gold"}'
    asked = f'{{"values": {values}, "by": "Lea", "at": "2026-11-23T08:00:00+00:00"}}'
    (folder / "asked.json").write_text(asked, "utf-8")
    run_errand(context.workspace.folder, "gold_drafts")
    found = read_errand(context, "gold_drafts")
    assert (found.state, found.asked["count"]) == ("failed", 1)
    assert found.error == "no answers to corrupt; make some with `pairloop pairs`"


def test_who_died_without_a_word_has_failed_and_blocks_nobody(context):
    folder = context.workspace.folder / "errands" / "route"
    folder.mkdir(parents=True)
    (folder / "asked.json").write_text(
        '{"values": {}, "by": "Lea", "at": "2026-11-23T08:00:00+00:00"}', "utf-8"
    )
    (folder / "progress.json").write_text('{"label": "planning", "done": 3, "total": 9}', "utf-8")
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    running = read_errand(context, "route")
    assert (running.state, running.done, running.total) == ("running", 3, 9)
    os.close(lock)
    found = read_errand(context, "route")
    assert found.state == "failed"
    assert "log.txt" in found.error


def test_an_unknown_kind_is_refused(context):
    with pytest.raises(JobError, match="no errand called dance"):
        start_errand(context, "dance", {}, by="Lea")
