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
from annotate.labelling import CampaignRules, ChosenPair, create_tasks
from annotate.labelling.campaigns import DEFAULT, find_campaign, list_campaigns
from annotate.store import Cluster, ClusterMember, Pair, Preference, Task


def select_pairs(
    context: Context,
    count: int | None = None,
    strategy: str | None = None,
    *,
    campaign: str | None = None,
    seed: int | None = None,
) -> dict[str, Any]:
    """Choose a batch of pairs that are no tasks yet and make them tasks of a campaign, or of the default one.

    A cluster with a share in the rules of the campaign gets at least that share of the batch, as far as
    there are pairs. A campaign that is named keeps its own overlap, the default one that of the settings.
    Raises JobError when every pair is a task already, LabellingError for an unknown campaign,
    active.ActiveError for a bad strategy.
    """
    settings = context.settings
    rules = find_campaign(context.store, campaign).rules if campaign else _default_rules(context)
    with context.store.reading() as session:
        everything = joinedload(Pair.question), joinedload(Pair.first), joinedload(Pair.second)
        pairs = list(session.scalars(select(Pair).options(*everything).order_by(Pair.id)))
        tasks = set(session.scalars(select(Task.pair_id)))
        preferences = {found.pair_id: found for found in session.scalars(select(Preference))}
        numbers = select(ClusterMember.question_id, Cluster.number)
        clusters = dict(session.execute(numbers.join(Cluster, Cluster.id == ClusterMember.cluster_id)).all())
    waiting = [pair for pair in pairs if pair.id not in tasks]
    if not waiting:
        raise JobError("every pair is a task already; make more with `pairloop pairs`")
    known = [pair for pair in pairs if pair.id in preferences]
    size = count or settings.selection.batch
    batch = select_batch(
        strategy or settings.selection.strategy,
        _pool(context, waiting, clusters),
        _labelled(context, known, preferences, clusters),
        size,
        rng=np.random.default_rng([settings.seed if seed is None else seed, len(tasks)]),
        audit_share=settings.selection.audit_share,
        quotas=_quotas(rules, min(size, len(waiting))),
    )
    chosen = [_chosen(waiting[pick.index], pick, len(batch)) for pick in batch]
    created = create_tasks(
        context.store, chosen, None if campaign else settings.labelling.overlap, campaign=campaign
    )
    return _summary(batch, created)


def _default_rules(context: Context) -> CampaignRules:
    """Return the rules of the default campaign, which is opened with its first task."""
    return next((one.rules for one in list_campaigns(context.store) if one.name == DEFAULT), CampaignRules())


def _quotas(rules: CampaignRules, size: int) -> dict[int, int]:
    """Return how many pairs of a batch are for each cluster that a campaign gives a share."""
    return {cluster: int(share * size) for cluster, share in rules.cluster_shares.items()}


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
