"""Time every report that a screen or the API reads, and every single query in it, on a large ledger."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import event

from annotate.jobs.context import Context
from annotate.store import Store
from benchmarks.large_ledger import GOLD_EVERY
from benchmarks.ui_surroundings import ASKED, document_key, surround

ASSESSOR, PAIR, CLUSTER = 1, 5, 3
CAMPAIGN = "default"


@dataclass(frozen=True)
class Timed:
    """Hold the milliseconds of a report, and of its slowest query, at the second reading."""

    name: str
    whole_ms: float
    query_ms: float


def time_reports(database: str) -> list[Timed]:
    """Read each report twice; return the times of the second reading, the slowest first."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "pairloop.toml").write_text(f"[store]\nurl = {json.dumps(database)}\n", "utf-8")
        context = Context.open(Path(folder))
        surround(context.store)
        queries = _listen(context.store)
        timed = []
        for name, read in readings(context).items():
            for _ in range(2):
                queries.clear()
                began = time.perf_counter()
                read()
                took = 1000 * (time.perf_counter() - began)
            timed.append(Timed(name, took, max(queries, default=0.0)))
        context.store.engine.dispose()
    return sorted(timed, key=lambda one: -one.whole_ms)


def _listen(store: Store) -> list[float]:
    """Return a list that grows by the milliseconds of each query from now on."""
    queries: list[float] = []

    def begin(*given: Any) -> None:
        given[4].began_at = time.perf_counter()

    def end(*given: Any) -> None:
        queries.append(1000 * (time.perf_counter() - given[4].began_at))

    event.listen(store.engine, "before_cursor_execute", begin)
    event.listen(store.engine, "after_cursor_execute", end)
    return queries


def readings(context: Context) -> dict[str, Callable[[], object]]:
    """Return what the screens, the API and the command line read, by name."""
    store = context.store
    return {
        **_of_documents(context),
        **_of_one_person(store),
        **_of_campaigns(store),
        **_of_quality(store),
        **_of_gaps(store),
        **_of_pairs(store),
        **_of_lists(store),
        **_of_the_house(store),
    }


def _of_documents(context: Context) -> dict[str, Callable[[], object]]:
    from annotate.jobs.corpus_report import describe_corpus, describe_document, find_documents
    from annotate.reports.documents import DocumentFilter

    junk = DocumentFilter(status="junk", language="ru", text="about 5")
    return {
        "documents: counts": lambda: describe_corpus(context),
        "documents: page": lambda: find_documents(context),
        "documents: by text": lambda: find_documents(context, junk),
        "one document": lambda: describe_document(context, document_key(5)),
    }


def _of_one_person(store: Store) -> dict[str, Callable[[], object]]:
    from annotate.reports import assessor, controls, entrance

    return {
        "own standing": lambda: assessor.report_standing(store, ASSESSOR),
        "own days": lambda: assessor.report_days(store, ASSESSOR),
        "entrance": lambda: entrance.report_entrance(store, ASSESSOR),
        "trials": lambda: entrance.report_trials(store, ASSESSOR),
        "gold feedback": lambda: controls.report_gold_feedback(store, ASSESSOR, datetime.now(UTC)),
    }


def _of_campaigns(store: Store) -> dict[str, Callable[[], object]]:
    from annotate.labelling.campaign_rules import CampaignRules
    from annotate.reports import campaigns, gold_pool, guidelines, operations, pace, progress

    return {
        "campaigns": lambda: campaigns.report_campaigns(store),
        "one campaign": lambda: campaigns.report_campaign(store, CAMPAIGN),
        "quotas": lambda: campaigns.report_quotas(store, CAMPAIGN),
        "quotas to choose from": lambda: campaigns.quota_places(store, CampaignRules(), CAMPAIGN),
        "campaign names": lambda: pace.campaign_names(store),
        "pace": lambda: pace.report_pace(store, CAMPAIGN),
        "progress": lambda: progress.report_progress(store),
        "operations": lambda: operations.report_operations(store),
        "guideline versions": lambda: guidelines.report_versions(store),
        "gold pool": lambda: gold_pool.report_gold_pool(store, CAMPAIGN),
        "gold pool, far back": lambda: gold_pool.report_gold_pool(store, CAMPAIGN, "gold", offset=1500),
        "one gold task": lambda: gold_pool.report_gold_task(store, GOLD_EVERY),
        "a pair for the gold pool": lambda: gold_pool.report_candidate(store, PAIR),
    }


