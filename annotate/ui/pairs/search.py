"""Draw the search and the filters, and find what they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from annotate.jobs.context import Context
from annotate.jobs.searches import open_search
from annotate.reports import (
    PAIR_STATES,
    PairChoices,
    PairFilter,
    PairPage,
    pairs_of_questions,
    report_found_pairs,
    report_pair_choices,
    report_pair_page,
)
from annotate.ui.texts import Speech

WAYS = ("words", "meaning")
DISPUTES = {"": 0.0, "some": 0.4, "much": 0.8}  # bits of uncertainty that count as dispute


@dataclass(frozen=True)
class Wanted:
    """Hold what is looked for: a text and how, and the filters."""

    text: str
    way: str
    filter: PairFilter


def draw_search(context: Context, speech: Speech) -> Wanted:
    """Draw the search line and the filters; a change of either begins at the first page."""
    choices = report_pair_choices(context.store)
    with st.container(horizontal=True, vertical_alignment="bottom", key="pair-search"):
        text = st.text_input(
            speech("pairs.search"),
            key="pair-text",
            placeholder=speech("pairs.search_hint"),
            icon=":material/search:",
            on_change=_begin_again,
        )
        way = st.segmented_control(
            speech("pairs.way"),
            WAYS,
            format_func=lambda name: speech(f"pairs.by_{name}"),
            default="words",
            key="pair-way",
            required=True,
            on_change=_begin_again,
        )
    return Wanted(text.strip(), way or "words", _draw_filters(choices, speech))


def _draw_filters(choices: PairChoices, speech: Speech) -> PairFilter:
    clusters = {key: speech.name("cluster", name) for key, name in choices.clusters.items()}
    with st.container(key="pair-filters"):
        language = _choose("language", choices.languages, str.upper, speech)
        cluster = _choose("cluster", list(clusters), clusters.__getitem__, speech)
        state = _choose("state", PAIR_STATES, lambda name: speech(f"pairs.state_{name}"), speech)
        contender = _choose("contender", list(choices.contenders), choices.contenders.__getitem__, speech)
        verdict = _choose("verdict", choices.verdicts, lambda name: speech.name("verdict", name), speech)
        dispute = _choose("dispute", list(DISPUTES)[1:], lambda name: speech(f"pairs.dispute_{name}"), speech)
    return PairFilter(language or "", cluster, state or "", contender, verdict or "", DISPUTES[dispute or ""])


def _choose(name: str, options: Any, names: Any, speech: Speech) -> Any:
    return st.selectbox(
        speech(f"pairs.{name}"),
        options,
        index=None,
        format_func=names,
        placeholder=speech("pairs.any"),
        key=f"pair-{name}",
        on_change=_begin_again,
    )


def _begin_again() -> None:
    st.session_state["pair-pages"] = []


def find(context: Context, wanted: Wanted, start: int | None) -> tuple[PairPage, int]:
    """Return a page of what is wanted, and how many rows the search has not taken in yet."""
    if not wanted.text:
        return report_pair_page(context.store, wanted.filter, before=start), 0
    search = open_search(context)
    if wanted.way == "words":
        ids = search.by_words(wanted.text)
    else:
        ids = pairs_of_questions(context.store, search.by_meaning(wanted.text))
    page = report_found_pairs(context.store, ids, wanted.filter, start=start or 0)
    return page, search.missing(wanted.way)
