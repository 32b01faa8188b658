"""Gaps become quotas that the campaign keeps, and requests for documents."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from annotate.errors import JobError, LabellingError
from annotate.jobs.gap_exports import STEERED, export_quotas, export_requests
from annotate.labelling.campaigns import find_campaign
from annotate.labelling.quotas import set_quota
from annotate.reports.document_requests import report_document_requests
from annotate.store import Cluster, ClusterMember, Pair, Question
from tests.annotate.conftest import Ledger

GAPS = {
    0: [{"kind": "labels", "action": "label more", "severity": 0.5, "impact": 0.3, "labels_needed": 30}],
    1: [{"kind": "labels", "action": "label more", "severity": 0.2, "impact": 0.1, "labels_needed": 10}],
    2: [{"kind": "sources", "action": "write documents", "severity": 0.9, "impact": 0.2, "questions": 1}],
    -1: [{"kind": "labels", "action": "label more", "severity": 0.9, "impact": 0.4, "labels_needed": 99}],
}


@pytest.fixture
def context(sqlite_ledger: Ledger) -> SimpleNamespace:
    pairs = sqlite_ledger.tasks(8)
    with sqlite_ledger.store.writing.begin() as session:
        for number, gaps in GAPS.items():
            session.add(Cluster(number=number, name=f"c{number}", keywords=["rent", "law"], gaps=gaps))
        session.flush()
        ids = {one.number: one.id for one in session.query(Cluster)}
        for place, pair in enumerate(pairs):
            question = session.get_one(Question, session.get_one(Pair, pair).question_id)
            question.retrieval = {"documents": [] if place % 2 else ["x"], "refused": False}
            number = sorted(ids)[place // 2]
            session.add(ClusterMember(question_id=question.id, cluster_id=ids[number]))
    return SimpleNamespace(store=sqlite_ledger.store)


def test_labels_that_are_lacking_become_shares_and_old_shares_go(context) -> None:
    set_quota(context.store, "default", 2, share=1.0, count=7)
    shares = export_quotas(context, "default")
    assert shares == {0: pytest.approx(STEERED * 0.75), 1: pytest.approx(STEERED * 0.25)}
    rules = find_campaign(context.store, "default").rules
    assert (dict(rules.cluster_shares), dict(rules.cluster_counts)) == (shares, {2: 7})
    with pytest.raises(LabellingError):
        export_quotas(context, "no such")


def test_documents_are_asked_for_once(context) -> None:
    assert len(export_requests(context, "me")) == 1
    assert export_requests(context, "me") == []
    [request] = report_document_requests(context.store)
    assert (request.cluster, len(request.questions), request.note) == (2, 1, "rent, law")


def test_without_gaps_it_is_said(context, sqlite_ledger: Ledger) -> None:
    with context.store.writing.begin() as session:
        for cluster in session.query(Cluster):
            cluster.gaps = []
    for export, name in ((export_quotas, "default"), (export_requests, "me")):
        with pytest.raises(JobError, match="no cluster lacks"):
            export(context, name)
