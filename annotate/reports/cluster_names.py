"""Name the clusters of questions, whose numbers the ledger keeps."""

from __future__ import annotations

from sqlalchemy import select

from annotate.store import Cluster, Store


def report_cluster_names(store: Store) -> dict[int, str]:
    """Return the names of the clusters by number; none before the first clustering."""
    with store.reading() as session:
        return dict(session.execute(select(Cluster.number, Cluster.name).order_by(Cluster.number)).all())
