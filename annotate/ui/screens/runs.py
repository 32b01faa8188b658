"""Show training runs, the models that came out, and what the gate decided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from annotate.reports import ModelReport, RunReport, read_progress, report_models, report_runs
from annotate.ui.frame import current_context, current_speech, empty, heading, table, title
from annotate.ui.markup import escape, plain
from annotate.ui.texts import Speech


def main() -> None:
    """Draw the screen."""
    speech, store = current_speech(), current_context().store
    runs, models = report_runs(store), report_models(store)
    title(speech("screen.runs"), speech("runs.intro"))
    if not runs and not models:
        empty(speech("runs.empty"), speech("runs.empty_help"))
        return
    _show_champions(models, speech)
    if runs:
        _show_runs(runs, speech)
        _show_run(_choose(runs, speech), speech)
    _show_models(models, speech)


def _show_champions(models: list[ModelReport], speech: Speech) -> None:
    champions = [model for model in models if model.champion]
    if not champions:
        return
    heading(speech("runs.champions"))
    with st.container(horizontal=True, key="champions"):
        for model in champions:
            with st.container(border=True):
                st.html(
                    f'<div class="pl-champion"><p class="pl-eyebrow">{escape(model.role)}</p>'
                    f"<code>{escape(model.fingerprint[:12])}</code>"
                    f'<p class="pl-quiet">{escape(model.decision)}</p></div>'
                )


def _show_runs(runs: list[RunReport], speech: Speech) -> None:
    heading(speech("runs.runs"))
    rows = [
        {
            "run": run.id,
            "kind": run.kind,
            "state": speech.name("state", run.state),
            "created": run.created_at,
            "finished": run.finished_at,
            "snapshot": run.snapshot[:12],
            "error": run.error,
        }
        for run in runs
    ]
    moment = "D MMM YYYY, HH:mm"
    table(
        rows,
        "runs",
        {
            "run": st.column_config.NumberColumn(speech("runs.run"), width="small"),
            "kind": speech("runs.kind"),
            "state": speech("runs.state"),
            "created": st.column_config.DatetimeColumn(speech("runs.created"), format=moment),
            "finished": st.column_config.DatetimeColumn(speech("runs.finished"), format=moment),
            "snapshot": speech("runs.snapshot"),
            "error": st.column_config.TextColumn(speech("runs.error"), width="medium"),
        },
    )


def _choose(runs: list[RunReport], speech: Speech) -> RunReport:
    by_id = {run.id: run for run in runs}

    def name(number: int) -> str:
        return f"{number} · {by_id[number].kind}"

    return by_id[st.selectbox(speech("runs.run"), list(by_id), format_func=name, key="run")]


def _show_run(run: RunReport, speech: Speech) -> None:
    if run.error:
        st.error(plain(run.error), icon=":material/error:")
    loss, metrics = st.columns(2, gap="large")
    with loss:
        heading(speech("runs.loss"))
        # After a resume the steps since the checkpoint are there twice: the later line counts.
        steps = {
            int(line["step"]): float(line["loss"])
            for line in read_progress(Path(run.folder))
            if "step" in line and "loss" in line
        }
        rows = [{"step": step, "loss": value} for step, value in sorted(steps.items())]
        if rows:
            _show_loss(rows, speech)
        else:
            st.info(speech("runs.no_loss"), icon=":material/info:")
    with metrics:
        heading(speech("runs.metrics"))
        _show_metrics(run.result.get("metrics") or {}, speech)


def _show_loss(rows: list[dict[str, float]], speech: Speech) -> None:
    st.line_chart(
        rows,
        x="step",
        y="loss",
        x_label=speech("runs.step"),
        y_label=speech("runs.loss_axis"),
        height=260,
    )
    with st.expander(speech("runs.loss_table")):
        table(rows, "loss", {"step": speech("runs.step"), "loss": speech("runs.loss_axis")})


def _show_metrics(metrics: dict[str, Any], speech: Speech) -> None:
    if not metrics:
        st.info(speech("runs.no_metrics"), icon=":material/info:")
        return
    figures = ("value", "low", "high", "n")
    rows = [{"metric": name, **{key: found.get(key) for key in figures}} for name, found in metrics.items()]
    shown = {
        key: st.column_config.NumberColumn(
            speech(f"runs.{key}"), format="%d" if key == "n" else "%.3f", width="small"
        )
        for key in figures
    }
    table(rows, "metrics", {"metric": speech("runs.metric"), **shown})


def _show_models(models: list[ModelReport], speech: Speech) -> None:
    heading(speech("runs.models"))
    if not models:
        st.info(speech("runs.no_models"), icon=":material/info:")
        return
    rows = [
        {
            "champion": model.champion,
            "role": model.role,
            "fingerprint": model.fingerprint[:12],
            "decision": model.decision or speech("runs.no_decision"),
            **{name: found.get("value") for name, found in model.metrics.items() if isinstance(found, dict)},
            "run": model.run_id,
            "created": model.created_at,
        }
        for model in models
    ]
    names = sorted({name for model in models for name in model.metrics})
    table(
        rows,
        "models",
        {
            "champion": st.column_config.CheckboxColumn(speech("runs.champion"), width="small"),
            "role": speech("runs.role"),
            "fingerprint": speech("runs.fingerprint"),
            **{name: st.column_config.NumberColumn(name, format="%.3f") for name in names},
            "run": speech("runs.run"),
            "decision": st.column_config.TextColumn(speech("runs.decision"), width="large"),
        },
    )


main()
