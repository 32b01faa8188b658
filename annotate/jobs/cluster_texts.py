"""Cluster the answers, or the passages behind them, and measure each cluster."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from active import Clusters, cluster_queries
from annotate.errors import JobError
from annotate.jobs.cluster import without_language
from annotate.jobs.cluster_titles import Group, title_clusters
from annotate.jobs.context import Context
from annotate.jobs.embeddings import embed_answers
from annotate.labelling.agreement import share_of
from annotate.labelling.verdicts import outcome
from annotate.reports.text_clusters import VERSION, stored_as
from annotate.store import AnswerRecord, Figures, Pair, Preference, Question

EXAMPLES = 3
SHORT = 300  # characters of an example


@dataclass
class Text:
    """Hold one text: its language, and by figure what was seen of it, true or false."""

    text: str
    language: str
    seen: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))


def cluster_texts(context: Context, kind: str) -> dict[str, Any]:
    """Cluster all answers or all passages shown to them, keep the clusters, and return a summary.

    Of answers are measured: refused, flagged by the checks, preferred to the other. Of passages: cited by
    an answer they were shown to, behind an answer that was preferred. Raises JobError where there are none,
    or for another kind of texts.
    """
    if kind not in _READERS:
        raise JobError(f"no texts called {kind!r}; clusters are of questions, {' or '.join(_READERS)}")
    started = time.perf_counter()
    with context.store.reading() as session:
        found = _READERS[kind](session)
    if not found:
        raise JobError(f"no {kind} to cluster; make some with `pairloop pairs`")
    texts = [one.text for one in found]
    rng = np.random.default_rng(context.settings.seed)
    topics = without_language(embed_answers(context, texts), [one.language for one in found])
    clusters = cluster_queries(topics, texts, rng, reduction="umap")
    names, unnamed = title_clusters(
        context,
        [
            Group(name, words, [texts[at][:SHORT] for at in exemplars])
            for name, words, exemplars in zip(
                clusters.names, clusters.keywords, clusters.exemplars, strict=True
            )
        ],
    )
    value = {"version": VERSION, "clusters": _rows(clusters, names, found), "texts": len(found)}
    with context.store.writing.begin() as session:
        session.merge(
            Figures(name=stored_as(kind), stamp={}, value=value, seconds=time.perf_counter() - started)
        )
    return {
        "clusters": len(clusters),
        "outliers": len(clusters.outliers),
        "method": clusters.method,
        "unnamed": unnamed,
    }


def _rows(clusters: Clusters, names: Sequence[str], found: Sequence[Text]) -> list[dict[str, Any]]:
    rows = []
    for label in sorted(set(clusters.labels.tolist()), key=lambda one: (one < 0, one)):
        members = np.flatnonzero(clusters.labels == label).tolist()
        shown = clusters.exemplars[label].tolist() if label >= 0 else members
        seen: dict[str, list[bool]] = defaultdict(list)
        for member in members:
            for figure, values in found[member].seen.items():
                seen[figure] += values
        shares = {"share": share_of(len(members), len(found))}
        shares |= {figure: share_of(sum(values), len(values)) for figure, values in seen.items()}
        rows.append(
            {
                "number": label,
                "name": names[label] if label >= 0 else "",
                "texts": len(members),
                "figures": {
                    figure: [one.value, one.low, one.high, one.n] for figure, one in shares.items() if one
                },
                "examples": [found[at].text[:SHORT] for at in shown[:EXAMPLES]],
            }
        )
    return rows


def _answers(session: Session) -> list[Text]:
    won = _won(session)
    found = []
    for answer, language in session.execute(_ANSWERS):
        one = Text(answer.text, language)
        one.seen["refused"].append(answer.refused)
        one.seen["flagged"].append(bool(answer.flags))
        one.seen["preferred"] += won[answer.id]
        found.append(one)
    return found


def _passages(session: Session) -> list[Text]:
    won = _won(session)
    found: dict[str, Text] = {}
    for answer, language in session.execute(_ANSWERS):
        cited = {number for sentence in answer.sentences for number in sentence.get("cited", ())}
        for number, passage in enumerate(answer.passages, 1):
            key = passage.get("text_hash") or passage["text"]
            one = found.setdefault(key, Text(passage["text"], language))
            one.seen["cited"].append(number in cited)
            if number in cited:
                one.seen["behind_preferred"] += won[answer.id]
    return list(found.values())


def _won(session: Session) -> dict[int, list[bool]]:
    """Return for each answer whether it was preferred, once for each pair with a winner."""
    won: dict[int, list[bool]] = defaultdict(list)
    rows = select(Pair.first_id, Pair.second_id, Preference.verdict).join(
        Preference, Preference.pair_id == Pair.id
    )
    for first, second, verdict in session.execute(rows):
        if (winner := outcome(verdict)) in ("first", "second"):
            won[first].append(winner == "first")
            won[second].append(winner == "second")
    return won


_ANSWERS = (
    select(AnswerRecord, Question.language)
    .join(Question, Question.id == AnswerRecord.question_id)
    .order_by(AnswerRecord.id)
)
_READERS: dict[str, Callable[[Session], list[Text]]] = {"answers": _answers, "passages": _passages}
