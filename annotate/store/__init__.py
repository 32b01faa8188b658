"""Keep the platform's tables: questions, the ledger, clusters, runs."""

from annotate.store.base import Table, now
from annotate.store.clusters import Cluster, ClusterMember
from annotate.store.engine import Store, open_store
from annotate.store.ledger import (
    Assessor,
    Assignment,
    Campaign,
    Event,
    Guideline,
    Judgement,
    Preference,
    Task,
)
from annotate.store.links import LinkedAnnotation, LinkedProject, LinkedTask
from annotate.store.quality import Calibration, Confirmation, JudgeCall, Note, Review, Signal, Sitting
from annotate.store.questions import AnswerRecord, ContenderRecord, Pair, Question
from annotate.store.runs import ModelVersion, Promotion, Run, Stage

__all__ = [
    "AnswerRecord",
    "Assessor",
    "Assignment",
    "Calibration",
    "Campaign",
    "Cluster",
    "ClusterMember",
    "Confirmation",
    "ContenderRecord",
    "Event",
    "Guideline",
    "JudgeCall",
    "Judgement",
    "LinkedAnnotation",
    "LinkedProject",
    "LinkedTask",
    "ModelVersion",
    "Note",
    "Pair",
    "Preference",
    "Promotion",
    "Question",
    "Review",
    "Run",
    "Signal",
    "Sitting",
    "Stage",
    "Store",
    "Table",
    "Task",
    "now",
    "open_store",
]
