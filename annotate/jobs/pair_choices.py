"""Choose for which questions to make pairs, and which two contenders are to answer each."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, select

from active import COLD_START_LABELS
from active.contenders import Aim, Standings, choose_duels, fit_standings
from active.questions import choose_questions, question_importance
from annotate.jobs.context import Context
from annotate.jobs.embeddings import embed_questions
from annotate.jobs.pair_columns import PairTable, as_labelled, as_pool, read_pairs, target_of
from annotate.labelling.campaigns import list_campaigns
from annotate.reports.question_choice import ChosenQuestion, write_question_choice
from annotate.store import AnswerRecord, ContenderRecord, Pair, Preference, Question
from annotate.store.ledger import OPEN

Asked = tuple[int, str]  # id and text of a question
MOST_PAIRS = 2000  # of judged questions, by which the learner's doubt is measured
LOOKED_AHEAD = 16  # duels planned for those who ask now, of which each gets one by lot


def choose_for_pairs(context: Context, unpaired: Sequence[Asked], count: int) -> list[Asked]:
    """Return up to `count` of the questions without pairs, those worth most first.

    A question counts that many are like, that none with pairs is like, near which the learner is unsure, and
    whose cluster has fewer labels than its share of the questions. The choice is kept as a report.
    """
    if not unpaired:
        return []
    started = time.perf_counter()
    with context.store.reading() as session:
        columns = select(Question.id, Question.text, Question.language)
        rows = session.execute(columns.order_by(Question.id)).all()
    ids = np.array([number for number, _, _ in rows])
    vectors = _topics(embed_questions(context, [text for _, text, _ in rows]), [one for _, _, one in rows])
    table = read_pairs(context)
    doubts = _doubts(context, table)
    importance = question_importance(
        vectors,
        np.isin(ids, list(doubts)),
        np.array([doubts.get(number, 0.0) for number in ids.tolist()]),
        gap_weights=_gap_weights(table, ids.tolist()),
    )
    wanted = dict(unpaired)
    rng = np.random.default_rng([context.settings.seed, len(wanted)])
    has_pairs = ~np.isin(ids, list(wanted))
    chosen = choose_questions(vectors, has_pairs, count, rng, importance=importance)
    found = list(
        zip(ids[chosen.indices].tolist(), chosen.scores.tolist(), chosen.novelty.tolist(), strict=True)
    )
    report = [ChosenQuestion(number, wanted[number], score, novelty) for number, score, novelty in found]
    write_question_choice(context.store, report, len(unpaired), time.perf_counter() - started)
    return [(one.question, one.text) for one in report]


def choose_contenders(
    context: Context, prints: Sequence[str], count: int, aim: Aim = "design"
) -> list[tuple[int, int]]:
    """Return for each of `count` questions which two of the contenders are to answer it, by place.

    `prints` are their fingerprints. What their answers won and lost so far says which duel teaches most.
    """
    if len(prints) == 2:
        return [(0, 1)] * count
    standings, known = _standings(context, prints)
    rng = np.random.default_rng([context.settings.seed, known, count])
    duels = choose_duels(standings, count, rng, aim=aim)
    return [(int(one), int(other)) for one, other in rng.permutation(duels.contenders)]


def choose_live(
    context: Context, names: Sequence[str], prints: Callable[[], Sequence[str]], rng: np.random.Generator
) -> tuple[int, int]:
    """Return which two contenders are to answer somebody who asks now, by place, the lower first.

    They are the first two, but where an open campaign gives a contender of that name a share: then one of
    the duels that teach most next and have such a contender in them, by lot. `prints` is asked for their
    fingerprints only then, for they may need models.
    """
    shares = [one.rules.contender_shares for one in list_campaigns(context.store) if one.state == OPEN]
    wanted = np.array([any(share.get(name, 0.0) > 0 for share in shares) for name in names])
    if len(names) == 2 or not wanted.any():
        return 0, 1
    standings, _ = _standings(context, prints())
    allowed = wanted[:, None] | wanted[None, :]
    duels = choose_duels(standings, LOOKED_AHEAD, rng, allowed=allowed)
    one, other = sorted(rng.choice(duels.contenders).tolist())
    return one, other


def _standings(context: Context, prints: Sequence[str]) -> tuple[Standings, int]:
    """Return what is known of the contenders' strengths, and from how many pairs with a verdict."""
    place = {fingerprint: at for at, fingerprint in enumerate(prints)}
    first, second, targets = [], [], []
    with context.store.reading() as session:
        for one, other, posterior in session.execute(_compared()):
            if one in place and other in place and one != other:
                first.append(place[one])
                second.append(place[other])
                targets.append(target_of(posterior))
    return fit_standings(first, second, targets, len(prints)), len(first)


def _compared() -> Select[Any]:
    """Select the fingerprints of both contenders and the posterior of each pair with a verdict."""
    side = select(AnswerRecord.id, ContenderRecord.fingerprint).join(ContenderRecord)
    first, second = side.subquery(), side.subquery()
    return (
        select(first.c.fingerprint, second.c.fingerprint, Preference.posterior)
        .join(Pair, Pair.id == Preference.pair_id)
        .join(first, first.c.id == Pair.first_id)
        .join(second, second.c.id == Pair.second_id)
        .order_by(Pair.id)
    )


def _topics(vectors: NDArray[np.float32], languages: Sequence[str]) -> NDArray[np.float64]:
    """Take from each vector the mean of its language, or coverage would be of languages first."""
    centred = vectors.astype(np.float64)
    for language in set(languages):
        of_language = np.array([other == language for other in languages])
        if of_language.sum() > 1:
            centred[of_language] -= centred[of_language].mean(axis=0)
    return centred


def _doubts(context: Context, table: PairTable) -> dict[int, float]:
    """Return how unsure the learner is of each judged question's pairs, 4p(1−p); empty before it learns."""
    known = table.labelled[-MOST_PAIRS:]
    if len(known) < COLD_START_LABELS:
        return {}
    labelled = as_labelled(context, table, known)
    if not labelled.has_both_verdicts:
        return {}
    head = table.make_head().fit(
        labelled.features, labelled.targets, labelled.weights, labelled.groups, labelled.verdicts
    )
    p = head.predict_proba(as_pool(context, table, known).features)[:, 1]
    sums, counts = Counter[int](), Counter[int]()
    for pair, doubt in zip(known, (4 * p * (1 - p)).tolist(), strict=True):
        sums[pair.question_id] += doubt
        counts[pair.question_id] += 1
    return {question: min(1.0, sums[question] / counts[question]) for question in counts}


def _gap_weights(table: PairTable, ids: Sequence[int]) -> NDArray[np.float64]:
    """Return 1 + max(0, traffic share − label share) / traffic share of each question's cluster."""
    traffic = Counter(table.clusters[one] for one in ids if one in table.clusters)
    labels = Counter(table.clusters.get(pair.question_id, -2) for pair in table.labelled)
    weights = {}
    for cluster, questions in traffic.items():
        share = questions / traffic.total()
        weights[cluster] = 1 + max(0.0, share - labels[cluster] / max(labels.total(), 1)) / share
    return np.array([weights[table.clusters[one]] if one in table.clusters else 1.0 for one in ids])
