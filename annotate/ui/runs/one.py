"""Draw one run while it lives and after: progress, loss, margin, log, figures, decoded samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from annotate.access.permissions import Actor, Permission
from annotate.actions.runs import cancel_run, resume_run
from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.reports import RunReport, read_log, read_samples, read_steps, report_run
from annotate.reports.run_files import read_page
from annotate.ui.frame import heading, table
from annotate.ui.markup import escape, plain
from annotate.ui.runs.figures import draw_curve, draw_metrics, metric_rows
from annotate.ui.runs.words import kind_name
from annotate.ui.texts import Speech

POLL_SECONDS = 1.5
ACTIVE = ("queued", "running")
LOG_CHARACTERS = 20_000
STEP_FIGURES = ("loss", "margin", "grad_norm", "learning_rate")


def draw_run(context: Context, actor: Actor, run: RunReport, speech: Speech) -> None:
    """Draw a run; while it is active the upper part renews itself."""
    every = POLL_SECONDS if run.state in ACTIVE else None

    @st.fragment(run_every=every)
    def live() -> None:
        _draw_live(context, actor, run, speech)

    live()
    _draw_result(run, speech)
    _draw_samples(run, speech)
    _draw_recipe(run, speech)


def _draw_live(context: Context, actor: Actor, shown: RunReport, speech: Speech) -> None:
    run = report_run(context.store, shown.id)
    if run.state != shown.state:
        st.rerun()  # buttons, result and tables change with the state
    _draw_state(context, actor, run, speech)
    steps = read_steps(Path(run.folder))
    if steps:
        _draw_curves(steps, speech)
    elif run.kind == "reward_head":
        st.caption(speech("runs.no_steps_of_head"))
    else:
        st.caption(speech("runs.no_loss"))
    _draw_log(run, speech)


def _draw_state(context: Context, actor: Actor, run: RunReport, speech: Speech) -> None:
    state = speech.name("state", run.state)
    with st.container(horizontal=True, vertical_alignment="center", key="run-head"):
        st.html(
            f'<p class="pl-run"><b>{escape(speech("runs.run_name", run=run.id))}</b> '
            f"{escape(kind_name(speech, run.kind))} "
            f'<span class="pl-state pl-state-{escape(run.state)}">{escape(state)}</span></p>'
        )
        if actor.may(Permission.TRAIN):
            _draw_buttons(context, actor, run, speech)
    st.caption(
        speech(
            "runs.how_it_runs",
            priority=run.priority,
            launcher=speech.name("launcher", run.launcher),
            trigger=plain(speech.name("trigger", run.trigger)),
        )
    )
    if run.state in ACTIVE:
        _draw_progress(run, speech)
    if run.error and run.state == "failed":
        st.error(plain(run.error), icon=":material/error:")


def _draw_buttons(context: Context, actor: Actor, run: RunReport, speech: Speech) -> None:
    if run.state in ACTIVE:
        with st.popover(speech("runs.cancel"), icon=":material/stop_circle:"):
            st.write(speech("runs.cancel_sure"))
            if st.button(speech("runs.cancel_yes"), type="primary", key=f"cancel-{run.id}"):
                _act(lambda: cancel_run(context, actor, run.id))
    elif run.state in ("cancelled", "failed") and st.button(
        speech("runs.resume"),
        icon=":material/resume:",
        help=speech("runs.resume_help"),
        key=f"resume-{run.id}",
    ):
        _act(lambda: resume_run(context, actor, run.id))


def _act(change: Any) -> None:
    try:
        change()
    except JobError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.rerun()


def _draw_progress(run: RunReport, speech: Speech) -> None:
    line = run.progress
    total = int(line.get("total") or 0)
    if run.state == "queued":
        st.progress(0.0, speech("runs.waits_turn"))
    elif not total:
        st.progress(0.0, speech.name("runs.stage", str(line.get("stage") or "freezing")))
    else:
        step = int(line["step"])
        left = (total - step) * float(line.get("seconds", 0.0)) / max(step, 1)
        text = speech("runs.step_of", step=step, total=total, left=speech.span(left))
        st.progress(min(step / total, 1.0), text if step < total else speech("runs.measuring"))


def _draw_curves(steps: list[dict[str, Any]], speech: Speech) -> None:
    drawn = [key for key in ("loss", "margin") if any(key in line for line in steps)]
    for column, key in zip(st.columns(len(drawn), gap="large"), drawn, strict=True):
        with column:
            heading(speech(f"runs.{key}"))
            rows = [{"step": line["step"], key: line[key]} for line in steps if key in line]
            draw_curve(rows, key, speech(f"runs.{key}"), speech)
    with st.expander(speech("runs.loss_table")):
        shown = [key for key in STEP_FIGURES if any(key in line for line in steps)]
        columns = {key: speech(f"runs.of_{key}") for key in shown}
        table(steps, "loss", {"step": speech("runs.step"), **columns})


def _draw_log(run: RunReport, speech: Speech) -> None:
    """Draw the end of the log; only what is new is read."""
    kept: dict[int, tuple[str, int]] = st.session_state.setdefault("run-logs", {})
    text, offset = kept.get(run.id, ("", 0))
    part = read_log(Path(run.folder), offset)
    text = (text + part.text)[-LOG_CHARACTERS:]
    kept[run.id] = (text, part.offset)
    with st.expander(speech("runs.log"), expanded=run.state == "failed" and bool(text)):
        if text:
            st.code(text, language=None, height=260, wrap_lines=True)
        else:
            st.caption(speech("runs.no_log"))


def _draw_report(run: RunReport, speech: Speech) -> None:
    """Offer the run's own page; it is opened outside of the screens, under its own content policy."""
    page = read_page(Path(run.folder), speech.language)
    if page is not None:
        st.download_button(
            speech("runs.report"), page, f"run-{run.id}.html", "text/html",
            icon=":material/description:", on_click="ignore",
        )  # fmt: skip


