"""Votes as columns are the votes as rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.errors import VerdictError
from annotate.labelling.aggregation import METHODS, Vote, Votes, aggregate
from annotate.labelling.verdicts import OUTCOMES, VERDICTS, outcome

rows = st.lists(
    st.builds(
        Vote, st.integers(-3, 5), st.sampled_from(["a", "b", "c"]), st.sampled_from(VERDICTS), st.booleans()
    ),
    max_size=20,
)


@given(rows)
def test_columns_hold_what_the_rows_say(given_rows: list[Vote]) -> None:
    votes = Votes.of(given_rows)
    back = [
        Vote(int(item), votes.names[assessor], VERDICTS[verdict], bool(swapped))
        for item, assessor, verdict, swapped in zip(
            votes.items, votes.assessors, votes.verdicts, votes.swapped, strict=True
        )
    ]
    assert back == given_rows
    assert len(votes) == len(given_rows)
    counts = votes.count()
    for at, item in enumerate(votes.item_ids):
        said = [outcome(vote.verdict) for vote in given_rows if vote.item == item]
        assert counts[at].tolist() == [said.count(name) for name in OUTCOMES]


@given(rows)
def test_the_incidence_of_votes_sums_tables_over_items(given_rows: list[Vote]) -> None:
    votes = Votes.of(given_rows)
    table = np.arange(3.0)[:, None] + 1
    summed = votes.incidence(votes.assessors, 3) @ table
    expected = np.bincount(votes.rows, votes.assessors + 1.0, len(votes.item_ids))
    assert summed[:, 0].tolist() == expected.tolist()


def test_a_verdict_that_does_not_exist_is_named() -> None:
    with pytest.raises(VerdictError, match="best"):
        Votes.of([Vote(1, "anna", "best")])


@pytest.mark.parametrize("name", METHODS)
def test_rows_and_columns_aggregate_alike(name: str) -> None:
    given_rows = [Vote(n % 4, f"p{n % 3}", VERDICTS[n % 6]) for n in range(12)]
    one, other = (aggregate(votes, METHODS[name]) for votes in (given_rows, Votes.of(given_rows)))
    assert one.items == other.items
    assert one.method == name
