"""Keep the requests for documents that questions of a cluster need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import select

from annotate.errors import LabellingError
from annotate.store import Cluster, ClusterMember, DocumentRequest, Store, now
from annotate.store.ledger import OPEN

MOST_QUESTIONS = 200
RequestState = Literal["done", "dropped"]


def request_documents(store: Store, cluster: int, questions: Sequence[int], *, note: str, by: str) -> int:
    """Ask for documents that answer questions of a cluster; return the number of the request.

    Raises LabellingError for an unknown cluster, questions that are not its own, none or too many.
    """
    wanted = sorted(set(questions))
    if not 0 < len(wanted) <= MOST_QUESTIONS:
        raise LabellingError(f"a request names 1 to {MOST_QUESTIONS} questions, not {len(wanted)}")
    with store.writing.begin() as session:
        found = session.scalar(select(Cluster).where(Cluster.number == cluster))
        if found is None:
            raise LabellingError(f"no cluster {cluster}; see `pairloop gaps`")
        members = select(ClusterMember.question_id).where(
            ClusterMember.cluster_id == found.id, ClusterMember.question_id.in_(wanted)
        )
        if set(session.scalars(members)) != set(wanted):
            raise LabellingError(f"some of these questions are not of the cluster {found.name}")
        request = DocumentRequest(
            cluster=cluster, name=found.name, questions=wanted, note=note.strip(), requested_by=by
        )
        session.add(request)
        session.flush()
        return request.id


def settle_request(store: Store, request: int, state: RequestState, *, by: str) -> None:
    """Close a request; raise LabellingError when it is unknown or closed already."""
    with store.writing.begin() as session:
        found = session.get(DocumentRequest, request, with_for_update=True)
        if found is None or found.state != OPEN:
            raise LabellingError(f"request {request} is unknown or closed already")
        found.state, found.settled_by, found.settled_at = state, by, now()
