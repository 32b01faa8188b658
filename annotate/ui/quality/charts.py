"""Draw estimates with their intervals, in the colours of the theme, each above a table of the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from annotate.labelling.agreement import Estimate
from annotate.ui.frame import current_speech, table

# Dark enough on white and light enough on black, and told apart by those who see no red or green.
BLUE, ORANGE, GREY = "#3b78d8", "#d9772b", "#8a8f98"
ROW, AXIS, LEGEND = 34, 76, 34  # pixels of a row in a chart of intervals, and of what is around them
Row = dict[str, Any]


def ink() -> str:
    """Return the colour of words inside a chart, by the reader's theme."""
    return "#d3d8df" if st.context.theme.type == "dark" else "#3d4450"


def paper() -> str:
    """Return the colour of the page, by the reader's theme."""
    return "#13151b" if st.context.theme.type == "dark" else "#ffffff"


def show(chart: Any, name: str) -> None:
    """Draw a chart in the width of the screen, in the theme's colours."""
    st.altair_chart(chart, width="stretch", key=f"chart-{name}")


def beneath(rows: Sequence[Mapping[str, Any]], name: str, columns: Mapping[str, Any]) -> None:
    """Draw the table of a chart, folded away, for those who cannot see it and those who want figures."""
    with st.expander(current_speech()("quality.as_table"), icon=":material/table:"):
        table(rows, name, columns)


def spread(name: str, estimate: Estimate | None, digits: int = 4) -> Row:
    """Return an estimate as cells of a table: its value, ends and number of observations."""
    if estimate is None:
        return {name: None, f"{name}_low": None, f"{name}_high": None, f"{name}_n": 0, f"{name}_95": ""}
    low, high = round(estimate.low, digits), round(estimate.high, digits)
    return {
        name: round(estimate.value, digits),
        f"{name}_low": low,
        f"{name}_high": high,
        f"{name}_n": estimate.n,
        f"{name}_95": f"{low:.2f} … {high:.2f}",
    }


def spread_columns(name: str, label: str, hint: str | None = None) -> dict[str, Any]:
    """Return the shown columns of an estimate, its value and its interval; the CSV has the rest."""
    return {
        name: st.column_config.NumberColumn(label, help=hint, format="%.2f"),
        f"{name}_95": st.column_config.TextColumn(current_speech()("quality.interval")),
    }


def intervals(
    rows: Sequence[Row],
    label: str,
    value: str,
    *,
    title: str,
    describe: str,
    mark: float | None = None,
    percent: bool = False,
) -> Any:
    """Draw a dot with its interval in each row; rows hold `label`, `value`, `value_low` and `value_high`.

    `mark` draws a dashed line, for instance where chance lies; a `kind` in the rows colours them.
    """  # fmt: skip
    speech = current_speech()
    data = pd.DataFrame([row for row in rows if row[value] is not None])
    if data.empty:
        return None
    form = ".0%" if percent else ".2f"
    low = min([float(data[f"{value}_low"].min()), 0.0, *([] if mark is None else [mark])])
    axis = alt.Axis(format=".0%" if percent else ".1f", tickCount=6)
    x = alt.X(f"{value}:Q", title=title, axis=axis, scale=alt.Scale(domain=[low, 1.0]))
    y = alt.Y(
        f"{label}:N",
        title=None,
        sort=None,
        axis=alt.Axis(labelLimit=220, labelOverlap=False, labelFlush=False),
    )
    tips = [
        alt.Tooltip(f"{label}:N", title=" "),
        alt.Tooltip(f"{value}:Q", title=title, format=form),
        alt.Tooltip(f"{value}_low:Q", title=speech("quality.low"), format=form),
        alt.Tooltip(f"{value}_high:Q", title=speech("quality.high"), format=form),
        alt.Tooltip(f"{value}_n:Q", title=speech("quality.seen")),
    ]
    colour = _colour(data)
    base = alt.Chart(data).encode(y=y, color=colour, tooltip=tips)
    layers = [
        base.mark_rule(strokeWidth=2.5, opacity=0.55, strokeCap="round").encode(
            x=alt.X(f"{value}_low:Q", title=title, axis=axis, scale=alt.Scale(domain=[low, 1.0])),
            x2=f"{value}_high:Q",
        ),
        base.mark_circle(size=90, opacity=1).encode(x=x),
    ]
    if mark is not None:
        layers.insert(0, line_at(mark))
    legend = LEGEND if "kind" in data and data["kind"].nunique() > 1 else 0
    height = ROW * data[label].nunique() + AXIS + legend
    return alt.layer(*layers).properties(height=height, description=describe)


def line_at(value: float) -> Any:
    """Draw an upright dashed line."""
    return (
        alt.Chart(pd.DataFrame({"at": [value]}))
        .mark_rule(strokeDash=[5, 4], color=GREY, strokeWidth=1.5)
        .encode(x="at:Q")
    )


def _colour(data: pd.DataFrame) -> Any:
    if "kind" not in data:
        return alt.value(BLUE)
    speech = current_speech()
    data["kind"] = [speech.name("quality", f"kind_{kind}") for kind in data["kind"]]
    kinds = [speech("quality.kind_person"), speech("quality.kind_machine")]
    legend = alt.Legend(title=None, orient="top") if data["kind"].nunique() > 1 else None
    return alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=[BLUE, ORANGE]), legend=legend)