def _of_quality(store: Store) -> dict[str, Callable[[], object]]:
    """Return the reports on quality; the board, which a job computes, is read as it was stored."""
    from annotate.reports import controls, review_queue, reviews
    from annotate.reports.quality_board import live, stored

    decided = review_queue.ReviewFilter(state="decided", language="ru")
    return {
        "quality, stored": lambda: stored.read_board(store),
        "quality, live": lambda: live.report_live(store),
        "controls": lambda: controls.report_controls(store),
        "control tasks": lambda: controls.report_control_tasks(store),
        "control tasks of a campaign": lambda: controls.report_control_tasks(store, CAMPAIGN),
        "number of control tasks": lambda: controls.count_control_tasks(store),
        "review queue": lambda: review_queue.report_queue(store),
        "review queue: decided": lambda: review_queue.report_queue(store, decided),
        "next review": lambda: review_queue.next_review(store, None, 1),
        "one review": lambda: reviews.report_review(store, 1),
        "reviews": lambda: reviews.report_reviews(store),
    }


def _of_gaps(store: Store) -> dict[str, Callable[[], object]]:
    from annotate.reports import coverage, document_requests, gap_costs, gap_map
    from annotate.reports.cluster_questions import report_cluster_questions

    return {
        "coverage": lambda: coverage.report_coverage(store),
        "map of gaps": lambda: gap_map.report_gap_map(store),
        "cost of a label": lambda: gap_costs.report_label_cost(store, 10.0),
        "questions of a cluster": lambda: report_cluster_questions(store, CLUSTER),
        "questions of a cluster: by text": lambda: report_cluster_questions(store, CLUSTER, contains="7?"),
        "requests for documents": lambda: document_requests.report_document_requests(store),
        "all requests for documents": lambda: document_requests.report_document_requests(store, settled=True),
    }


def _of_pairs(store: Store) -> dict[str, Callable[[], object]]:
    from annotate.reports import pair_list
    from annotate.reports.lineage import report_lineage
    from annotate.reports.pairs import report_pairs

    found = list(range(1, 5001))
    pages = {
        "pairs: page": pair_list.PairFilter(),
        "pairs: disputed": pair_list.PairFilter(disputed=0.2),
        "pairs: by verdict": pair_list.PairFilter(verdict="tie", language="ru"),
        "pairs: of a cluster": pair_list.PairFilter(cluster=CLUSTER, state="judged"),
        "pairs: control": pair_list.PairFilter(state="control"),
        "pairs: waiting": pair_list.PairFilter(state="waiting", language="ru"),
    }
    return {
        "pairs: choices": lambda: pair_list.report_pair_choices(store),
        **{name: partial(pair_list.report_pair_page, store, wanted) for name, wanted in pages.items()},
        "pairs: found by words": lambda: pair_list.report_found_pairs(store, found),
        "pairs: of questions": lambda: pair_list.pairs_of_questions(store, found),
        "pairs, on the command line": lambda: report_pairs(store),
        "lineage of a pair": lambda: report_lineage(store, PAIR),
    }


def _of_lists(store: Store) -> dict[str, Callable[[], object]]:
    from annotate.reports.listing import asked, judgements, pairs, preferences

    return {
        "API: one pair": lambda: pairs.read_pair(store, PAIR),
        "API: judgements": lambda: judgements.list_judgements(store),
        "API: judgements, far back": lambda: judgements.list_judgements(store, before=5000, limit=200),
        "API: judgements of an assessor": lambda: judgements.list_judgements(store, assessor="assessor 1"),
        "API: judgements of nobody": lambda: judgements.list_judgements(store, assessor="nobody"),
        "API: judgements of a pair": lambda: judgements.list_judgements(store, pair=PAIR),
        "API: preferences": lambda: preferences.list_preferences(store),
        "API: preferences of a verdict": lambda: preferences.list_preferences(store, verdict="both_bad"),
        "API: one preference": lambda: preferences.read_preference(store, PAIR),
        "API: what was asked": lambda: asked.read_asked(store, ASKED, None),
    }


def _of_the_house(store: Store) -> dict[str, Callable[[], object]]:
    from annotate.reports import audit, estimates, runs, users, webhooks

    by_target = audit.AuditFilter(target="default", since=datetime(2020, 1, 1, tzinfo=UTC))
    return {
        "runs": lambda: runs.report_runs(store),
        "models": lambda: runs.report_models(store),
        "former champions": lambda: runs.report_former_champions(store),
        "estimate of a run": lambda: estimates.report_estimate(store, "dpo", {"epochs": 1}, 0.2),
        "users": lambda: users.report_users(store),
        "audit": lambda: audit.report_audit(store),
        "audit: of a target": lambda: audit.report_audit(store, by_target),
        "audit: names": lambda: audit.audit_names(store),
        "webhooks": lambda: webhooks.report_webhooks(store),
        "deliveries": lambda: webhooks.list_deliveries(store, 1),
    }
