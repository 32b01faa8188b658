"""Show what rows hold before they are trained on: sides, languages, grades, lengths, who is longer."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from training.evaluation.texts import Speech
from training.label_guards import PREFERRED_SHOWN, count_places
from training.rows import DemonstrationRow, PreferenceRow, PromptRow, RelevanceRow, Row, TextRow

_ENGLISH = Speech()
QUANTILES = {"least": 0.0, "median": 0.5, "p95": 0.95, "most": 1.0}


def describe_rows(train: Sequence[Row], test: Sequence[Row]) -> dict[str, Any]:
    """Return the balance of both sides as plain values: counts by class, and lengths in characters."""
    return {"train": describe_side(train), "test": describe_side(test)}


def describe_side(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the balance of rows of one kind.

    `lengths` has for each text of a row the least, median, 95th percentile and greatest number of characters;
    preference rows also say how often the chosen answer is the longer one, and how they are graded. Where the
    lineage tells it, votes are counted by the place in which the answer they prefer was shown.
    """
    found: dict[str, Any] = {
        "rows": len(rows),
        "questions": len({row.question_id for row in rows}),
        "languages": _counts(row.language for row in rows),
        "weights": _quantiles([row.weight for row in rows]),
    }
    preferences = [row for row in rows if isinstance(row, PreferenceRow)]
    if preferences:
        longer = [np.sign(len(row.chosen) - len(row.rejected)) for row in preferences]
        found["margins"] = _counts(f"{row.margin:g}" for row in preferences)
        found["chosen_is_longer"] = round(float(np.mean([(sign + 1) / 2 for sign in longer])), 4)
    if votes := count_places(rows):
        found[PREFERRED_SHOWN] = dict(sorted(votes.items()))
    clusters = [row.lineage["cluster"] for row in rows if row.lineage.get("cluster") is not None]
    if clusters:
        found["clusters"] = _counts(str(cluster) for cluster in clusters)
    found["lengths"] = {name: _quantiles(sizes) for name, sizes in _lengths(rows).items()}
    return found


def balance_lines(balance: dict[str, Any], speech: Speech = _ENGLISH) -> list[str]:
    """Return the balance as lines to print, the train side first."""
    lines = []
    for side, found in balance.items():
        counted = {"side": speech.name(side), "rows": found["rows"], "questions": found["questions"]}
        lines.append(speech("{side}: {rows} rows of {questions} questions", **counted))
        shown = [name for name in ("languages", "margins", "clusters") if found.get(name)]
        lines += [f"  {speech(name)}: {_listed(found[name], speech)}" for name in shown]
        if PREFERRED_SHOWN in found:
            parts = _listed(found[PREFERRED_SHOWN], speech)
            lines.append("  " + speech("votes by the place of the answer they prefer: {parts}", parts=parts))
        if "chosen_is_longer" in found:
            share = speech.percent(found["chosen_is_longer"])
            lines.append("  " + speech("the chosen answer is the longer one in {share}", share=share))
        for name, sizes in found["lengths"].items():
            if sizes:
                figures = {what: speech.number(size) for what, size in sizes.items()}
                told = "{name}: {median} characters (median), {least}-{most}, 95 % up to {p95}"
                lines.append("  " + speech(told, name=speech.name(name), **figures))
    return lines


def _listed(counts: dict[str, int], speech: Speech) -> str:
    return ", ".join(f"{speech.name(value)}: {count}" for value, count in counts.items())


def _lengths(rows: Sequence[Row]) -> dict[str, list[int]]:
    sizes: dict[str, list[int]] = {}
    for row in rows:
        for name, text in _texts(row):
            sizes.setdefault(name, []).append(len(text))
    return sizes


def _texts(row: Row) -> Iterable[tuple[str, str]]:
    if isinstance(row, PreferenceRow | DemonstrationRow | PromptRow):
        yield "prompt", "".join(message["content"] for message in row.prompt)
    if isinstance(row, PreferenceRow):
        yield from (("chosen", row.chosen), ("rejected", row.rejected))
    elif isinstance(row, DemonstrationRow):
        yield "completion", row.completion
    elif isinstance(row, TextRow):
        yield "text", row.text
    elif isinstance(row, RelevanceRow):
        yield from (("query", row.query), ("positive", row.positive))
        for negative in row.negatives:
            yield "negative", negative


def _quantiles(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {}
    return {name: round(float(np.quantile(values, at)), 4) for name, at in QUANTILES.items()}


def _counts(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))
