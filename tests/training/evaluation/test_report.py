"""The report of a run: complete, self-contained, and nothing in it is read as markup."""

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from training.evaluation.changes import measure_changes
from training.evaluation.html import Page
from training.evaluation.over_optimisation import over_optimisation
from training.evaluation.plots import Axis, Dot, Line, dot_plot, line_plot
from training.evaluation.records import measure_held_out, read_evaluation, record_evaluation
from training.evaluation.report import write_report
from training.evaluation.scores import write_scores
from training.evaluation.win_rates import win_rate_of
from training.metrics import Interval
from training.results import Result, write_result
from training.rows import PreferenceRow
from training.snapshots import Origin, freeze

ATTACK = "<script>alert(1)</script><img src=x onerror=alert(2)>"
Make = Callable[..., list[PreferenceRow]]


@pytest.fixture
def run_dir(tmp_path: Path, make_rows: Make) -> Path:
    folder = tmp_path / "0007-reward"
    freeze(
        folder / "snapshot", PreferenceRow, make_rows(8), make_rows(12, first=20), Origin({"by": "question"})
    )
    recipe = {"kind": "reward", "base": ATTACK, "seed": 0}
    (folder / "run.json").write_text(json.dumps({"recipe": recipe, "snapshot": "s"}))
    (folder / "samples.json").write_text(json.dumps([{"id": "row-0", "chosen": f"<|im_start|>{ATTACK}\x00"}]))
    steps = [{"event": "step", "step": n, "total": 3, "loss": 1 / n, "margin": n} for n in (1, 2, 3)]
    (folder / "progress.jsonl").write_text("\n".join(json.dumps(step) for step in steps) + '\n{"cut')
    rng = np.random.default_rng(0)
    write_scores(folder, make_rows(12, first=20), rng.normal(1, 1, 12), rng.normal(0, 1, 12))
    measure_held_out(folder)
    figures = {"test_accuracy": Interval(0.75, 0.5, float("nan"), 12)}
    counts = {"train": 8, "test": 12, "dropped": 0}
    write_result(
        folder, Result("reward", counts, [], 3, 1.0, 0.3, figures, "model", "f", "b", "s", 1.5, 300.0)
    )
    return folder


def test_a_page_shows_all_and_asks_nobody(run_dir: Path) -> None:
    rng = np.random.default_rng(1)
    record_evaluation(
        run_dir, "over_optimisation", over_optimisation(rng.normal(size=(9, 4)), rng.normal(size=(9, 4)), rng)
    )
    record_evaluation(
        run_dir, "win_rate", win_rate_of(rng.random(9), rng.random(9), rng.random(9), range(9), rng)
    )
    changes = measure_changes({"refusals": [0.0, 1.0]}, {"refusals": [0.0, 0.0]}, ["a", "b"], rng)
    record_evaluation(run_dir, "behaviour", changes)
    text = write_report(run_dir).read_text()
    for wanted in (
        "0.750",
        "Held-out accuracy",
        "Calibration",
        "best of n",
        "Win rate",
        "refusals",
        "loss",
        "8 rows",
    ):
        assert wanted in text, wanted
    assert text.count("<svg") == 7
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "https://" not in text
    assert "default-src 'none'" in text


def test_foreign_text_stays_text(run_dir: Path) -> None:
    record_evaluation(run_dir, "behaviour", {ATTACK: {"before": None, "after": None, "change": None}})
    text = write_report(run_dir).read_text()
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;" in text
    assert "\x00" not in text


def test_a_failed_run_has_a_page_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "error.txt").write_text("DivergedError: step 3: loss nan\n")
    text = write_report(tmp_path).read_text()
    assert "DivergedError: step 3" in text
    assert "Not finished" in text


def test_a_damaged_part_is_said_in_its_place(run_dir: Path) -> None:
    (run_dir / "evaluation.json").write_text("[]")
    text = write_report(run_dir).read_text()
    assert "not an evaluation" in text
    assert "8 rows" in text


def test_sections_are_kept_beside_each_other(tmp_path: Path) -> None:
    record_evaluation(tmp_path, "one", {"value": float("nan"), "interval": Interval(1, 0, float("inf"), 2)})
    record_evaluation(tmp_path, "two", [np.float64(0.5), np.int64(3)])
    assert read_evaluation(tmp_path) == {
        "one": {"value": None, "interval": {"value": 1, "low": 0, "high": None, "n": 2}},
        "two": [0.5, 3],
    }
    assert measure_held_out(tmp_path) is None


def test_plots_bear_missing_numbers_and_single_points() -> None:
    nan = float("nan")
    svg = line_plot([Line("a", [(1, nan), (2, 3.0)], [(nan, nan), (nan, 4.0)])], "x", "y")
    assert len([one for one in svg.iter() if one.tag == "circle"]) == 1
    assert "nan" not in ElementTree.tostring(svg, encoding="unicode")
    dots = dot_plot([Dot("a", 0.5), Dot("b", nan, 0, 1), Dot("c", 0.7, 0.6, nan, mark=0.8)], "x", line_at=0.5)
    assert "nan" not in ElementTree.tostring(dots, encoding="unicode")
    assert len([one for one in dots.iter() if one.tag == "circle"]) == 2
    assert line_plot([], "x", "y") is not None


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-3.7, 12.2), (0.001, 0.0017), (5, 5), (0, 123456)])
def test_ticks_are_round_few_and_inside(low: float, high: float) -> None:
    axis = Axis(low, high, 0, 100)
    ticks = axis.ticks()
    assert 2 <= len(ticks) <= 7
    assert all(axis.low - 1e-9 <= tick <= axis.high + 1e-9 for tick in ticks)


def test_changes_need_items_measured_on_both_sides() -> None:
    rng = np.random.default_rng(0)
    before, after = {"a": [1.0, None, 0.5], "b": [None] * 3}, {"a": [0.5, 1.0, None], "b": [1.0] * 3}
    found = measure_changes(before, after, ["q", "r", "s"], rng)
    assert set(found) == {"a"}
    assert found["a"].change.value == -0.5
    worse = measure_changes({"a": [1.0] * 9}, {"a": [0.4, 0.5, 0.6] * 3}, range(9), rng)["a"]
    assert worse.surely_lower
    assert not worse.surely_higher
    with pytest.raises(ValueError, match="as many"):
        measure_changes({"a": [1.0]}, {"a": []}, ["q"], rng)


def test_a_page_without_rows_has_no_table() -> None:
    page = Page("a & b")
    page.table(("x",), [])
    assert "<table" not in page.render()
    assert "a &amp; b" in page.render()
