"""Read what the dashboards, the command line and programs show; all read the same objects."""

from annotate.reports.coverage import ClusterCoverage, report_coverage
from annotate.reports.estimates import Estimate, report_estimate
from annotate.reports.lineage import AnswerLineage, Lineage, report_lineage
from annotate.reports.pair_list import (
    PAIR_STATES,
    PairChoices,
    PairFilter,
    PairPage,
    PairRow,
    pairs_of_questions,
    report_found_pairs,
    report_pair_choices,
    report_pair_page,
)
from annotate.reports.pairs import PairReport, report_pairs
from annotate.reports.progress import ProgressReport, report_progress
from annotate.reports.quality import AssessorQuality, QualityReport, report_quality
from annotate.reports.run_files import read_log, read_progress, read_samples, read_steps
from annotate.reports.runs import (
    ModelReport,
    RunReport,
    report_former_champions,
    report_model,
    report_models,
    report_run,
    report_runs,
)

__all__ = [
    "PAIR_STATES",
    "AnswerLineage",
    "AssessorQuality",
    "ClusterCoverage",
    "Estimate",
    "Lineage",
    "ModelReport",
    "PairChoices",
    "PairFilter",
    "PairPage",
    "PairReport",
    "PairRow",
    "ProgressReport",
    "QualityReport",
    "RunReport",
    "pairs_of_questions",
    "read_log",
    "read_progress",
    "read_samples",
    "read_steps",
    "report_coverage",
    "report_estimate",
    "report_former_champions",
    "report_found_pairs",
    "report_lineage",
    "report_model",
    "report_models",
    "report_pair_choices",
    "report_pair_page",
    "report_pairs",
    "report_progress",
    "report_quality",
    "report_run",
    "report_runs",
]
