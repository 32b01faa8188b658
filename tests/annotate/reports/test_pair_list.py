"""Find pairs by filters, page by page."""

import pytest

from annotate.labelling import ChosenPair, create_tasks, refresh_preferences
from annotate.reports import (
    PairFilter,
    pairs_of_questions,
    report_found_pairs,
    report_pair_choices,
    report_pair_page,
)
from annotate.store import AnswerRecord, Cluster, ClusterMember, Pair
from tests.annotate.conftest import Ledger


@pytest.fixture
def listed(ledger: Ledger) -> tuple[Ledger, list[int]]:
    """Store six pairs: unlabelled, a control, one waiting, three judged."""
    pairs = [ledger.pair(f"Вопрос {n}?", "ru" if n % 2 else "en") for n in range(6)]
    create_tasks(ledger.store, [ChosenPair(pairs[1], known={"verdict": "tie"})], 1, pool="gold")
    create_tasks(ledger.store, [ChosenPair(pair, priority=-float(pair)) for pair in pairs[3:]], overlap=1)
    anna = ledger.person()
    for verdict in ("A_better", "B_better", "A_better"):
        ledger.judge(anna, verdict)
    create_tasks(ledger.store, [ChosenPair(pairs[2])], overlap=1)
    refresh_preferences(ledger.store)
    with ledger.store.writing.begin() as session:
        cluster = Cluster(number=1, name="сроки", keywords=[])
        session.add(cluster)
        session.flush()
        for number in pairs[:2]:
            question = session.get_one(Pair, number).question_id
            session.add(ClusterMember(question_id=question, cluster_id=cluster.id))
    return ledger, pairs


def ids(ledger: Ledger, wanted: PairFilter) -> list[int]:
    return [row.id for row in report_pair_page(ledger.store, wanted).rows]


def test_each_filter_lets_through_what_fits(listed: tuple[Ledger, list[int]]) -> None:
    ledger, pairs = listed
    newest = pairs[::-1]
    assert ids(ledger, PairFilter()) == newest
    assert ids(ledger, PairFilter(language="ru")) == [pairs[5], pairs[3], pairs[1]]
    assert ids(ledger, PairFilter(state="unlabelled")) == [pairs[0]]
    assert ids(ledger, PairFilter(state="control")) == [pairs[1]]
    assert ids(ledger, PairFilter(state="waiting")) == [pairs[2]]
    judged = ids(ledger, PairFilter(state="judged"))
    assert judged == newest[:3]
    assert ids(ledger, PairFilter(verdict="B_better")) == [pairs[4]]
    assert ids(ledger, PairFilter(verdict="B_better", language="ru")) == []
    choices = report_pair_choices(ledger.store)
    assert (choices.languages, choices.verdicts) == (("en", "ru"), ("A_better", "B_better"))
    [(cluster, name)] = choices.clusters.items()
    assert name == "сроки"
    assert ids(ledger, PairFilter(cluster=cluster)) == [pairs[1], pairs[0]]
    with ledger.store.reading() as session:
        contender = session.get_one(AnswerRecord, session.get_one(Pair, pairs[3]).second_id).contender_id
    assert contender in choices.contenders
    assert ids(ledger, PairFilter(contender=contender)) == [pairs[3]]
    uncertain = {row.id for row in report_pair_page(ledger.store).rows if (row.uncertainty or 0) >= 0.05}
    assert set(ids(ledger, PairFilter(disputed=0.05))) == uncertain


def test_a_row_says_what_is_known(listed: tuple[Ledger, list[int]]) -> None:
    ledger, pairs = listed
    row = report_pair_page(ledger.store).rows[1]
    assert (row.id, row.question, row.state, row.verdict) == (pairs[4], "Вопрос 4?", "judged", "B_better")
    assert (row.contenders, row.people, row.machines) == (("first", "second"), 1, 0)


def test_pages_follow_each_other_without_gap_or_overlap(listed: tuple[Ledger, list[int]]) -> None:
    ledger, pairs = listed
    seen: list[int] = []
    before = None
    while True:
        page = report_pair_page(ledger.store, before=before, limit=4)
        seen += [row.id for row in page.rows]
        before = page.next_before
        if before is None:
            break
    assert seen == pairs[::-1]


def test_hits_keep_the_order_of_the_search(listed: tuple[Ledger, list[int]]) -> None:
    ledger, pairs = listed
    hits = [pairs[3], pairs[0], 10**6, pairs[5], pairs[1]]
    page = report_found_pairs(ledger.store, hits, PairFilter(language="ru"), limit=2)
    assert [row.id for row in page.rows] == [pairs[3], pairs[5]]
    assert page.next_before == 2
    rest = report_found_pairs(ledger.store, hits, PairFilter(language="ru"), start=2, limit=2)
    assert ([row.id for row in rest.rows], rest.next_before) == ([pairs[1]], None)
    with ledger.store.reading() as session:
        questions = [session.get_one(Pair, number).question_id for number in (pairs[4], pairs[2])]
    assert pairs_of_questions(ledger.store, questions) == [pairs[4], pairs[2]]
