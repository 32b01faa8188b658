"""Command `gaps`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from annotate.cli.console import (
    HERE,
    JsonOption,
    WorkspaceOption,
    interval,
    open_context,
    out,
    plain,
    print_json,
    print_table,
)
from annotate.jobs.cluster import find_question_gaps
from annotate.jobs.cluster_texts import cluster_texts
from annotate.jobs.context import Context
from annotate.jobs.gap_exports import export_quotas, export_requests
from annotate.labelling.agreement import Estimate
from annotate.reports import report_coverage
from annotate.reports.gap_costs import LabelCost, report_label_cost
from annotate.reports.gap_map import GapMap, MapCluster, MapGap, report_gap_map
from annotate.reports.text_clusters import report_text_clusters

QUESTIONS = "questions"
BY = "pairloop gaps"  # who asks for documents, where nobody is signed in
QuotasOption = Annotated[
    str | None,
    typer.Option("--quotas", help="Make the labels that are lacking quotas of this campaign."),
]
RequestOption = Annotated[
    bool, typer.Option("--request-documents", help="Ask for documents for the questions without sources.")
]
OfOption = Annotated[str, typer.Option("--of", help="What to cluster: questions, answers or passages.")]
FIGURES = ("traffic_share", "label_share", "retrieval_support", "refusal_rate", "disagreement")
MORE_FIGURES = ("judge_gap", "quality", "reward", "drift")
LISTED = 20  # outliers, and groups of near-duplicates, that are listed


def gaps(
    of: OfOption = QUESTIONS,
    quotas: QuotasOption = None,
    request_documents: RequestOption = False,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Cluster the questions and show which clusters lack sources, labels or quality."""
    context = open_context(workspace)
    if of != QUESTIONS:
        _texts(context, of, as_json)
        return
    summary = find_question_gaps(context)
    exported: dict[str, Any] = {}
    if quotas:
        exported["quotas"] = export_quotas(context, quotas)
    if request_documents:
        exported["requests"] = export_requests(context, BY)
    if as_json:
        print_json(summary | exported | {"coverage": report_coverage(context.store)})
        return
    found_map = report_gap_map(context.store)
    cost = report_label_cost(context.store, context.settings.judge.person_price)
    _tell(summary)
    _ranked(summary, found_map, cost)
    for figures in (FIGURES, MORE_FIGURES):
        _figures(found_map, figures)
    _listed(found_map)
    if quotas:
        shares = ", ".join(f"{number}: {share:.0%}" for number, share in exported["quotas"].items())
        out.print(f"{quotas} now gives these clusters a share of what people get next: {shares}")
    if request_documents:
        out.print(f"Documents were asked for in {len(exported['requests'])} new requests.")


def _texts(context: Context, of: str, as_json: bool) -> None:
    summary, found = cluster_texts(context, of), report_text_clusters(context.store, of)
    if as_json or found is None:
        print_json(summary | {"found": found})
        return
    _tell(summary)
    names = list(dict.fromkeys(name for one in found.clusters for name in one.figures))
    print_table(
        f"{summary['clusters']} clusters of {found.texts} {of}",
        ("cluster", of, *(name.replace("_", " ") for name in names)),
        [
            (one.name or "others", one.texts, *(_estimate(one.figures.get(name)) for name in names))
            for one in found.clusters
        ],
    )


def _estimate(estimate: Estimate | None) -> str | None:
    return None if estimate is None else interval(plain(estimate))


def _tell(summary: dict[str, Any]) -> None:
    if summary["unnamed"]:
        out.print(f"Clusters are named by their keywords: {summary['unnamed']}", markup=False)


def _ranked(summary: dict[str, Any], found: GapMap, cost: LabelCost) -> None:
    ranked = sorted(
        ((gap, cluster) for cluster in found.clusters for gap in cluster.gaps),
        key=lambda one: (-one[0].impact, -one[0].severity),
    )
    print_table(
        f"{summary['clusters']} clusters, {len(ranked)} gaps",
        ("cluster", "lacks", "severity", "impact", "measured", "do", "questions", "labels", "cost", "hours"),
        [_gap(gap, cluster, cost) for gap, cluster in ranked],
    )


def _gap(gap: MapGap, cluster: MapCluster, cost: LabelCost) -> tuple[Any, ...]:
    seconds = cost.time(gap.labels_needed)
    return (
        f"{cluster.number}: {cluster.name}",
        gap.kind,
        gap.severity,
        gap.impact,
        _estimate(gap.measured),
        gap.action,
        gap.questions or None,
        gap.labels_needed or None,
        cost.money(gap.labels_needed) if gap.labels_needed else None,
        round(seconds / 3600, 1) if seconds and gap.labels_needed else None,
    )


def _figures(found: GapMap, figures: tuple[str, ...]) -> None:
    measured = [name for name in figures if any(one.figures.get(name) for one in found.clusters)]
    if measured:
        print_table(
            "Figures with 95 % intervals",
            ("cluster", "questions", *(name.replace("_", " ") for name in measured)),
            [
                (
                    f"{one.number}: {one.name}",
                    one.questions,
                    *(_estimate(one.figures.get(name)) for name in measured),
                )
                for one in found.clusters
            ],
        )


def _listed(found: GapMap) -> None:
    for cluster in found.clusters:
        if cluster.number < 0:
            print_table(f"{cluster.questions} outliers", ("such as",), [(one,) for one in cluster.examples])
    groups = [group for cluster in found.clusters for group in cluster.near_duplicates]
    if groups:
        total = sum(cluster.near_duplicate_groups for cluster in found.clusters)
        print_table(
            f"{total} groups of near-duplicate questions",
            ("questions", "they say nearly the same"),
            [(len(group), " | ".join(group)) for group in sorted(groups, key=len, reverse=True)[:LISTED]],
        )
