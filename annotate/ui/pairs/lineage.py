"""Draw one pair with its lineage, step by step, from its documents to the models it trained."""

from __future__ import annotations

from typing import Any

import streamlit as st

from annotate.jobs.context import Context
from annotate.jobs.pair_sources import Standing, sources_now
from annotate.reports import AnswerLineage, Lineage, report_lineage
from annotate.ui.frame import table
from annotate.ui.markup import escape
from annotate.ui.still_pair import draw_still
from annotate.ui.texts import Speech


def draw_lineage(context: Context, pair_id: int, speech: Speech) -> None:
    """Draw the pair, then each step of its way."""
    found = report_lineage(context.store, pair_id)
    st.html(draw_still(found.pair, speech))
    passages = [passage for answer in found.answers for passage in answer.passages]
    _draw_sources(found, sources_now(context, passages), speech)
    _draw_answers(found, speech)
    _draw_selection(found, speech)
    _draw_judgements(found, speech)
    _draw_preference(found, speech)
    _draw_rows(found, speech)


def _step(number: int, name: str, fact: str) -> None:
    st.html(
        f'<div class="pl-step"><span class="pl-step-number">{number}</span>'
        f'<h2 class="pl-heading">{escape(name)}</h2><p class="pl-quiet">{escape(fact)}</p></div>'
    )


def _draw_sources(found: Lineage, standing: dict[int, Standing], speech: Speech) -> None:
    sides = zip("AB", found.answers, strict=True)
    rows = [
        {
            "answer": side,
            "number": number,
            "document": passage.get("document", ""),
            "title": passage.get("title", ""),
            "chunk": passage.get("chunk"),
            "score": passage.get("score"),
            "similarity": passage.get("similarity"),
            "published": passage.get("published"),
            "now": speech(f"pairs.now_{standing.get(passage.get('chunk', -1), 'gone')}"),
        }
        for side, answer in sides
        for number, passage in enumerate(answer.passages, start=1)
    ]
    documents = len({row["document"] for row in rows})
    _step(1, speech("pairs.sources"), speech("pairs.documents", count=documents))
    if rows:
        columns = (
            "answer",
            "number",
            "document",
            "title",
            "chunk",
            "score",
            "similarity",
            "published",
            "now",
        )
        table(rows, "sources", _columns(columns, speech))


def _draw_answers(found: Lineage, speech: Speech) -> None:
    _step(2, speech("pairs.answers"), speech.moment(found.created_at))
    for column, side, answer in zip(st.columns(2, gap="medium"), "AB", found.answers, strict=True):
        with column:
            st.html(_answer(side, answer, speech))
            with st.expander(speech("pairs.settings")):
                st.json(answer.settings, expanded=False)
                st.json({"flags": answer.flags, "checks": answer.checks}, expanded=False)


def _answer(side: str, answer: AnswerLineage, speech: Speech) -> str:
    decision = answer.decision
    facts = {
        "contender": f"{answer.contender} ({answer.contender_fingerprint[:12]})",
        "model": answer.model,
        "index": answer.index,
        "embedder": answer.embedder or "–",
        "reranker": answer.reranker or "–",
        "decision": f"{speech.name('launch', decision['action'])}: {decision['reason']}" if decision else "–",
        "seed": "–" if answer.seed is None else str(answer.seed),
        "written": speech("pairs.tokens", count=answer.tokens, seconds=speech.number(answer.seconds, 1)),
        "flags": ", ".join(speech.name("flag_kind", flag["kind"]) for flag in answer.flags) or "–",
    }
    lines = "".join(
        f"<dt>{escape(speech(f'pairs.of_{key}'))}</dt><dd>{escape(value)}</dd>"
        for key, value in facts.items()
    )
    return f'<div class="pl-facts pl-{side.lower()}"><b class="pl-side">{side}</b><dl>{lines}</dl></div>'


