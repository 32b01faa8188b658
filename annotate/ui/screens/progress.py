"""Show how far the work has come: one's own, and for leads the whole campaign with its forecast."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import streamlit as st

from annotate.access.permissions import Actor, Permission
from annotate.jobs.context import Context
from annotate.reports import ProgressReport, report_progress
from annotate.reports.assessor import DayWork, report_days, report_standing
from annotate.reports.entrance import EXAM, Trial, report_trials
from annotate.reports.pace import Forecast, PaceReport, Part, Worker, campaign_names, report_pace
from annotate.ui.entry.sittings import begin
from annotate.ui.frame import current_context, current_speech, empty, gate, heading, table, title
from annotate.ui.standing import agreement, day_bars, figures, short_day, speed
from annotate.ui.texts import LANGUAGES, Speech

STOCK = ("questions", "answers", "pairs", "tasks", "preferences", "reserved", "skipped", "flagged")
SHOWN_DAYS = 28
REFRESH_SECONDS = 60


def main() -> None:
    """Draw the screen."""
    actor = gate(Permission.LABEL)
    context, speech = current_context(), current_speech()
    is_lead = actor.may(Permission.READ_QUALITY)
    title(speech("screen.progress"), speech("progress.intro_lead" if is_lead else "progress.intro"))
    if not is_lead:
        _show_own(context, actor, speech)
        return
    names = campaign_names(context.store)
    campaign, own, stock = st.tabs([speech(f"progress.{tab}") for tab in ("campaign", "own", "stock")])
    with campaign:
        _show_campaign(context, _choose(names, speech) if names else "", speech)
    with own:
        _show_own(context, actor, speech)
    with stock:
        _show_stock(report_progress(context.store), speech)


def _choose(names: Sequence[str], speech: Speech) -> str:
    if len(names) == 1:
        return names[0]
    return st.selectbox(speech("progress.which"), names, key="campaign", width=320)


@st.fragment(run_every=REFRESH_SECONDS)
def _show_campaign(context: Context, name: str, speech: Speech) -> None:
    report = report_pace(context.store, name)
    if report is None or not report.tasks:
        empty(speech("progress.empty"), speech("progress.empty_help"))
        return
    figures(_campaign_figures(report, speech))
    done = speech("progress.tasks_done", done=speech.number(report.done), total=speech.number(report.tasks))
    st.progress(report.done / report.tasks, text=done)
    _say_when(report, speech)
    _show_days(report, speech)
    _show_workers([one for one in report.workers if one.kind == "person"], "people", speech)
    _show_workers([one for one in report.workers if one.kind == "machine"], "machines", speech)
    _show_parts(report.languages, "languages", speech)
    if len(report.clusters) > 1:
        _show_parts(report.clusters, "clusters", speech)


def _campaign_figures(report: PaceReport, speech: Speech) -> list[tuple[str, str, str]]:
    week = sum(day.people for day in report.days if day.day > report.today - timedelta(days=7))
    return [
        (speech("progress.labels"), speech.number(report.labels), speech("progress.labels_help")),
        (speech("progress.left"), speech.number(report.left), speech("progress.left_help")),
        (speech("progress.week"), speech.number(week), speech("progress.week_help")),
        (speech("progress.end"), _end(report, speech), _end_help(report.forecast, speech)),
    ]


def _end(report: PaceReport, speech: Speech) -> str:
    if not report.left:
        return speech("progress.done")
    return speech.day(report.forecast.expected) if report.forecast else "—"


def _end_help(found: Forecast | None, speech: Speech) -> str:
    if found is None:
        return ""
    latest = speech.day(found.latest) if found.latest else speech("progress.never")
    return speech("progress.between", earliest=speech.day(found.earliest), latest=latest)


def _say_when(report: PaceReport, speech: Speech) -> None:
    found = report.forecast
    if found is not None:
        low, high = speech.number(found.low, 1), speech.number(found.high, 1)
        per_day = speech.number(found.per_day, 1)
        st.caption(speech("progress.speed", per_day=per_day, low=low, high=high, count=found.days))
    elif report.left:
        st.caption(speech("progress.no_forecast"))


def _show_days(report: PaceReport, speech: Speech) -> None:
    heading(speech("progress.by_day"))
    if not report.days:
        st.info(speech("progress.no_judgements"), icon=":material/info:")
        return
    counts = {day.day: (day.people, day.machines) for day in report.days}
    _draw_bars(
        [
            {"day": day, "people": counts.get(day, (0, 0))[0], "machines": counts.get(day, (0, 0))[1]}
            for day in _last_days(min(counts), report.today)
        ],
        ("people", "machines"),
        "campaign-days",
        speech,
    )


def _draw_bars(rows: Sequence[dict[str, Any]], kinds: tuple[str, ...], name: str, speech: Speech) -> None:
    """Draw a bar a day, and the same rows as a table to open and download."""
    labels = {kind: speech(f"progress.{kind}") for kind in kinds}
    values = [
        {"at": n, "day": short_day(row["day"], speech), "kind": label, "count": row[kind]}
        for n, row in enumerate(rows)
        for kind, label in labels.items()
    ]
    st.altair_chart(day_bars(values, list(labels.values()), speech("progress.judgements")), height=240)
    with st.expander(speech("progress.as_table"), icon=":material/table:"):
        columns = {"day": st.column_config.DateColumn(speech("progress.day"), format="localized")}
        table(list(reversed(rows)), name, columns | labels)


def _show_workers(workers: Sequence[Worker], kind: str, speech: Speech) -> None:
    if not workers:
        return
    heading(speech(f"progress.{kind}"))
    most = max(worker.total for worker in workers)
    table(
        [vars(worker) for worker in workers],
        f"progress-{kind}",
        {
            "assessor": speech("progress.assessor"),
            "today": speech("progress.today"),
            "week": speech("progress.week"),
            "total": st.column_config.ProgressColumn(
                speech("progress.total"), min_value=0, max_value=most, format="localized"
            ),
            "seconds": st.column_config.NumberColumn(speech("progress.seconds"), format="%.0f"),
            "last": st.column_config.DateColumn(speech("progress.last"), format="localized"),
        },
    )


def _show_parts(parts: Sequence[Part], kind: str, speech: Speech) -> None:
    heading(speech(f"progress.{kind}"))
    nameless = speech("progress.nameless")
    rows = [
        {
            **vars(part),
            "name": LANGUAGES.get(part.name, speech.name("cluster", part.name)) or nameless,
            "share": part.share,
        }
        for part in parts
    ]
    table(
        rows,
        f"progress-{kind}",
        {
            "name": speech(f"progress.{kind}_name"),
            "tasks": speech("progress.tasks"),
            "done": speech("progress.tasks_finished"),
            "share": st.column_config.ProgressColumn(
                speech("progress.share"), min_value=0, max_value=1, format="percent"
            ),
            "labels": speech("progress.labels"),
            "left": speech("progress.left"),
        },
    )


def _show_own(context: Context, actor: Actor, speech: Speech) -> None:
    if actor.assessor_id is None:
        _show_nothing_of_ones_own(speech)
        return
    standing = report_standing(context.store, actor.assessor_id)
    trials = report_trials(context.store, actor.assessor_id)
    if not standing.total:
        _show_nothing_of_ones_own(speech)
    else:
        rows = [
            (
                speech("progress.today"),
                speech.number(standing.today),
                _left_today(standing.left_today, speech),
            ),
            (speech("progress.total"), speech.number(standing.total), ""),
            (speech("progress.streak"), speech("progress.days", count=standing.streak), ""),
            (speech("progress.median"), speed(standing.median_seconds, speech), ""),
            *agreement(standing, speech),
        ]
        figures(rows)
        heading(speech("progress.by_day"))
        _show_own_days(report_days(context.store, actor.assessor_id), standing.moment.date(), speech)
    if trials:
        _show_trials(trials, speech)
        _offer_trials(context, actor, trials, standing.moment, speech)


def _show_nothing_of_ones_own(speech: Speech) -> None:
    st.info(
        f"**{speech('progress.own_empty')}.** {speech('progress.own_empty_help')}", icon=":material/edit:"
    )


def _left_today(left: int | None, speech: Speech) -> str:
    return "" if left is None else speech("progress.left_today", count=left)


def _show_own_days(days: Sequence[DayWork], today: date, speech: Speech) -> None:
    counts = {day.day: day.judgements for day in days}
    rows = [{"day": day, "judgements": counts.get(day, 0)} for day in _last_days(min(counts), today)]
    _draw_bars(rows, ("judgements",), "own-days", speech)


def _show_trials(trials: Sequence[Trial], speech: Speech) -> None:
    heading(speech("progress.trials"))
    rows = [
        {
            "campaign": trial.campaign,
            "pool": speech(f"progress.pool_{trial.pool}"),
            "language": LANGUAGES.get(trial.language, trial.language),
            "state": _state(trial, speech),
            "right": _result(trial, speech),
            "attempts_left": None if trial.passed else trial.attempts_left,
        }
        for trial in trials
    ]
    columns = ("campaign", "pool", "language", "state", "right", "attempts_left")
    table(rows, "own-trials", {name: speech(f"progress.trial_{name}") for name in columns})


def _offer_trials(
    context: Context, actor: Actor, trials: Sequence[Trial], moment: datetime, speech: Speech
) -> None:
    """Draw a button for each training and exam that can be sat now, such as one in another language."""
    with st.container(horizontal=True, key="offers"):
        for trial in trials:
            if trial.passed or not trial.is_open(moment):
                continue
            language = LANGUAGES.get(trial.language, trial.language)
            name = speech(f"progress.sit_{trial.pool}", language=language, campaign=trial.campaign)
            if st.button(name, key=f"sit-{trial.campaign}-{trial.pool}-{trial.language}"):
                begin(context, actor, trial, speech)
                st.switch_page("screens/label.py")


def _state(trial: Trial, speech: Speech) -> str:
    if trial.passed:
        return speech("progress.passed" if trial.pool == EXAM else "progress.trained")
    if trial.running is not None:
        return speech("progress.running")
    return speech("progress.failed" if trial.attempts else "progress.waiting")


def _result(trial: Trial, speech: Speech) -> str | None:
    if not trial.attempts:
        return None
    last = trial.attempts[-1]
    return speech("progress.of", right=last.right, total=last.total)


def _show_stock(report: ProgressReport, speech: Speech) -> None:
    figures([(speech(f"progress.{name}"), speech.number(getattr(report, name)), "") for name in STOCK])


def _last_days(first: date, today: date) -> list[date]:
    """Return the days to show, the last ones, up to today."""
    first = max(first, today - timedelta(days=SHOWN_DAYS - 1))
    return [first + timedelta(days=n) for n in range((today - first).days + 1)]


main()
