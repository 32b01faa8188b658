"""Give the reports: the same objects that the screens and the command line show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException

from annotate.access.permissions import Actor, Permission
from annotate.api.context import InContext
from annotate.api.identity import require
from annotate.jobs.figures import keep_fresh, measure_small
from annotate.reports import ClusterCoverage, ProgressReport, report_coverage, report_progress
from annotate.reports.quality_board import StoredBoard, read_board
from annotate.reports.question_choice import QuestionChoice, read_question_choice
from annotate.reports.stopping import StoppingReport, read_stopping

COME_AGAIN_SECONDS = 30
router = APIRouter(prefix="/reports", tags=["reports"])
Reader = Annotated[Actor, Depends(require(Permission.READ_QUALITY))]


@dataclass(frozen=True)
class Coverage:
    """Hold the clusters of questions, those with the gravest gap first."""

    clusters: list[ClusterCoverage]


@dataclass(frozen=True)
class Gap:
    """Show one gap: the cluster, and what it lacks."""

    cluster: int
    name: str
    questions: int
    gap: dict[str, Any]


@dataclass(frozen=True)
class Gaps:
    """Hold all gaps, the gravest first."""

    gaps: list[Gap]


@dataclass(frozen=True)
class Forecast:
    """Hold what was last foretold, None before, and the same in a sentence."""

    forecast: StoppingReport | None
    text: str = ""


@router.get("/progress")
def progress(context: InContext, _actor: Reader) -> ProgressReport:
    """Report how far the loop has come."""
    return report_progress(context.store)


@router.get("/quality")
def quality(context: InContext, _actor: Reader) -> StoredBoard:
    """Report agreement with its intervals, the assessors one by one, gold, machines; as last computed.

    A large ledger is measured in the background: 503 until the first figures are there.
    """
    if not measure_small(context):
        keep_fresh(context)
    found = read_board(context.store)
    if found is None:
        headers = {"Retry-After": str(COME_AGAIN_SECONDS)}
        raise HTTPException(503, "the figures are being computed; come again", headers)
    return found


@router.get("/coverage")
def coverage(context: InContext, _actor: Reader) -> Coverage:
    """Report the clusters of questions, their labels and what they lack."""
    return Coverage(report_coverage(context.store))


@router.get("/gaps")
def gaps(context: InContext, _actor: Reader) -> Gaps:
    """List the gaps, the gravest first."""
    found = [
        Gap(cluster.number, cluster.name, cluster.questions, gap)
        for cluster in report_coverage(context.store)
        for gap in cluster.gaps
    ]
    return Gaps(sorted(found, key=lambda one: -float(one.gap["severity"])))


@router.get("/forecast")
def forecast(context: InContext, _actor: Reader) -> Forecast:
    """Report what further labels would buy, as `pairloop select` last foretold it."""
    found = read_stopping(context.store)
    return Forecast(found, "" if found is None else str(found))


@router.get("/questions")
def questions(context: InContext, _actor: Reader) -> QuestionChoice:
    """Report for which questions `pairloop pairs --choose` last had answers made, those worth most first."""
    return read_question_choice(context.store)
