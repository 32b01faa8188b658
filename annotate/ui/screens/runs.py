"""Train: start runs, watch them live, compare them, and decide which model serves."""

from __future__ import annotations

import streamlit as st

from annotate.access.permissions import Permission
from annotate.reports import RunReport, report_models, report_runs
from annotate.ui.frame import current_context, current_speech, empty, gate, table, title
from annotate.ui.runs.compare import draw_comparison
from annotate.ui.runs.form import draw_new_run
from annotate.ui.runs.one import ACTIVE, draw_run
from annotate.ui.runs.triggers import draw_triggers
from annotate.ui.runs.versions import draw_champions, draw_models
from annotate.ui.runs.words import kind_name
from annotate.ui.texts import Speech


def main() -> None:
    """Draw the screen."""
    actor = gate(Permission.READ_RUNS)
    speech, context = current_speech(), current_context()
    title(speech("screen.runs"), speech("runs.intro"))
    runs, models = report_runs(context.store), report_models(context.store)
    draw_champions(context, actor, models, speech)
    parts = ["runs", *(["new"] if actor.may(Permission.TRAIN) else []), "compare", "models", "triggers"]
    # What another part asked for is taken up before the choice is drawn.
    asked = st.session_state.pop("runs-part-asked", None)
    if asked or "runs-part" not in st.session_state:
        st.session_state["runs-part"] = asked or ("runs" if runs else parts[1])
    part = st.segmented_control(
        speech("screen.runs"),
        parts,
        format_func=lambda name: speech(f"runs.part_{name}"),
        key="runs-part",
        label_visibility="collapsed",
        required=True,
    )
    if part == "new":
        draw_new_run(context, actor, speech)
    elif part == "compare":
        draw_comparison(runs, speech)
    elif part == "models":
        draw_models(context, actor, models, speech)
    elif part == "triggers":
        draw_triggers(context, actor, speech)
    elif not runs:
        empty(speech("runs.empty"), speech("runs.empty_help"))
    else:
        _draw_runs(runs, speech)
        draw_run(context, actor, _choose(runs, speech), speech)


def _draw_runs(runs: list[RunReport], speech: Speech) -> None:
    rows = [
        {
            "run": run.id,
            "kind": kind_name(speech, run.kind),
            "state": speech.name("state", run.state),
            "trigger": speech.name("trigger", run.trigger),
            "priority": run.priority,
            "created": run.created_at,
            "finished": run.finished_at,
            "snapshot": run.snapshot[:12],
            "error": run.error,
        }
        for run in runs
    ]
    table(
        rows,
        "runs",
        {
            "run": st.column_config.NumberColumn(speech("runs.run"), width="small"),
            "kind": speech("runs.kind"),
            "state": speech("runs.state"),
            "trigger": speech("runs.trigger"),
            "priority": speech("runs.priority"),
            "created": st.column_config.DatetimeColumn(speech("runs.created"), format=speech.moments),
            "finished": st.column_config.DatetimeColumn(speech("runs.finished"), format=speech.moments),
            "snapshot": speech("runs.snapshot"),
            "error": st.column_config.TextColumn(speech("runs.error"), width="medium"),
        },
    )


def _choose(runs: list[RunReport], speech: Speech) -> RunReport:
    """Return the chosen run: at first the active one, else the newest."""
    by_id = {run.id: run for run in runs}
    asked = st.session_state.pop("shown-run", None)
    if asked in by_id:
        st.session_state["run"] = asked
    active = [run.id for run in runs if run.state in ACTIVE]
    st.session_state.setdefault("run", active[-1] if active else runs[0].id)

    def name(number: int) -> str:
        return f"{number} · {kind_name(speech, by_id[number].kind)}"

    return by_id[st.selectbox(speech("runs.run"), list(by_id), format_func=name, key="run")]


main()
