"""Rows for a reranker from the rewards of the answers that cite a passage."""

from __future__ import annotations

import pytest

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.run_options import RunOptions
from annotate.jobs.train import split_rows, train
from benchmarks.tiny_training import judge_pairs

pytestmark = pytest.mark.models
BY_REWARDS = RunOptions(by_rewards=True)


def test_who_reads_other_rows_and_who_has_no_reward_model_is_told(context: Context) -> None:
    with pytest.raises(JobError, match="dpo takes no rows by rewards"):
        split_rows(context, "dpo", BY_REWARDS)
    with pytest.raises(JobError, match="train one with `pairloop train reward_head`"):
        split_rows(context, "reranker", BY_REWARDS)


@pytest.mark.slow
def test_a_passage_is_worth_what_the_answers_citing_it_earn(context: Context) -> None:
    judge_pairs(context.store, 12)
    train(context, "reward_head")
    split = split_rows(context, "reranker", BY_REWARDS)
    rows = [*split.train, *split.test]
    assert rows
    assert all(0 < row.score < 1 and row.lineage["reward_model"] for row in rows)
    assert not {row.question_id for row in split.train} & {row.question_id for row in split.test}
    assert split.train[0].positive not in split.train[0].negatives
