"""Choose with the active learner the pairs that are worth a label."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

import numpy as np

from active import Batch, Pick, Pool, Quotas, Strategy, select_batch
from active import strategy as make_strategy
from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.pair_columns import PairTable, as_labelled, as_pool, read_pairs
from annotate.jobs.relabel import RELABEL, ask_again
from annotate.labelling import CampaignRules, ChosenPair, create_tasks
from annotate.labelling.campaigns import DEFAULT, find_campaign, list_campaigns
from annotate.store import Pair

NEED_CLUSTERS = ("gap_weighted", "cluster_random")


def select_pairs(
    context: Context,
    count: int | None = None,
    strategy: str | None = None,
    *,
    campaign: str | None = None,
    seed: int | None = None,
) -> dict[str, Any]:
    """Choose a batch of pairs that are no tasks yet and make them tasks of a campaign, or of the default one.

    A cluster, a language or a contender with a share in the rules of the campaign gets at least that share
    of the batch, as far as there are pairs. A campaign that is named keeps its own overlap, the default one
    that of the settings. The strategy `relabel` makes no new tasks: it asks one more person about tasks
    whose verdict is still open. Raises JobError when every pair is a task already, or there are no clusters
    for a strategy that needs them; LabellingError for an unknown campaign, active.ActiveError for a bad
    strategy.
    """
    settings = context.settings
    named = strategy or settings.selection.strategy
    size = count or settings.selection.batch
    rules = find_campaign(context.store, campaign).rules if campaign else _default_rules(context)
    if named == RELABEL:
        return ask_again(context, size, campaign=campaign or DEFAULT)
    table = read_pairs(context)
    if not (waiting := table.waiting):
        raise JobError("every pair is a task already; make more with `pairloop pairs`")
    pool = as_pool(context, table, waiting)
    batch = select_batch(
        _strategy(named, table),
        pool,
        as_labelled(context, table, table.labelled),
        size,
        rng=np.random.default_rng([settings.seed if seed is None else seed, len(table.audited)]),
        audit_share=settings.selection.audit_share,
        quotas=_quotas(rules, min(size, len(waiting)), pool),
        head=table.make_head(),
    )
    chosen = [_chosen(waiting[pick.index], pick, len(batch)) for pick in batch]
    overlap = None if campaign else settings.labelling.overlap
    return _summary(batch, create_tasks(context.store, chosen, overlap, campaign=campaign))


def _strategy(name: str, table: PairTable) -> Strategy:
    """Return the strategy of a name; gaps are measured against the questions asked, paired or not."""
    if name in NEED_CLUSTERS and not table.clusters:
        raise JobError(f"{name} needs clusters of questions; make them with `pairloop gaps`")
    if name == "gap_weighted":
        return make_strategy(name, traffic=Counter(table.clusters.values()))
    return make_strategy(name)


def _default_rules(context: Context) -> CampaignRules:
    """Return the rules of the default campaign, which is opened with its first task."""
    return next((one.rules for one in list_campaigns(context.store) if one.name == DEFAULT), CampaignRules())


def _quotas(rules: CampaignRules, size: int, pool: Pool) -> Quotas:
    """Return how many pairs of a batch are for each cluster, language and contender with a share.

    A contender without a waiting pair is left out: it may be of the past.
    """
    there = set() if pool.contenders is None else set(pool.contenders.ravel().tolist())
    return Quotas(
        {cluster: int(share * size) for cluster, share in rules.cluster_shares.items()},
        {language: int(share * size) for language, share in rules.language_shares.items()},
        {name: int(share * size) for name, share in rules.contender_shares.items() if name in there},
    )


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
        "shortages": [str(one) for one in batch.shortages],
    }
