"""Keep the platform's tables: questions, the ledger, clusters, runs."""

from annotate.store.base import Table, now
from annotate.store.clusters import Cluster, ClusterMember
from annotate.store.engine import Store, open_store
from annotate.store.ledger import Assessor, Assignment, Guideline, Judgement, Preference, Task
from annotate.store.questions import AnswerRecord, ContenderRecord, Pair, Question
from annotate.store.runs import ModelVersion, Promotion, Run, Stage

__all__ = [
    "AnswerRecord",
    "Assessor",
    "Assignment",
    "Cluster",
    "ClusterMember",
    "ContenderRecord",
    "Guideline",
    "Judgement",
    "ModelVersion",
    "Pair",
    "Preference",
    "Promotion",
    "Question",
    "Run",
    "Stage",
    "Store",
    "Table",
    "Task",
    "now",
    "open_store",
]
