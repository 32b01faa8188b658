"""Name the pieces of work that screens have done in a process of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from annotate.jobs.context import Context
from annotate.jobs.progress import Reporter


def look_over(context: Context, reporter: Reporter) -> dict[str, Any]:
    """Refresh preferences, open reviews, raise signals, apply gold rules."""
    from annotate.jobs.review import look_over as look

    with reporter.track("looking over the work"):
        return look(context)


def draft_gold(
    context: Context, reporter: Reporter, *, count: int, kinds: Sequence[str], campaign: str, pool: str
) -> dict[str, Any]:
    """Make worse twins of good answers that nobody has kept yet."""
    from annotate.jobs.gold_drafts import make_drafts

    return make_drafts(context, count, kinds, campaign=campaign, pool=pool, reporter=reporter)


def plan_route(
    context: Context, reporter: Reporter, *, campaign: str, accuracy: float | None
) -> dict[str, Any]:
    """Plan which pairs machines may label; nothing is asked or spent."""
    from annotate.jobs.route import route, summarise

    with reporter.track("planning"):
        return summarise(route(context, accuracy=accuracy, campaign=campaign))


def follow_route(
    context: Context,
    reporter: Reporter,
    *,
    campaign: str,
    accuracy: float | None,
    max_calls: int | None,
    max_cost: float | None,
) -> dict[str, Any]:
    """Carry a plan out within a budget."""
    from annotate.jobs.judges import make_budget
    from annotate.jobs.route import follow, route
    from annotate.labelers.llm import Caps

    budget = make_budget(context, Caps(calls=max_calls, cost=max_cost))
    return follow(context, route(context, accuracy=accuracy, campaign=campaign), budget, reporter)


def index_state(context: Context, reporter: Reporter) -> dict[str, Any]:
    """Compare the indexes with the corpus."""
    from annotate.jobs.indexes import choose_backends, status_of_indexes

    with reporter.track("comparing the indexes with the corpus"):
        return status_of_indexes(context, choose_backends(context))


def index_rebuild(context: Context, reporter: Reporter) -> dict[str, Any]:
    """Build the indexes anew."""
    from annotate.jobs.indexes import choose_backends, rebuild_indexes

    return rebuild_indexes(context, choose_backends(context), reporter)


def put_back(context: Context, reporter: Reporter, *, keys: Sequence[str]) -> dict[str, Any]:
    """Index documents that were left out, and build the indexes that fit."""
    from annotate.jobs.documents import put_back as restore
    from annotate.jobs.ingest import build_indexes

    with reporter.track("putting documents back"):
        restore(context, keys)
    build_indexes(context, reporter)
    return {"put_back": len(keys)}


def measure(context: Context, reporter: Reporter) -> dict[str, Any]:
    """Compute the figures of the quality screen."""
    from annotate.jobs.figures import measure_quality

    with reporter.track("measuring agreement"):
        return measure_quality(context)


def cluster(context: Context, reporter: Reporter, *, of: str = "questions") -> dict[str, Any]:
    """Cluster the questions anew and find what each cluster lacks, or cluster the answers or passages."""
    from annotate.jobs.cluster import find_question_gaps
    from annotate.jobs.cluster_texts import cluster_texts

    with reporter.track(f"clustering the {of}"):
        return find_question_gaps(context) if of == "questions" else cluster_texts(context, of)


def evaluate(context: Context, reporter: Reporter, *, model: int, questions: int | None) -> dict[str, Any]:
    """Compare a tuned policy with the one in service and put it to the gate."""
    from annotate.jobs.evaluate import evaluate_policy

    return {"model": model, **evaluate_policy(context, model, questions, reporter)}


def over_optimisation(
    context: Context, reporter: Reporter, *, model: int, gold: int, questions: int | None, samples: int
) -> dict[str, Any]:
    """Draw the best-of-n curve of a reward model against another one."""
    from annotate.jobs.over_optimisation import measure_over_optimisation

    found = measure_over_optimisation(
        context, model, gold, questions=questions, samples=samples, reporter=reporter
    )
    return {"model": model, "gold": gold, **found}


KINDS: dict[str, Callable[..., dict[str, Any]]] = {
    "look_over": look_over,
    "gold_drafts": draft_gold,
    "route": plan_route,
    "follow_route": follow_route,
    "index_state": index_state,
    "index_rebuild": index_rebuild,
    "put_back": put_back,
    "quality": measure,
    "gaps": cluster,
    "evaluate": evaluate,
    "over_optimisation": over_optimisation,
}
