"""Draw the map of questions, on which a click chooses a cluster."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from annotate.reports.gap_map import GapMap
from annotate.ui.gaps.words import cluster_name, worst
from annotate.ui.quality.charts import ink, paper
from annotate.ui.texts import Speech

KINDS = ("sources", "labels", "quality", "guideline", "none")
COLOURS = ("#d9772b", "#3b78d8", "#a855c7", "#2b9a66", "#8a8f98")
NAMED = 14  # clusters whose names are written on the map
PICK = "pick"


def draw(gaps: GapMap, chosen: int, speech: Speech) -> int | None:
    """Draw the map with one cluster lit up; return the cluster of the point that was just clicked."""
    found = {cluster.number: cluster for cluster in gaps.clusters}
    names = [speech(f"gaps.colour_{kind}") for kind in KINDS]
    points = pd.DataFrame(
        [
            {
                "x": point.x,
                "y": point.y,
                "cluster": point.cluster,
                "name": cluster_name(found[point.cluster], speech),
                "question": point.text,
                "lacks": speech(f"gaps.colour_{worst(found[point.cluster])}"),
                "lit": point.cluster == chosen,
            }
            for point in gaps.points
        ]
    )
    nowhere = alt.Axis(labels=False, ticks=False, grid=False, domain=False, title=None)
    pick = alt.selection_point(fields=["cluster"], name=PICK)
    dots = (
        alt.Chart(points)
        .mark_circle(stroke=None)
        .encode(
            x=alt.X("x:Q", axis=nowhere, scale=alt.Scale(padding=24)),
            y=alt.Y("y:Q", axis=nowhere, scale=alt.Scale(padding=24)),
            color=alt.Color(
                "lacks:N",
                scale=alt.Scale(domain=names, range=list(COLOURS)),
                legend=alt.Legend(orient="top", title=speech("gaps.colour")),
            ),
            size=alt.condition("datum.lit", alt.value(150), alt.value(70)),
            opacity=alt.condition("datum.lit", alt.value(1.0), alt.value(0.45)),
            tooltip=[
                alt.Tooltip("question:N", title=speech("gaps.question")),
                alt.Tooltip("name:N", title=speech("gaps.cluster")),
                alt.Tooltip("lacks:N", title=speech("gaps.colour")),
            ],
        )
        .add_params(pick)
    )
    chart = alt.layer(dots, _names(points, gaps, chosen, speech)).properties(
        height=460, description=speech("gaps.map_chart")
    )
    state: Any = st.altair_chart(
        chart, width="stretch", on_select="rerun", selection_mode=[PICK], key=f"gap-map-{chosen}"
    )
    picked = state.selection.get(PICK, []) if state else []
    return int(picked[0]["cluster"]) if picked else None


def _names(points: pd.DataFrame, gaps: GapMap, chosen: int, speech: Speech) -> Any:
    places = points.groupby("cluster")
    middles = pd.DataFrame({"x": places["x"].median(), "y": places["y"].max()})
    written = {cluster.number for cluster in gaps.clusters[:NAMED]} | {chosen}
    rows = [
        {
            "x": middles.loc[one.number, "x"],
            "y": middles.loc[one.number, "y"],
            "name": cluster_name(one, speech),
        }
        for one in gaps.clusters
        if one.number in written and one.number in middles.index and one.number >= 0
    ]
    base = alt.Chart(pd.DataFrame(rows, columns=["x", "y", "name"])).encode(x="x:Q", y="y:Q", text="name:N")
    letters: dict[str, Any] = {"fontSize": 13, "fontWeight": 600, "dy": -18, "limit": 190}
    # A halo in the colour of the page keeps names legible where they lie over points.
    halo = base.mark_text(**letters, stroke=paper(), strokeWidth=5, strokeJoin="round", color=paper())
    return halo + base.mark_text(**letters, color=ink())
