"""Requests for documents name questions of one cluster, and are closed once."""

from __future__ import annotations

import pytest

from annotate.errors import LabellingError
from annotate.labelling.document_requests import request_documents, settle_request
from annotate.reports.document_requests import report_document_requests
from annotate.store import Cluster, ClusterMember, Pair
from tests.annotate.conftest import Ledger


@pytest.fixture
def questions(sqlite_ledger: Ledger) -> list[int]:
    """Three questions, the first two of cluster 5."""
    pairs = [sqlite_ledger.pair(text) for text in ("What is due?", "Who pays?", "How tall?")]
    with sqlite_ledger.store.writing.begin() as session:
        cluster = Cluster(number=5, name="rent", keywords=[])
        session.add(cluster)
        session.flush()
        ids = [session.get_one(Pair, pair).question_id for pair in pairs]
        session.add_all(ClusterMember(question_id=one, cluster_id=cluster.id) for one in ids[:2])
    return ids


def test_a_request_lists_its_questions_until_it_is_closed(sqlite_ledger: Ledger, questions) -> None:
    store = sqlite_ledger.store
    number = request_documents(store, 5, questions[:2], note=" the lease ", by="lea")
    [found] = report_document_requests(store)
    assert (found.id, found.name, found.note, found.state) == (number, "rent", "the lease", "open")
    assert found.questions == ("What is due?", "Who pays?")
    settle_request(store, number, "dropped", by="ben")
    assert report_document_requests(store) == []
    [found] = report_document_requests(store, settled=True)
    assert (found.state, found.settled_by) == ("dropped", "ben")
    with pytest.raises(LabellingError, match="closed already"):
        settle_request(store, number, "done", by="ben")


def test_foreign_or_no_questions_are_refused(sqlite_ledger: Ledger, questions) -> None:
    store = sqlite_ledger.store
    with pytest.raises(LabellingError, match="not of the cluster"):
        request_documents(store, 5, questions, note="", by="lea")
    with pytest.raises(LabellingError, match="1 to 200"):
        request_documents(store, 5, [], note="", by="lea")
    with pytest.raises(LabellingError, match="no cluster 6"):
        request_documents(store, 6, questions[:1], note="", by="lea")
