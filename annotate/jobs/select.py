"""Choose with the active learner the pairs that are worth a label."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from active import Batch, Labelled, Pick, Pool, lexical_features, pair_features, select_batch
from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.embeddings import embed_answers, embed_questions
from annotate.labelling import ChosenPair, create_tasks
from annotate.store import ClusterMember, Pair, Preference, Task


def select_pairs(
    context: Context, count: int | None = None, strategy: str | None = None, *, seed: int | None = None
) -> dict[str, Any]:
    """Choose a batch of pairs that are no tasks yet and make tasks of them.

    Raises JobError when every pair is a task already, active.ActiveError for a bad strategy.
    """
    settings = context.settings
    with context.store.reading() as session:
        everything = joinedload(Pair.question), joinedload(Pair.first), joinedload(Pair.second)
        pairs = list(session.scalars(select(Pair).options(*everything).order_by(Pair.id)))
        tasks = set(session.scalars(select(Task.pair_id)))
        preferences = {found.pair_id: found for found in session.scalars(select(Preference))}
        clusters = dict(session.execute(select(ClusterMember.question_id, ClusterMember.cluster_id)).all())
    waiting = [pair for pair in pairs if pair.id not in tasks]
    if not waiting:
        raise JobError("every pair is a task already; make more with `pairloop pairs`")
    known = [pair for pair in pairs if pair.id in preferences]
    batch = select_batch(
        strategy or settings.selection.strategy,
        _pool(context, waiting, clusters),
        _labelled(context, known, preferences, clusters),
        count or settings.selection.batch,
        rng=np.random.default_rng([settings.seed if seed is None else seed, len(tasks)]),
        audit_share=settings.selection.audit_share,
    )
    chosen = [_chosen(waiting[pick.index], pick, len(batch)) for pick in batch]
    created = create_tasks(context.store, chosen, settings.labelling.overlap)
    return _summary(batch, created)


def _features(context: Context, pairs: list[Pair]) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    questions = [pair.question.text for pair in pairs]
    first, second = [pair.first.text for pair in pairs], [pair.second.text for pair in pairs]
    queries = embed_questions(context, questions)
    features = pair_features(
        queries,
        embed_answers(context, first),
        embed_answers(context, second),
        (lexical_features(questions, first), lexical_features(questions, second)),
    )
    return features, queries


def _columns(context: Context, pairs: list[Pair], clusters: dict[int, int]) -> dict[str, Any]:
    features, queries = _features(context, pairs)
    return {
        "features": features,
        "queries": np.asarray(queries, np.float64),
        "clusters": np.array([clusters.get(pair.question_id, -1) for pair in pairs], dtype=np.int64),
        "groups": np.array([pair.question_id for pair in pairs]),
    }


def _pool(context: Context, pairs: list[Pair], clusters: dict[int, int]) -> Pool:
    return Pool(**_columns(context, pairs, clusters))


def _labelled(
    context: Context, pairs: list[Pair], preferences: dict[int, Preference], clusters: dict[int, int]
) -> Labelled:
    if not pairs:
        width = 2 * embed_questions(context, ["?"]).shape[1] + lexical_features(["?"], ["?"]).shape[1]
        return Labelled.nothing(width)
    targets = np.array([_target(preferences[pair.id].posterior) for pair in pairs])
    return Labelled(**_columns(context, pairs, clusters), targets=targets)


def _target(posterior: dict[str, float]) -> float:
    """Return the probability that the first answer is better; ties and bad pairs count half."""
    return float(posterior["first"] + 0.5 * (posterior["tie"] + posterior["both_bad"]))


def _chosen(pair: Pair, pick: Pick, size: int) -> ChosenPair:
    explanation = asdict(pick.explanation)
    return ChosenPair(
        pair_id=pair.id,
        priority=float(size - pick.explanation.rank),
        audit=pick.is_audit,
        chosen_by=explanation | {"text": str(pick.explanation)},
    )


def _summary(batch: Batch, created: int) -> dict[str, Any]:
    return {
        "selected": created,
        "strategy": "typiclust" if batch.cold_start else batch.strategy,
        "cold_start": batch.cold_start,
        "audit": len(batch.audit_indices),
        "l2": batch.l2,
    }
