"""RUN/report.html and report.ru.html: all about one run on one page, where every foreign text stays text."""

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
from training.evaluation.texts import Speech
from training.results import Result, read_result
from training.snapshots import balance_lines, read_manifest

REPORT_FILE = "report.html"
REPORT_FILES = {"en": REPORT_FILE, "ru": "report.ru.html"}
SAMPLES = 3


def write_report(run_dir: Path) -> Path:
    """Write RUN/report.html and RUN/report.ru.html from what lies in the run folder, finished or failed.

    A part whose file is missing is left out, one whose file is damaged says so in its place. Returns the path
    of the English one.
    """
    for language, name in REPORT_FILES.items():
        draft = run_dir / f"{name}.tmp"
        draft.write_text(_page(run_dir, Speech(language)).render(), encoding="utf-8")
        draft.replace(run_dir / name)
    return run_dir / REPORT_FILE


def _page(run_dir: Path, speech: Speech) -> Page:
    claim = _json(run_dir / "run.json") or {}
    recipe = claim.get("recipe", {})
    page = Page(f"{recipe.get('kind', 'run')} · {run_dir.name}", speech)
    parts: dict[str, Callable[[Page, Path, dict[str, Any]], None]] = {
        "outcome": _say_outcome,
        "training": _draw_loss,
        "evaluation": _show_evaluation,
        "rows": _show_rows,
        "samples": _show_samples,
        "recipe": _show_recipe,
    }
    for name, show in parts.items():
        try:
            show(page, run_dir, recipe)
        except (TrainingError, LookupError, ArithmeticError, ValueError, TypeError, AttributeError) as error:
            page.say(f"{speech(name)}: {error}", kind="bad")
    return page


def _say_outcome(page: Page, run_dir: Path, _recipe: dict[str, Any]) -> None:
    speech = page.speech
    error = run_dir / "error.txt"
    if error.exists():
        page.say(error.read_text(encoding="utf-8").strip(), kind="bad")
    result = read_result(run_dir)
    if result is None:
        page.say(speech("Not finished."), kind="note")
        return
    page.table(("", ""), _facts(result, speech))
    if result.metrics:
        page.heading(speech("Figures of the run"))
        rows = [(name, shown_interval(vars(one), speech), one.n) for name, one in result.metrics.items()]
        page.table([speech(name) for name in ("figure", "value [95 % interval]", "pairs")], rows)
        shares = [(n, i) for n, i in result.metrics.items() if 0 <= i.value <= 1]
        if shares:
            dots = [Dot(name, one.value, one.low, one.high) for name, one in shares]
            page.plot(dot_plot(dots, speech("share of pairs"), line_at=0.5, speech=speech))


def _facts(result: Result, speech: Speech) -> list[tuple[str, object]]:
    first, last = (speech.decimal(loss, 4) for loss in (result.first_loss, result.last_loss))
    return [
        (speech("rows"), ", ".join(f"{speech.name(name)}: {count}" for name, count in result.rows.items())),
        (speech("steps"), result.steps),
        (speech("loss"), f"{first} → {last}"),
        (speech("time"), speech("{seconds} s", seconds=speech.decimal(result.seconds, 1))),
        (speech("peak memory"), speech("{megabytes} MB", megabytes=f"{result.peak_memory_mb:.0f}")),
        (speech("weights"), result.fingerprint),
        (speech("weights of the base"), result.base_fingerprint),
        (speech("snapshot"), result.snapshot),
    ]


def _draw_loss(page: Page, run_dir: Path, _recipe: dict[str, Any]) -> None:
    speech = page.speech
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
    page.heading(speech("Training"))
    for name in ("loss", "margin"):
        points = [(float(at), float(steps[at][name])) for at in sorted(steps) if name in steps[at]]
        if len(points) > 1:
            page.plot(line_plot([Line(speech(name), points)], speech("step"), speech(name), speech=speech))


def _show_evaluation(page: Page, run_dir: Path, _recipe: dict[str, Any]) -> None:
    found = read_evaluation(run_dir)
    for name, show in SECTIONS.items():
        if name in found:
            show(page, found[name])


def _show_rows(page: Page, run_dir: Path, recipe: dict[str, Any]) -> None:
    speech = page.speech
    folder = run_dir / "snapshot"
    if not folder.is_dir():
        folder = Path(recipe.get("train_rows", run_dir)).parent
    if not (folder / "manifest.json").is_file():
        return
    manifest = read_manifest(folder)
    page.heading(speech("Rows"))
    page.quote("\n".join(balance_lines(manifest.balance, speech)))
    facts: list[tuple[str, object]] = [
        (speech("hash"), manifest.hash),
        (speech("split"), _split(manifest.split, speech)),
    ]
    for name, ids in manifest.lineage.items():
        facts.append((speech("behind the rows: {name}", name=speech.name(name)), len(ids)))
    for why, ids in manifest.left_out.items():
        facts.append((speech("left out: {why}", why=speech.name(why)), ", ".join(ids) or speech("none")))
    for test in manifest.guarded:
        ways = ", ".join(map(speech.name, test["by"]))
        told = speech("{test}, {texts} texts, by {ways}", test=test["test"], texts=test["texts"], ways=ways)
        facts.append((speech("compared with"), told))
    for side, found in (_json(run_dir / "lengths.json") or {}).items():
        facts.append((speech("too long, {side}", side=speech.name(side)), _too_long(found, speech)))
    page.table(("", ""), facts)


def _split(split: dict[str, Any], speech: Speech) -> str:
    return ", ".join(f"{speech.name(name)}: {speech.name(str(value))}" for name, value in split.items())


def _too_long(found: dict[str, Any], speech: Speech) -> str:
    return speech(
        "{dropped} of {rows} rows ({chosen} by the chosen, {rejected} by the rejected side; "
        "limit {limit} tokens)",
        dropped=len(found["dropped"]),
        rows=found["rows"],
        chosen=found["chosen_over"],
        rejected=found["rejected_over"],
        limit=found["max_length"],
    )


def _show_samples(page: Page, run_dir: Path, _recipe: dict[str, Any]) -> None:
    samples = _json(run_dir / "samples.json")
    if not isinstance(samples, list) or not samples:
        return
    page.heading(page.speech("Rows as the model reads them"))
    for sample in samples[:SAMPLES]:
        page.quote("\n\n".join(f"{page.speech.name(name)}: {text}" for name, text in sample.items()))


def _show_recipe(page: Page, _run_dir: Path, recipe: dict[str, Any]) -> None:
    if recipe:
        page.heading(page.speech("Recipe"))
        page.table(
            (page.speech("key"), page.speech("value")),
            [(name, json.dumps(value, ensure_ascii=False)) for name, value in recipe.items()],
        )


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"), parse_constant=lambda _: math.nan)
    except (OSError, ValueError):
        return None
