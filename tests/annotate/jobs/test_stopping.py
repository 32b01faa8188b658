"""What further labels would buy is foretold from the labels of the workspace, and kept."""

from __future__ import annotations

import numpy as np
import pytest

from annotate.jobs.context import Context
from annotate.jobs.stopping import foretell
from annotate.labelling import ChosenPair, create_tasks, refresh_preferences
from annotate.reports.stopping import read_stopping
from tests.annotate.conftest import Ledger
from tests.annotate.jobs.test_route import make_pairs
from tests.annotate.labelling.machines.audits import judge_pairs


@pytest.fixture
def people(context: Context) -> Ledger:
    return Ledger(context.store, context.guideline)


def judge(context: Context, ledger: Ledger, pairs: list[int]) -> None:
    create_tasks(context.store, [ChosenPair(pair) for pair in pairs], overlap=1)
    verdicts = np.random.default_rng(0).permutation(["A_better", "B_better"] * len(pairs))
    judge_pairs(ledger, "anna", "person", dict(zip(pairs, verdicts.tolist(), strict=False)))
    refresh_preferences(context.store)


def test_too_few_labels_foretell_nothing_and_say_so(context: Context, people: Ledger) -> None:
    assert read_stopping(context.store) is None
    judge(context, people, make_pairs(context, 5))
    report = foretell(context, 16)
    assert (report.labels, report.gain) == (5, None)
    assert "5 labels, wanted at least 60" in str(report)
    stored = read_stopping(context.store)
    assert stored is not None
    assert (stored.reason, stored.since) == (report.reason, 0)


@pytest.mark.models
def test_enough_labels_foretell_a_gain_with_its_interval(context: Context, people: Ledger) -> None:
    pairs = make_pairs(context, 80)
    judge(context, people, pairs[:70])
    report = foretell(context, 50)
    assert report.gain is not None
    assert report.low is not None
    assert report.high is not None
    assert report.low <= report.gain <= report.high
    assert 0 <= (report.now or -1) <= 1
    assert [size for size, _ in report.points] == sorted(size for size, _ in report.points)
    assert str(report).startswith("50 more labels buy about")
    judge(context, people, pairs[70:])
    stored = read_stopping(context.store)
    assert stored is not None
    assert (stored.gain, stored.since) == (report.gain, 10)
