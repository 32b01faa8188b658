"""Draw the stages of retrieval as one table: each chunk with its rank and score at each stage."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.jobs.playground import Side, Stage, StageHit
from annotate.ui.frame import table
from annotate.ui.markup import escape
from annotate.ui.texts import Speech

SHOWN_CHUNKS = 14


def draw_stages(side: Side, speech: Speech) -> None:
    """Draw the stages of one contender, their times, and what became a passage."""
    ranked = [stage for stage in side.stages if stage.hits]
    if not ranked:
        st.caption(speech("playground.nothing_found"))
        return
    st.html(f'<div class="pl-flow" tabindex="0" role="region">{_flow(ranked, speech)}</div>')
    spent = " · ".join(
        f"{speech.name('stage', stage.name)} {speech.number(stage.seconds * 1000, 1)}"
        for stage in side.stages
    )
    st.caption(speech("playground.stage_times", times=spent))
    notes = [f"{speech.name('stage', stage.name)}: {stage.note}" for stage in side.stages if stage.note]
    with st.expander(speech("playground.stages_as_table")):
        if notes:
            st.html("".join(f'<p class="pl-quiet">{escape(note)}</p>' for note in notes))
        table(_rows(side, speech), f"stages-{side.name}", _columns(speech))


def _flow(stages: list[Stage], speech: Speech) -> str:
    hits = {hit.chunk_id: hit for stage in stages for hit in stage.hits}
    places = [{hit.chunk_id: hit for hit in stage.hits} for stage in stages]
    # In the order of the last stage that ranked them: what is handed out stands on top.
    order = sorted(hits, key=lambda chunk: [_rank(found.get(chunk)) for found in reversed(places)])
    order.sort(key=lambda chunk: not hits[chunk].used)
    heads = "".join(f'<th scope="col">{escape(speech.name("stage", stage.name))}</th>' for stage in stages)
    rows = "".join(
        _line(hits[chunk], [found.get(chunk) for found in places], speech) for chunk in order[:SHOWN_CHUNKS]
    )
    return (
        f'<table><thead><tr><th scope="col">{escape(speech("playground.chunk"))}</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _line(chunk: StageHit, found: list[StageHit | None], speech: Speech) -> str:
    cells = "".join(
        f"<td><b>{hit.rank}</b> <small>{_score(hit.score)}</small></td>" if hit else "<td>–</td>"
        for hit in found
    )
    used = f'<span class="pl-used">{escape(speech("playground.used"))}</span>' if chunk.used else ""
    kind = ' class="pl-is-used"' if chunk.used else ""
    return (
        f'<tr{kind}><th scope="row"><span>{escape(chunk.title or chunk.document)}</span>'
        f"<small>{escape(chunk.document)}</small>{used}</th>{cells}</tr>"
    )


def _rank(hit: StageHit | None) -> int:
    return hit.rank if hit else 1_000


def _score(score: float) -> str:
    return f"{score:.3f}" if abs(score) < 10 else f"{score:.1f}"


def _rows(side: Side, speech: Speech) -> list[dict[str, Any]]:
    return [
        {
            "stage": speech.name("stage", stage.name),
            "rank": hit.rank,
            "title": hit.title,
            "document": hit.document,
            "score": hit.score,
            "used": hit.used,
        }
        for stage in side.stages
        for hit in stage.hits
    ]


def _columns(speech: Speech) -> dict[str, Any]:
    return {
        "stage": speech("playground.stage"),
        "rank": st.column_config.NumberColumn(speech("playground.rank"), width="small"),
        "title": speech("playground.chunk"),
        "document": speech("playground.document"),
        "score": st.column_config.NumberColumn(speech("playground.score"), format="%.4f"),
        "used": st.column_config.CheckboxColumn(speech("playground.used")),
    }
