"""Draw several runs side by side: figures with intervals, losses, and where their recipes differ."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from annotate.reports import RunReport, read_steps
from annotate.ui.frame import empty, heading, table
from annotate.ui.runs.figures import draw_curve, draw_metrics, metric_rows
from annotate.ui.runs.words import kind_name
from annotate.ui.texts import Speech

MOST = 5


def draw_comparison(runs: list[RunReport], speech: Speech) -> None:
    """Draw the choice of runs and what they have to show."""
    finished = {run.id: run for run in runs if run.result.get("metrics")}
    if len(finished) < 2:
        empty(speech("runs.nothing_to_compare"), speech("runs.nothing_to_compare_help"))
        return
    names = {number: f"{number} · {kind_name(speech, run.kind)}" for number, run in finished.items()}
    chosen = st.multiselect(
        speech("runs.choose"),
        list(finished),
        default=list(finished)[:2],
        format_func=names.__getitem__,
        max_selections=MOST,
        key="compared",
    )
    if len(chosen) < 2:
        st.info(speech("runs.choose_two"), icon=":material/info:")
        return
    some = [finished[number] for number in chosen]
    heading(speech("runs.metrics"))
    by_name = {names[run.id]: run.result["metrics"] for run in some}
    draw_metrics(metric_rows(by_name), speech, "comparison")
    _draw_losses(some, names, speech)
    _draw_recipes(some, names, speech)


def _draw_losses(runs: list[RunReport], names: dict[int, str], speech: Speech) -> None:
    rows = [
        {"step": line["step"], "loss": line["loss"], "run": names[run.id]}
        for run in runs
        for line in read_steps(Path(run.folder))
    ]
    if rows:
        heading(speech("runs.loss"))
        draw_curve(rows, "loss", speech("runs.loss"), speech, by="run", height=280)
        with st.expander(speech("runs.loss_table")):
            labels = {"run": speech("runs.run"), "step": speech("runs.step"), "loss": speech("runs.of_loss")}
            table(rows, "losses", labels)


def _draw_recipes(runs: list[RunReport], names: dict[int, str], speech: Speech) -> None:
    heading(speech("runs.differences"))
    whole = {names[run.id]: {**_flat(run.recipe), "snapshot": run.snapshot[:12]} for run in runs}
    keys = sorted({key for recipe in whole.values() for key in recipe})
    rows = [
        {"key": key, **{name: _value(recipe.get(key)) for name, recipe in whole.items()}}
        for key in keys
        if len({str(recipe.get(key)) for recipe in whole.values()}) > 1
    ]
    if rows:
        table(rows, "differences", {"key": speech("runs.key"), **{name: name for name in whole}})
    else:
        st.caption(speech("runs.no_differences"))


def _flat(recipe: Mapping[str, Any], inside: str = "") -> dict[str, Any]:
    """Return the keys of a recipe with those inside of others by their whole name, such as `lora.r`."""
    found: dict[str, Any] = {}
    for key, value in recipe.items():
        found |= _flat(value, f"{inside}{key}.") if isinstance(value, Mapping) else {f"{inside}{key}": value}
    return found


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
