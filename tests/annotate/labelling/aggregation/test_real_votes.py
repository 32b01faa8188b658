"""Votes of real people: no method falls below counting, and people tell good judges from bad ones."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotate.labelling.aggregation import METHODS, Method, Vote, aggregate
from annotate.labelling.verdicts import outcome

DATA = Path(__file__).parents[4] / ".." / "shared" / "data"
NAMED = {"a1": "A_better", "a2": "B_better", "equal": "tie", "0": "tie", "1": "A_better", "2": "B_better"}
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data are not here")


def lines(file: str) -> list[dict[str, Any]]:
    with gzip.open(DATA / file, "rt", encoding="utf-8") as rows:
        return [json.loads(row) for row in rows]


@pytest.fixture(scope="module")
def arguments() -> tuple[list[Vote], dict[int, Vote]]:
    """Four votes of each of 1,500 pairs, and the fifth, unseen."""
    rng = np.random.default_rng(0)
    seen, unseen = [], {}
    for number, pair in enumerate(lines("convincing_arguments/pairs.jsonl.gz")[:1500]):
        cast = [Vote(number, vote["worker"], NAMED[vote["value"]]) for vote in pair["votes"]]
        hidden = int(rng.integers(len(cast)))
        unseen[number] = cast.pop(hidden)
        seen += cast
    return seen, unseen


@needs_data
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_the_unseen_vote_is_foretold_about_as_well_as_by_counting_or_better(
    method: Method, arguments: tuple[list[Vote], dict[int, Vote]]
) -> None:
    seen, unseen = arguments

    def side(found: Method) -> float:
        items = aggregate(seen, found).items
        sided = [vote for vote in unseen.values() if vote.verdict != "tie" and vote.item in items]
        shares = [items[vote.item].posterior for vote in sided]
        right = [
            (share["first"] > share["second"]) == (vote.verdict == "A_better")
            for share, vote in zip(shares, sided, strict=True)
        ]
        return float(np.mean(right))

    foretold = side(method)
    assert foretold > 0.68
    assert foretold > side(METHODS["majority"]) - 0.02


@needs_data
def test_people_are_trusted_above_judges_on_pandalm() -> None:
    votes = [
        Vote(row["idx"], f"person {n}", NAMED[str(row[f"annotator{n}"])])
        for row in lines("pandalm/testset-v1.jsonl.gz")
        for n in (1, 2, 3)
    ]
    people = aggregate(votes)
    for judge, column in (("gpt-3.5-turbo", "gpt_result"), ("pandalm-7b", "pandalm_result")):
        rows = lines(f"pandalm/{judge}-testset-v1.jsonl.gz")
        votes += [
            Vote(row["idx"], judge, NAMED[str(row[column])]) for row in rows if str(row[column]) in NAMED
        ]
    for name in ("one_coin", "dawid_skene", "mace", "bradley_terry"):
        found = aggregate(votes, METHODS[name])
        trust = found.reliability
        humans = min(trust[f"person {n}"] for n in (1, 2, 3))
        assert humans > trust["gpt-3.5-turbo"] > trust["pandalm-7b"] > 0.5, name
        same = [
            outcome(found.items[item].verdict) == outcome(one.verdict) for item, one in people.items.items()
        ]
        assert np.mean(same) > 0.9, name
