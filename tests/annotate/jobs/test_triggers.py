"""Trainings that start by themselves: when they are due, what starts, and why one could not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.run_options import RunOptions
from annotate.jobs.triggers import TriggerWish, fire, fire_triggers, list_triggers, put_trigger, stop_trigger
from annotate.labelling.preference_changes import record_changes
from annotate.reports import report_run
from annotate.store import Run, Trigger, now
from benchmarks.tiny_training import judge_pairs
from training import RecipeError


def change(context: Context, *pairs: int) -> None:
    """Let the verdicts of pairs come in, as the aggregation records it."""
    with context.store.writing.begin() as session:
        record_changes(session, {}, dict.fromkeys(pairs, "A_better"))


def end(context: Context, run_id: int) -> None:
    with context.store.writing.begin() as session:
        session.get_one(Run, run_id).state = "finished"


@pytest.fixture
def judged(context: Context) -> Context:
    judge_pairs(context.store, 4)
    return context


def test_a_run_starts_after_so_many_new_preferences_and_counts_anew(judged: Context) -> None:
    change(judged, 1)
    wish = TriggerWish("nightly", "reward_head", 2, changes={"folds": 3}, options=RunOptions(priority=7))
    assert put_trigger(judged, wish).new_preferences == 0  # what was there before does not count
    change(judged, 1)
    assert fire_triggers(judged) == []
    change(judged, 2)
    [run_id] = fire_triggers(judged)
    run = report_run(judged.store, run_id)
    assert (run.kind, run.state, run.recipe, run.priority, run.trigger) == (
        "reward_head", "queued", {"folds": 3}, 7, "nightly",
    )  # fmt: skip
    change(judged, 3, 4)
    assert fire_triggers(judged) == []  # its last run is not over
    end(judged, run_id)
    [again] = fire_triggers(judged)
    assert again != run_id
    end(judged, again)
    assert fire_triggers(judged) == []
    [trigger] = list_triggers(judged.store)
    assert (trigger.run_id, trigger.new_preferences, trigger.error) == (again, 0, "")


def test_a_run_starts_when_its_time_has_come(judged: Context) -> None:
    put_trigger(judged, TriggerWish("hourly", "reward_head", every_seconds=3600))
    assert fire_triggers(judged) == []
    with judged.store.writing.begin() as session:
        session.scalars(select(Trigger)).one().created_at = now() - timedelta(seconds=3601)
    [run_id] = fire_triggers(judged)
    end(judged, run_id)
    assert fire_triggers(judged) == []


def test_a_stopped_trigger_starts_nothing_but_by_hand(judged: Context) -> None:
    put_trigger(judged, TriggerWish("nightly", "reward_head", 1))
    stop_trigger(judged.store, "nightly")
    change(judged, 1)
    assert fire_triggers(judged) == []
    assert fire(judged, "nightly") is not None
    with pytest.raises(JobError, match="no trigger called weekly"):
        fire(judged, "weekly")


def test_why_a_run_could_not_start_is_kept_and_it_is_not_tried_at_every_look(context: Context) -> None:
    put_trigger(context, TriggerWish("nightly", "reward_head", 1))
    change(context, 1)
    assert fire_triggers(context) == []
    [trigger] = list_triggers(context.store)
    assert "too few preferences" in trigger.error
    fired = trigger.fired_at
    assert fire_triggers(context) == []
    assert list_triggers(context.store)[0].fired_at == fired


@pytest.mark.parametrize(
    ("wish", "complaint"),
    [
        (TriggerWish("", "reward_head", 1), "needs a name"),
        (TriggerWish("t", "reward_head"), "say when"),
        (TriggerWish("t", "reward_head", 0), "one new preference"),
        (TriggerWish("t", "reward_head", every_seconds=1), "once a minute"),
        (TriggerWish("t", "wishes", 1), "unknown kind wishes"),
        (TriggerWish("t", "reward_head", 1, options=RunOptions(cpus=99)), "asked for 99 CPU slots"),
        (TriggerWish("t", "reward_head", 1, options=RunOptions(launcher="ray")), "no Ray cluster"),
    ],
)
def test_a_trigger_that_could_never_start_is_refused(
    context: Context, wish: TriggerWish, complaint: str
) -> None:
    with pytest.raises(JobError, match=complaint):
        put_trigger(context, wish)
    with pytest.raises(RecipeError, match="folds"):
        put_trigger(context, TriggerWish("t", "reward_head", 1, changes={"folds": 1}))
    assert list_triggers(context.store) == []