def _draw_selection(found: Lineage, speech: Speech) -> None:
    chosen = found.selection
    if chosen is None:
        _step(3, speech("pairs.selection"), speech("pairs.not_selected"))
        return
    strategy = str(chosen.chosen_by.get("strategy", "")) or speech("pairs.by_hand")
    _step(
        3, speech("pairs.selection"), f"{strategy} · {chosen.campaign} · {speech.moment(chosen.created_at)}"
    )
    why = str(chosen.chosen_by.get("text", ""))
    if why:
        st.html(f'<p class="pl-why">{escape(why)}</p>')
    numbers = {
        key: value
        for key, value in chosen.chosen_by.items()
        if isinstance(value, int | float) and key != "rank"
    }
    st.caption(
        speech(
            "pairs.task_is",
            task=chosen.task,
            pool=chosen.pool,
            batch=chosen.batch,
            overlap=chosen.overlap,
            priority=speech.number(chosen.priority, 2),
        )
        + "".join(f" · {key} {speech.number(float(value), 3)}" for key, value in numbers.items())
    )
    if found.assignments:
        rows = [
            {
                "assessor": one.assessor,
                "kind": speech.name("pairs.kind", one.kind),
                "state": speech.name("assignment", one.state),
                "reserved": one.reserved_at,
                "reason": one.reason,
                "flagged": one.flagged,
            }
            for one in found.assignments
        ]
        with st.expander(speech("pairs.assignments", count=len(rows))):
            table(
                rows,
                "assignments",
                _columns(("assessor", "kind", "state", "reserved", "reason", "flagged"), speech),
            )


def _draw_judgements(found: Lineage, speech: Speech) -> None:
    _step(4, speech("pairs.judgements"), speech("pairs.judged", count=len(found.judgements)))
    if not found.judgements:
        return
    rows: list[dict[str, Any]] = [
        {
            "assessor": one.assessor,
            "kind": speech.name("pairs.kind", one.kind),
            "verdict": speech.name("verdict", one.verdict),
            "comment": one.comment,
            "tags": ", ".join(
                f"{side}: {', '.join(map(str, tags))}" for side, tags in one.tags.items() if tags
            ),
            "seconds": one.seconds,
            "swapped": one.swapped,
            "revision": one.revision,
            "guideline": one.guideline[:12],
            "at": one.created_at,
        }
        for one in found.judgements
    ]
    names = (
        "assessor",
        "kind",
        "verdict",
        "comment",
        "tags",
        "seconds",
        "swapped",
        "revision",
        "guideline",
        "at",
    )
    table(rows, "judgements", _columns(names, speech))


def _draw_preference(found: Lineage, speech: Speech) -> None:
    preference = found.preference
    if preference is None:
        _step(5, speech("pairs.preference"), speech("pairs.no_preference"))
        return
    fact = speech(
        "pairs.preference_is",
        verdict=speech.name("verdict", preference.verdict),
        method=preference.method or "–",
        margin=speech.number(preference.margin, 2),
        uncertainty=speech.number(preference.uncertainty, 2),
    )
    _step(5, speech("pairs.preference"), fact)
    bars = "".join(
        f"<div><dt>{escape(speech(f'pairs.outcome_{name}'))}</dt>"
        f'<dd><span class="pl-meter"><i style="width:{100 * share:.1f}%"></i></span>'
        f"<b>{escape(speech.percent(share))}</b></dd></div>"
        for name, share in preference.posterior.items()
    )
    st.html(f'<dl class="pl-posterior">{bars}</dl>')


def _draw_rows(found: Lineage, speech: Speech) -> None:
    _step(6, speech("pairs.rows"), speech("pairs.rows_in", count=len(found.rows)))
    if not found.rows:
        return
    rows = [
        {
            "run": one.run,
            "recipe": speech.name("recipe", one.kind),
            "state": speech.name("state", one.state),
            "side": speech(f"pairs.side_{one.side}"),
            "weight": one.weight,
            "margin": one.margin,
            "snapshot": one.snapshot[:12],
            "models": ", ".join(model[:12] for model in one.models) or "–",
        }
        for one in found.rows
    ]
    names = ("run", "recipe", "state", "side", "weight", "margin", "snapshot", "models")
    table(rows, "training-rows", _columns(names, speech))


def _columns(names: tuple[str, ...], speech: Speech) -> dict[str, Any]:
    formats = {"score": "%.4f", "similarity": "%.3f", "seconds": "%.1f", "weight": "%.3f", "margin": "%.1f"}
    found: dict[str, Any] = {}
    for name in names:
        label = speech(f"pairs.column_{name}")
        if name in formats:
            found[name] = st.column_config.NumberColumn(label, format=formats[name])
        elif name in ("swapped", "flagged"):
            found[name] = st.column_config.CheckboxColumn(label)
        elif name in ("at", "reserved"):
            found[name] = st.column_config.DatetimeColumn(label, format=speech.moments)
        else:
            found[name] = label
    return found
