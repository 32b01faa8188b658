"""Read what the dashboards, the command line and programs show; all read the same objects."""

from annotate.reports.coverage import ClusterCoverage, report_coverage
from annotate.reports.pairs import PairReport, report_pairs
from annotate.reports.progress import ProgressReport, report_progress
from annotate.reports.quality import AssessorQuality, QualityReport, report_quality
from annotate.reports.runs import (
    ModelReport,
    RunReport,
    read_progress,
    report_models,
    report_run,
    report_runs,
)

__all__ = [
    "AssessorQuality",
    "ClusterCoverage",
    "ModelReport",
    "PairReport",
    "ProgressReport",
    "QualityReport",
    "RunReport",
    "read_progress",
    "report_coverage",
    "report_models",
    "report_pairs",
    "report_progress",
    "report_quality",
    "report_run",
    "report_runs",
]
