"""Draw what further labels would buy, as it was last foretold."""

from __future__ import annotations

import streamlit as st

from annotate.jobs.context import Context
from annotate.reports.stopping import read_stopping
from annotate.ui.frame import heading
from annotate.ui.texts import Speech


def draw_forecast(context: Context, speech: Speech) -> None:
    """Draw the part; nothing where nothing was ever foretold."""
    report = read_stopping(context.store)
    if report is None:
        return
    heading(speech("forecast.title"))
    if report.gain is None or report.low is None or report.high is None or report.now is None:
        st.caption(speech("forecast.unknown"))
        return
    value, low, high = (speech.number(100 * one, 1) for one in (report.gain, report.low, report.high))
    with st.container(key="forecast"):
        st.write(speech("forecast.gain", count=report.more, value=value, low=low, high=high))
        st.caption(speech("forecast.now", share=speech.percent(report.now)))
        if report.since:
            st.caption(speech("forecast.since", count=report.since))
