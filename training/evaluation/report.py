"""RUN/report.html: everything about one run on one page, self-contained, every foreign text shown as text."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from training.errors import TrainingError
from training.evaluation.html import Page
from training.evaluation.plots import Dot, Line, dot_plot, line_plot
from training.evaluation.records import read_evaluation
from training.evaluation.sections import SECTIONS, shown_interval
from training.results import Result, read_result
from training.snapshots import balance_lines, read_manifest

REPORT_FILE = "report.html"
SAMPLES = 3


def write_report(run_dir: Path) -> Path:
    """Write RUN/report.html from what lies in the run folder, finished or failed; return its path.

    A part whose file is missing is left out, one whose file is damaged says so in its place.
    """
    claim = _json(run_dir / "run.json") or {}
    recipe = claim.get("recipe", {})
    page = Page(f"{recipe.get('kind', 'run')} · {run_dir.name}")
    parts: tuple[Callable[[Page, Path, dict[str, Any]], None], ...] = (
        _say_outcome,
        _draw_loss,
        _show_evaluation,
        _show_rows,
        _show_samples,
        _show_recipe,
    )
    for part in parts:
        try:
            part(page, run_dir, recipe)
        except (TrainingError, LookupError, ArithmeticError, ValueError, TypeError, AttributeError) as error:
            page.say(f"{part.__name__.strip('_').replace('_', ' ')}: {error}", kind="bad")
    draft = run_dir / f"{REPORT_FILE}.tmp"
    draft.write_text(page.render(), encoding="utf-8")
    return draft.replace(run_dir / REPORT_FILE)


def _say_outcome(page: Page, run_dir: Path, _recipe: dict[str, Any]) -> None:
    error = run_dir / "error.txt"
    if error.exists():
        page.say(error.read_text(encoding="utf-8").strip(), kind="bad")
    result = read_result(run_dir)
    if result is None:
        page.say("Not finished.", kind="note")
        return
    page.table(("", ""), _facts(result))
    if result.metrics:
        page.heading("Figures of the run")
        rows = [(name, shown_interval(vars(one)), one.n) for name, one in result.metrics.items()]
        page.table(("figure", "value [95 % interval]", "pairs"), rows)
        shares = [(n, i) for n, i in result.metrics.items() if 0 <= i.value <= 1]
        if shares:
            dots = [Dot(name, one.value, one.low, one.high) for name, one in shares]
            page.plot(dot_plot(dots, "share of pairs", line_at=0.5))


def _facts(result: Result) -> list[tuple[str, object]]:
    return [
        ("rows", ", ".join(f"{count} {name}" for name, count in result.rows.items())),
        ("steps", result.steps),
        ("loss", f"{result.first_loss:.4f} → {result.last_loss:.4f}"),
        ("time", f"{result.seconds:.1f} s"),
        ("peak memory", f"{result.peak_memory_mb:.0f} MB"),
        ("weights", result.fingerprint),
        ("weights of the base", result.base_fingerprint),
        ("snapshot", result.snapshot),
    ]


def _draw_loss(page: Page, run_dir: Path, _recipe: dict[str, Any]) -> None:
    file = run_dir / "progress.jsonl"
    steps: dict[int, dict[str, Any]] = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        try:
            entry = json.loads(line)
        except ValueError:  # cut short by a crash
            continue
        if isinstance(entry, dict) and "step" in entry and "loss" in entry:
            steps[int(entry["step"])] = entry
    if len(steps) < 2:
        return
    page.heading("Training")
    for name in ("loss", "margin"):
        points = [(float(at), float(steps[at][name])) for at in sorted(steps) if name in steps[at]]
        if len(points) > 1:
            page.plot(line_plot([Line(name, points)], "step", name))


def _show_evaluation(page: Page, run_dir: Path, _recipe: dict[str, Any]) -> None:
    found = read_evaluation(run_dir)
    for name, show in SECTIONS.items():
        if name in found:
            show(page, found[name])


def _show_rows(page: Page, run_dir: Path, recipe: dict[str, Any]) -> None:
    folder = run_dir / "snapshot"
    if not folder.is_dir():
        folder = Path(recipe.get("train_rows", run_dir)).parent
    if not (folder / "manifest.json").is_file():
        return
    manifest = read_manifest(folder)
    page.heading("Rows")
    page.quote("\n".join(balance_lines(manifest.balance)))
    facts: list[tuple[str, object]] = [
        ("hash", manifest.hash),
        ("split", ", ".join(f"{k}: {v}" for k, v in manifest.split.items())),
    ]
    facts += [(f"behind the rows: {name}", len(ids)) for name, ids in manifest.lineage.items()]
    facts += [(f"left out: {why}", ", ".join(ids) or "none") for why, ids in manifest.left_out.items()]
    for test in manifest.guarded:
        facts.append(("compared with", f"{test['test']}, {test['texts']} texts, by {', '.join(test['by'])}"))
    for side, found in (_json(run_dir / "lengths.json") or {}).items():
        told = (
            f"{len(found['dropped'])} of {found['rows']} rows ({found['chosen_over']} by the chosen, "
            f"{found['rejected_over']} by the rejected side; limit {found['max_length']} tokens)"
        )
        facts.append((f"too long, {side}", told))
    page.table(("", ""), facts)


def _show_samples(page: Page, run_dir: Path, _recipe: dict[str, Any]) -> None:
    samples = _json(run_dir / "samples.json")
    if not isinstance(samples, list) or not samples:
        return
    page.heading("Rows as the model reads them")
    for sample in samples[:SAMPLES]:
        page.quote("\n\n".join(f"{name}: {text}" for name, text in sample.items()))


def _show_recipe(page: Page, _run_dir: Path, recipe: dict[str, Any]) -> None:
    if recipe:
        page.heading("Recipe")
        page.table(
            ("key", "value"),
            [(name, json.dumps(value, ensure_ascii=False)) for name, value in recipe.items()],
        )


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"), parse_constant=lambda _: math.nan)
    except (OSError, ValueError):
        return None
