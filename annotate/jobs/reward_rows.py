"""Make rows for the reranker from what a reward model gives the answers that cite a passage."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from annotate.jobs.context import Context
from annotate.jobs.judges import reward_score
from annotate.jobs.row_sources import with_mined_negatives
from annotate.labelling.views import WHOLE_PAIR, view_pair
from annotate.store import AnswerRecord, Pair, Question
from training.kinds.reranker.answer_rewards import RewardedAnswer, rows_from_rewards
from training.rows import RelevanceRow

AT_ONCE = 64  # pairs that are scored together


def rewarded_rows(context: Context) -> list[RelevanceRow]:
    """Return a row for each passage that an answer of a pair cites, its score from those answers' rewards.

    Raises JobError when there is no reward model.
    """
    score, fingerprint = reward_score(context)
    answers: dict[int, RewardedAnswer] = {}
    rewards: dict[int, float] = {}
    with context.store.reading() as session:
        numbers = list(session.scalars(select(Pair.id).order_by(Pair.id)))
    for start in range(0, len(numbers), AT_ONCE):
        with context.store.reading() as session:
            some = select(Pair).where(Pair.id.in_(numbers[start : start + AT_ONCE])).options(*WHOLE_PAIR)
            pairs = [
                pair for pair in session.scalars(some) if not (pair.first.refused or pair.second.refused)
            ]
            views = [view_pair(pair) for pair in pairs]
            sides = [(pair.question, answer) for pair in pairs for answer in (pair.first, pair.second)]
            answers |= {answer.id: _rewarded(question, answer) for question, answer in sides}
        if views:
            found = score(views).reshape(-1)
            rewards |= {answer.id: float(reward) for (_, answer), reward in zip(sides, found, strict=True)}
    rows = rows_from_rewards(list(answers.values()), [rewards[key] for key in answers])
    return with_mined_negatives(
        context, [replace(row, lineage=row.lineage | {"reward_model": fingerprint}) for row in rows]
    )


def _rewarded(question: Question, answer: AnswerRecord) -> RewardedAnswer:
    shown = range(len(answer.passages))
    cited = {int(number) - 1 for sentence in answer.sentences for number in sentence.get("cited", ())}
    return RewardedAnswer(
        question.key,
        question.text,
        [passage["text"] for passage in answer.passages],
        cited & set(shown),
        question.language,
    )
