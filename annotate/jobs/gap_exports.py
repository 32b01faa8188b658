"""Turn the gaps of the last clustering into quotas of a campaign and into requests for documents."""

from __future__ import annotations

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.labelling import document_requests, quotas
from annotate.labelling.campaigns import find_campaign
from annotate.reports.cluster_questions import PAGE, report_cluster_questions
from annotate.reports.document_requests import report_document_requests
from annotate.reports.gap_map import MapCluster, report_gap_map
from annotate.store import Store

STEERED = 0.8  # of what people get next goes to gaps at most: the rest keeps estimates honest
MOST_CLUSTERS = 8  # those whose gaps hurt most get a quota
LABELS, SOURCES = "labels", "sources"
OUTLIERS = -1


def export_quotas(context: Context, campaign: str) -> dict[int, float]:
    """Give the clusters that lack labels shares of a campaign, by the labels they need; return the shares.

    The shares of other clusters are lifted: this is the whole of what gaps ask for. Raises JobError where
    no cluster lacks labels, LabellingError for an unknown campaign.
    """
    needed = {
        cluster.number: sum(gap.labels_needed for gap in cluster.gaps if gap.kind == LABELS)
        for cluster in _clusters(context.store)
    }
    chosen = [number for number, labels in needed.items() if labels and number != OUTLIERS][:MOST_CLUSTERS]
    if not chosen:
        raise JobError("no cluster lacks labels; see `pairloop gaps`")
    total = sum(needed[number] for number in chosen)
    shares = {number: round(STEERED * needed[number] / total, 3) for number in chosen}
    rules = find_campaign(context.store, campaign).rules
    for number in rules.cluster_shares:  # first make room, or the shares together may pass the whole
        count = rules.cluster_counts.get(number)
        quotas.set_quota(context.store, campaign, number, share=None, count=count)
    for number, share in shares.items():
        count = rules.cluster_counts.get(number)
        quotas.set_quota(context.store, campaign, number, share=share, count=count)
    return shares


def export_requests(context: Context, by: str) -> list[int]:
    """Ask for documents on the questions without sources, cluster by cluster; return the new requests.

    A cluster with an open request is left out. Raises JobError where no cluster lacks sources.
    """
    lacking = [one for one in _clusters(context.store) if any(gap.kind == SOURCES for gap in one.gaps)]
    if not lacking:
        raise JobError("no cluster lacks sources; see `pairloop gaps`")
    open_ones = {request.cluster for request in report_document_requests(context.store)}
    made = []
    for cluster in lacking:
        questions = _without_sources(context.store, cluster)
        if questions and cluster.number not in open_ones:
            note = ", ".join(cluster.keywords)
            made.append(
                document_requests.request_documents(
                    context.store, cluster.number, questions, note=note, by=by
                )
            )
    return made


def _clusters(store: Store) -> tuple[MapCluster, ...]:
    found = report_gap_map(store).clusters
    if not found:
        raise JobError("the questions are not clustered yet; run `pairloop gaps`")
    return found


def _without_sources(store: Store, cluster: MapCluster) -> list[int]:
    found: list[int] = []
    for offset in range(0, cluster.questions, PAGE):
        page = report_cluster_questions(store, cluster.number, offset)
        found += [one.id for one in page.questions if one.refused or one.supported is False]
    return found[: document_requests.MOST_QUESTIONS]
