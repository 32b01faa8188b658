"""The coverage report: clusters, the gravest gap first."""

from annotate.reports import report_coverage
from annotate.store import Cluster, ClusterMember
from tests.annotate.conftest import Ledger


def test_clusters_come_with_their_questions_the_gravest_gap_first(ledger: Ledger) -> None:
    ids = [ledger.pair(f"Question {n}?") for n in range(5)]
    with ledger.store.writing.begin() as session:
        for number, gaps in (
            (0, []),
            (1, [{"kind": "labels", "severity": 0.4}]),
            (-1, [{"kind": "x", "severity": 0.9}]),
        ):
            session.add(
                Cluster(number=number, name=f"c{number}", keywords=["k"], gaps=gaps, figures={"size": number})
            )
        session.flush()
        clusters = {one.number: one.id for one in session.query(Cluster)}
        # Questions and pairs are numbered alike in this ledger.
        for question, number in zip(ids, (1, 1, 1, 1, -1), strict=True):
            session.add(ClusterMember(question_id=question, cluster_id=clusters[number]))
    found = report_coverage(ledger.store)
    assert [cluster.number for cluster in found] == [-1, 1, 0]
    assert [cluster.questions for cluster in found] == [1, 4, 0]
    assert found[1].examples == ("Question 0?", "Question 1?", "Question 2?")
    assert found[0].gaps[0]["severity"] == 0.9
    assert found[2].gaps == found[2].examples == ()
    assert found[1].figures == {"size": 1}
    assert found[1].keywords == ("k",)


def test_without_clusters_there_is_nothing_to_report(ledger: Ledger) -> None:
    assert report_coverage(ledger.store) == []
