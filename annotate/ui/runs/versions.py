"""Draw the models that came out of runs: champions, evidence, promotion and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from annotate.access.permissions import Actor, Permission
from annotate.actions.evaluating import evaluate_model
from annotate.actions.models import promote, rollback
from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.reports import ModelReport, report_former_champions
from annotate.ui.errand_line import show_errand
from annotate.ui.frame import empty, heading, table
from annotate.ui.markup import escape, plain
from annotate.ui.runs.decisions import decision_text
from annotate.ui.runs.figures import draw_metrics, metric_rows
from annotate.ui.texts import Speech

_GATE = {"accuracy": "gate_accuracy", "accuracy_gain": "accuracy_gain"}  # what the gate measured: its name


def draw_champions(context: Context, actor: Actor, models: list[ModelReport], speech: Speech) -> None:
    """Draw the model in service of each role, with the way back to the one before it."""
    champions = [model for model in models if model.champion]
    if not champions:
        return
    heading(speech("runs.champions"))
    former = report_former_champions(context.store)
    for column, model in zip(st.columns(max(len(champions), 2)), champions, strict=False):
        with column, st.container(border=True):
            role = escape(speech.name("model_role", model.role))
            st.html(
                f'<div class="pl-champion"><p class="pl-eyebrow">{role}</p>'
                f"<code>{escape(model.fingerprint[:12])}</code>"
                f'<p class="pl-quiet">{escape(decision_text(model.decision, speech))}</p></div>'
            )
            before = former.get(model.role)
            if before and actor.may(Permission.PROMOTE):
                _draw_rollback(context, actor, model, before, speech)


def draw_models(context: Context, actor: Actor, models: list[ModelReport], speech: Speech) -> None:
    """Draw all versions, and one of them with its evidence and the button that promotes it."""
    if not models:
        empty(speech("runs.no_models"), speech("runs.no_models_help"))
        return
    _draw_table(models, speech)
    by_id = {model.id: model for model in models}
    number = st.selectbox(
        speech("runs.model"), list(by_id), format_func=lambda each: _name(by_id[each], speech), key="model"
    )
    model = by_id[number]
    _draw_evidence(model, speech)
    if not model.champion and actor.may(Permission.PROMOTE):
        if model.role == "policy":
            _draw_comparing(context, actor, model, speech)
        _draw_promotion(context, actor, model, speech)


def _name(model: ModelReport, speech: Speech) -> str:
    champion = f" · {speech('runs.champion')}" if model.champion else ""
    return f"{model.id} · {speech.name('model_role', model.role)} · {model.fingerprint[:12]}{champion}"


def _draw_table(models: list[ModelReport], speech: Speech) -> None:
    rows = [
        {
            "champion": model.champion,
            "model": model.id,
            "role": speech.name("model_role", model.role),
            "fingerprint": model.fingerprint[:12],
            "decision": decision_text(model.decision, speech) or speech("runs.no_decision"),
            **{name: found.get("value") for name, found in model.metrics.items() if isinstance(found, dict)},
            "run": model.run_id,
            "created": model.created_at,
        }
        for model in models
    ]
    names = sorted({name for model in models for name in model.metrics})
    figures: dict[str, Any] = {
        name: st.column_config.NumberColumn(speech.name("metric", name), format="%.3f") for name in names
    }
    table(
        rows,
        "models",
        {
            "champion": st.column_config.CheckboxColumn(speech("runs.champion").capitalize()),
            "model": speech("runs.model"),
            "role": speech("runs.role"),
            "fingerprint": speech("runs.fingerprint"),
            **figures,
            "run": speech("runs.run"),
            "decision": st.column_config.TextColumn(speech("runs.decision"), width="large"),
        },
    )


def _draw_evidence(model: ModelReport, speech: Speech) -> None:
    heading(speech("runs.evaluation"))
    verdict = decision_text(model.decision, speech) or speech("runs.no_decision")
    icon = ":material/verified:" if model.champion else ":material/gavel:"
    st.info(plain(verdict), icon=icon)
    evidence = model.evidence
    bounds = evidence.get("ci") or [None, None]
    metrics = dict(model.metrics)
    if "value" in evidence:
        value = {"value": evidence["value"], "low": bounds[0], "high": bounds[1], "n": evidence.get("n")}
        metrics = {_GATE.get(evidence.get("measure", ""), "gate_win_rate"): value, **metrics}
        if "champion_accuracy" in evidence:
            metrics["champion_accuracy"] = evidence["champion_accuracy"]
    if metrics:
        draw_metrics(metric_rows({str(model.id): metrics}), speech, "evidence")
    if model.role == "policy" and "value" not in evidence:
        st.caption(speech("runs.evaluate_help", model=model.id))
    if model.lineage:
        _draw_lineage(model, speech)


def _draw_lineage(model: ModelReport, speech: Speech) -> None:
    with st.expander(speech("runs.lineage")):
        whole = {**model.lineage, **model.lineage.get("libraries", {})}
        rows = [{"key": key, "value": str(value)} for key, value in whole.items() if key != "libraries"]
        rows.append({"key": speech("runs.content_hash"), "value": model.content_hash})
        table(rows, "lineage", {"key": speech("runs.key"), "value": speech("runs.value")})


def _draw_comparing(context: Context, actor: Actor, model: ModelReport, speech: Speech) -> None:
    """Draw the way to the gate: the policy answers held-out questions against the one in service."""
    running = show_errand("evaluate").state == "running"
    with st.popover(speech("runs.evaluate"), icon=":material/balance:", disabled=running):
        st.write(speech("runs.evaluate_sure", model=model.id))
        count = st.number_input(
            speech("runs.evaluate_count"), min_value=2, value=None, step=10, key=f"evaluate-count-{model.id}",
            placeholder=speech("runs.evaluate_all"),
        )  # fmt: skip
        if st.button(speech("runs.evaluate_yes"), type="primary", key=f"evaluate-{model.id}"):
            _act(lambda: evaluate_model(context, actor, model.id, None if count is None else int(count)))


def _draw_promotion(context: Context, actor: Actor, model: ModelReport, speech: Speech) -> None:
    approved = bool(model.evidence.get("promoted"))
    with st.popover(speech("runs.promote"), icon=":material/trending_up:"):
        st.write(speech("runs.promote_sure", model=model.id, role=speech.name("model_role", model.role)))
        if not approved:
            st.warning(speech("runs.gate_says_no"), icon=":material/warning:")
        reason = st.text_input(speech("runs.reason"), key=f"reason-{model.id}")
        blocked = not approved and not reason.strip()
        if st.button(speech("runs.promote_yes"), type="primary", disabled=blocked, key=f"promote-{model.id}"):
            _act(lambda: promote(context, actor, model.fingerprint, reason.strip()))


def _draw_rollback(
    context: Context, actor: Actor, model: ModelReport, before: ModelReport, speech: Speech
) -> None:
    with st.popover(speech("runs.rollback"), icon=":material/undo:"):
        st.write(
            speech("runs.rollback_sure", now=model.id, before=before.id, fingerprint=before.fingerprint[:12])
        )
        reason = st.text_input(speech("runs.reason"), key=f"back-{model.role}")
        if st.button(speech("runs.rollback_yes"), type="primary", key=f"rollback-{model.role}"):
            _act(lambda: rollback(context, actor, model.role, reason.strip()))


def _act(change: Callable[[], object]) -> None:
    try:
        change()
    except JobError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.rerun()
