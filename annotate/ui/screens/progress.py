"""Show how far the loop has come."""

from __future__ import annotations

import streamlit as st

from annotate.reports import ProgressReport, report_progress
from annotate.ui.frame import current_context, current_speech, empty, heading, table, title
from annotate.ui.texts import Speech

STOCK = ("questions", "answers", "pairs", "tasks", "preferences")
DESKS = ("reserved", "skipped", "flagged")


def main() -> None:
    """Draw the screen."""
    speech = current_speech()
    report = report_progress(current_context().store)
    title(speech("screen.progress"), speech("progress.intro"))
    _show_counts(report, STOCK, speech)
    if not report.tasks:
        empty(speech("progress.empty"), speech("progress.empty_help"))
        return
    _show_coverage(report, speech)
    heading(speech("progress.judgements"))
    if not report.judgements:
        st.info(speech("progress.no_judgements"), icon=":material/info:")
        return
    rows = [{"assessor": name, "judgements": count} for name, count in report.judgements.items()]
    most = max(report.judgements.values())
    table(
        rows,
        "judgements",
        {
            "assessor": speech("progress.assessor"),
            "judgements": st.column_config.ProgressColumn(
                speech("progress.count"), min_value=0, max_value=most, format="%d"
            ),
        },
    )


def _show_counts(report: ProgressReport, names: tuple[str, ...], speech: Speech) -> None:
    with st.container(horizontal=True, key=f"counts-{names[0]}"):
        for name in names:
            st.metric(speech(f"progress.{name}"), getattr(report, name), border=True)


def _show_coverage(report: ProgressReport, speech: Speech) -> None:
    heading(speech("progress.coverage"))
    for key, done in (
        ("progress.by_people", report.judged_by_people),
        ("progress.by_machines", report.judged_by_machines),
    ):
        st.progress(done / report.tasks, text=speech(key, done=done, total=report.tasks))
    if report.waiting_for_people:
        st.caption(speech("progress.waiting", count=report.waiting_for_people))
    else:
        st.caption(speech("progress.complete"))
    _show_counts(report, DESKS, speech)


main()
