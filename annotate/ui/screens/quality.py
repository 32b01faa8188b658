"""Show how far the assessors can be trusted, people and machines apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from annotate.reports import AssessorQuality, QualityReport, report_quality
from annotate.ui.frame import current_context, current_speech, empty, heading, table, title
from annotate.ui.texts import Speech


def main() -> None:
    """Draw the screen."""
    context, speech = current_context(), current_speech()
    report = report_quality(context.store, np.random.default_rng(context.settings.seed))
    title(speech("screen.quality"), speech("quality.intro"))
    if not report.assessors:
        empty(speech("quality.empty"), speech("quality.empty_help"))
        return
    _show_agreement(report, speech)
    for kind, name, icon, nobody in (
        ("person", "people", ":material/person:", "nobody"),
        ("machine", "machines", ":material/smart_toy:", "no_machine"),
    ):
        heading(speech(f"quality.{name}"))
        found = [assessor for assessor in report.assessors if assessor.kind == kind]
        if found:
            _show_assessors(found, name, speech)
        else:
            st.info(speech(f"quality.{nobody}"), icon=icon)
    _show_verdicts(report, speech)


def _show_agreement(report: QualityReport, speech: Speech) -> None:
    with st.container(horizontal=True, key="agreement"):
        for name, estimate in (
            ("alpha", report.alpha),
            ("alpha_people", report.alpha_people),
            ("percent", report.percent),
        ):
            percent = name == "percent"
            form = "{:.0%}" if percent else "{:.2f}"
            with st.container(border=True):
                st.metric(
                    speech(f"quality.{name}"),
                    form.format(estimate.value) if estimate else "—",
                    help=speech("quality.percent_help" if percent else "quality.alpha_help"),
                )
                if estimate:
                    bounds = form.format(estimate.low), form.format(estimate.high)
                    st.caption(speech("quality.units", count=estimate.n, low=bounds[0], high=bounds[1]))
                else:
                    st.caption(speech("quality.undefined"))


def _show_assessors(assessors: list[AssessorQuality], name: str, speech: Speech) -> None:
    def share(key: str) -> Any:
        hint = speech(f"quality.{key}_help")
        return st.column_config.ProgressColumn(
            speech(f"quality.{key}"), help=hint, min_value=0.0, max_value=1.0, format="%.2f"
        )

    table(
        [_row(assessor) for assessor in assessors],
        f"quality-{name}",
        {
            "assessor": st.column_config.TextColumn(speech("quality.assessor"), width="medium"),
            "judgements": st.column_config.NumberColumn(speech("quality.judgements"), width="small"),
            "reliability": share("reliability"),
            "agreement": st.column_config.NumberColumn(speech("quality.agreement"), format="%.2f"),
            "interval": speech("quality.interval"),
            "left_share": share("left"),
        },
    )


def _row(assessor: AssessorQuality) -> dict[str, Any]:
    agreement = assessor.agreement_with_others
    return {
        "assessor": assessor.name,
        "kind": assessor.kind,
        "judgements": assessor.judgements,
        "reliability": round(assessor.reliability, 4),
        "agreement": round(agreement.value, 4) if agreement else None,
        "interval": f"{agreement.low:.2f} … {agreement.high:.2f}" if agreement else "",
        "left_share": assessor.left_share,
        **{f"verdict_{verdict}": count for verdict, count in sorted(assessor.verdicts.items())},
    }


def _show_verdicts(report: QualityReport, speech: Speech) -> None:
    heading(speech("quality.verdicts"))
    most = max(report.verdicts.values(), default=0)
    table(
        [
            {"verdict": verdict, "name": speech(f"verdict.{verdict}"), "pairs": count}
            for verdict, count in report.verdicts.items()
        ],
        "verdicts",
        {
            "name": st.column_config.TextColumn(speech("quality.verdict"), width="medium"),
            "pairs": st.column_config.ProgressColumn(
                speech("quality.pairs"), min_value=0, max_value=max(1, most), format="%d"
            ),
        },
    )


main()