def _draw_result(run: RunReport, speech: Speech) -> None:
    metrics = run.result.get("metrics") or {}
    heading(speech("runs.metrics"))
    _draw_report(run, speech)
    if not metrics:
        st.info(speech("runs.no_metrics"), icon=":material/info:")
        return
    draw_metrics(metric_rows({speech("runs.run_name", run=run.id): metrics}), speech)
    rows = run.result.get("rows", {})
    st.caption(
        speech(
            "runs.took",
            train=rows.get("train", 0),
            test=rows.get("test", 0),
            dropped=rows.get("dropped", 0),
            time=speech.span(float(run.result.get("seconds") or 0)),
            memory=speech.number(float(run.result.get("peak_memory_mb") or 0)),
        )
    )


def _draw_samples(run: RunReport, speech: Speech) -> None:
    samples = read_samples(Path(run.folder))
    if not samples:
        return
    with st.expander(speech("runs.samples", count=len(samples))):
        st.caption(speech("runs.samples_help"))
        for sample in samples:
            st.html(_sample(sample, speech))


def _sample(sample: dict[str, str], speech: Speech) -> str:
    parts = "".join(
        f"<h4>{escape(speech(f'runs.sample_{key}'))}</h4><pre tabindex='0'>{_with_marks(sample[key])}</pre>"
        for key in ("prompt", "chosen", "rejected")
        if key in sample
    )
    name = escape(sample.get("id", ""))
    return f'<article class="pl-sample"><p class="pl-eyebrow">{name}</p>{parts}</article>'


def _with_marks(text: str) -> str:
    """Return text as HTML in which the tokenizer's special tokens stand out."""
    pieces = escape(text).split("&lt;|")
    marked = [f"<mark>&lt;|{piece.replace('|&gt;', '|&gt;</mark>', 1)}" for piece in pieces[1:]]
    return "".join([pieces[0], *(piece if "</mark>" in piece else f"{piece}</mark>" for piece in marked)])


def _draw_recipe(run: RunReport, speech: Speech) -> None:
    with st.expander(speech("runs.recipe")):
        st.caption(speech("runs.snapshot_is", snapshot=run.snapshot or "—", folder=run.folder))
        rows = [{"key": key, "value": str(value)} for key, value in sorted(run.recipe.items())]
        if rows:
            table(rows, "recipe", {"key": speech("runs.key"), "value": speech("runs.value")})
