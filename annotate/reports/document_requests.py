"""Report the requests for documents: what is asked for, on which questions, by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from annotate.store import DocumentRequest, Question, Store
from annotate.store.ledger import OPEN

MOST = 500


@dataclass(frozen=True)
class RequestView:
    """Show one request with the texts of its questions."""

    id: int
    cluster: int
    name: str
    questions: tuple[str, ...]
    note: str
    state: str
    requested_by: str
    created_at: datetime
    settled_by: str
    settled_at: datetime | None


def report_document_requests(store: Store, *, settled: bool = False) -> list[RequestView]:
    """Return the open requests, oldest first, or with `settled` all of them; MOST at most."""
    with store.reading() as session:
        wanted = select(DocumentRequest).order_by(DocumentRequest.id).limit(MOST)
        if not settled:
            wanted = wanted.where(DocumentRequest.state == OPEN)
        requests = list(session.scalars(wanted))
        ids = {one for request in requests for one in request.questions}
        texts = dict(session.execute(select(Question.id, Question.text).where(Question.id.in_(ids))).all())
        return [
            RequestView(
                request.id, request.cluster, request.name,
                tuple(texts[one] for one in request.questions if one in texts),
                request.note, request.state, request.requested_by, request.created_at,
                request.settled_by, request.settled_at,
            )
            for request in requests
        ]  # fmt: skip
