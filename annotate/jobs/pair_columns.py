"""Read the pairs as the learner sees them: features, where each belongs, who answered, what is labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from active import (
    GradedHead,
    ItemEffects,
    Labelled,
    Pool,
    certainty_weights,
    lexical_features,
    pair_features,
)
from annotate.jobs.context import Context
from annotate.jobs.embeddings import embed_answers, embed_questions
from annotate.labelling.verdicts import GRADES, OUTCOMES
from annotate.store import AnswerRecord, Cluster, ClusterMember, Pair, Preference, Task

OWN_MODEL = "own-model"  # the assessor that stands for the learner itself
MOST_CONTENDERS = 100  # those with columns of their own; each costs one
CONTENDER_SHARE = 0.2  # of the prior variance of a pair's logit; the texts make the rest
LEAST_WEIGHT = 0.05  # of a pair of which the votes tell nothing
STEPS = tuple(sorted(set(GRADES.values()), reverse=True))  # grades, best for the first answer first


@dataclass(frozen=True, eq=False)
class PairTable:
    """Hold every pair with its texts, its task's audit mark, its preference and its question's cluster.

    A preference that the learner itself gave is left out: it must not teach the learner what it thinks.
    """

    pairs: tuple[Pair, ...]
    audited: dict[int, bool]
    preferences: dict[int, Preference]
    clusters: dict[int, int]

    @property
    def waiting(self) -> list[Pair]:
        """Return the pairs that are no tasks yet."""
        return [pair for pair in self.pairs if pair.id not in self.audited]

    @property
    def labelled(self) -> list[Pair]:
        """Return the pairs with a preference."""
        return [pair for pair in self.pairs if pair.id in self.preferences]

    @cached_property
    def contenders(self) -> tuple[int, ...]:
        """The contenders whose answers were judged, those seen most first."""
        seen = [side.contender_id for pair in self.labelled for side in (pair.first, pair.second)]
        return tuple(ItemEffects.of(seen, most=MOST_CONTENDERS).items)  # type: ignore[arg-type]

    def make_head(self) -> GradedHead:
        """Return the learner: graded verdicts, calibrated, with an effect of each contender."""
        return GradedHead(len(STEPS), calibrate=True, raw_columns=len(self.contenders))


def read_pairs(context: Context) -> PairTable:
    """Read all pairs, in the order of their ids."""
    with context.store.reading() as session:
        answers = joinedload(AnswerRecord.contender)
        everything = (
            joinedload(Pair.question),
            joinedload(Pair.first).options(answers),
            joinedload(Pair.second).options(answers),
        )
        pairs = session.scalars(select(Pair).options(*everything).order_by(Pair.id)).all()
        audited = dict(session.execute(select(Task.pair_id, Task.audit)).all())
        preferences = {
            found.pair_id: found
            for found in session.scalars(select(Preference))
            if not found.votes or not all(vote["assessor"].startswith(OWN_MODEL) for vote in found.votes)
        }
        numbers = select(ClusterMember.question_id, Cluster.number)
        clusters = dict(session.execute(numbers.join(Cluster, Cluster.id == ClusterMember.cluster_id)).all())
    return PairTable(tuple(pairs), audited, preferences, clusters)


def as_pool(context: Context, table: PairTable, pairs: Sequence[Pair]) -> Pool:
    """Return pairs, at least one, as a pool."""
    return Pool(**_columns(context, table, pairs))


def as_labelled(context: Context, table: PairTable, pairs: Sequence[Pair]) -> Labelled:
    """Return pairs with their joint verdicts, graded, each weighing as much as its votes are sure.

    In `targets` a tie or a pair of bad answers counts half for each side.
    """
    if not pairs:
        width = 2 * embed_questions(context, ["?"]).shape[1] + lexical_features(["?"], ["?"]).shape[1]
        return Labelled.nothing(width)
    columns = _columns(context, table, pairs)
    columns["features"] = np.asarray(columns["features"])  # a head is fitted on all of them at once
    joint = [table.preferences[pair.id] for pair in pairs]
    posteriors = np.array([[one.posterior[name] for name in OUTCOMES] for one in joint])
    return Labelled(
        **columns,
        targets=np.array([target_of(one.posterior) for one in joint]),
        weights=np.maximum(certainty_weights(posteriors), LEAST_WEIGHT),
        verdicts=np.array([graded(one) for one in joint]),
    )


def target_of(posterior: dict[str, float]) -> float:
    """Return the probability that the first answer is better; ties and bad pairs count half."""
    return float(np.clip(posterior["first"] + 0.5 * (posterior["tie"] + posterior["both_bad"]), 0.0, 1.0))


def graded(preference: Preference) -> NDArray[np.float64]:
    """Return the probabilities of the grades, (5,): the posterior, a win shared out as its votes' degrees."""
    named = [vote["verdict"] for vote in preference.votes if vote["verdict"] in GRADES]
    named += [preference.verdict] if preference.verdict in GRADES else []
    counts = {step: sum(GRADES[verdict] == step for verdict in named) for step in STEPS}
    row = dict.fromkeys(STEPS, 0.0)
    for name, sign in (("first", 1), ("second", -1)):
        sides = [step for step in STEPS if step * sign > 0]
        cast = sum(counts[step] for step in sides)
        for step in sides:
            share = counts[step] / cast if cast else float(abs(step) == 1)
            row[step] = share * preference.posterior[name]
    row[0] = preference.posterior["tie"] + preference.posterior["both_bad"]
    found = np.array([row[step] for step in STEPS])
    shares: NDArray[np.float64] = found / found.sum()
    return shares


def _columns(context: Context, table: PairTable, pairs: Sequence[Pair]) -> dict[str, Any]:
    features, queries = _features(context, pairs)
    scale = float(np.sqrt(features.shape[1] * CONTENDER_SHARE / (1 - CONTENDER_SHARE) / 2))
    effects = ItemEffects(table.contenders, scale)
    first, second = ([side.contender_id for side in sides] for sides in _sides(pairs))
    return {
        "features": effects.table(features, first, second),
        "queries": np.asarray(queries, np.float64),
        "clusters": np.array([table.clusters.get(pair.question_id, -1) for pair in pairs], dtype=np.int64),
        "groups": np.array([pair.question_id for pair in pairs]),
        "languages": np.array([pair.question.language for pair in pairs]),
        "contenders": np.array([[pair.first.contender.name, pair.second.contender.name] for pair in pairs]),
        "fingerprint": context.embedder.fingerprint,
    }


def _sides(pairs: Sequence[Pair]) -> tuple[list[AnswerRecord], list[AnswerRecord]]:
    return [pair.first for pair in pairs], [pair.second for pair in pairs]


def _features(context: Context, pairs: Sequence[Pair]) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    questions = [pair.question.text for pair in pairs]
    first, second = ([side.text for side in sides] for sides in _sides(pairs))
    queries = embed_questions(context, questions)
    features = pair_features(
        queries,
        embed_answers(context, first),
        embed_answers(context, second),
        (lexical_features(questions, first), lexical_features(questions, second)),
    )
    return features, queries
