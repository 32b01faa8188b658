"""Keep the platform's tables: questions, the ledger, clusters, runs, accounts, what programs exchange."""

from annotate.store.accounts import Account, ApiToken, AuditEntry, Invitation, WebSession
from annotate.store.base import Table, now
from annotate.store.clusters import Cluster, ClusterMember, DocumentRequest
from annotate.store.engine import Store, open_store
from annotate.store.exchanges import Asked, Delivery, Feedback, Webhook
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
from annotate.store.quality import (
    Calibration,
    Confirmation,
    Figures,
    JudgeCall,
    Note,
    Review,
    Signal,
    Sitting,
)
from annotate.store.questions import AnswerRecord, ContenderRecord, Pair, Question
from annotate.store.runs import ModelVersion, Promotion, Run, Stage, Trigger
from annotate.store.work import WorkDay

__all__ = [
    "Account",
    "AnswerRecord",
    "ApiToken",
    "Asked",
    "Assessor",
    "Assignment",
    "AuditEntry",
    "Calibration",
    "Campaign",
    "Cluster",
    "ClusterMember",
    "Confirmation",
    "ContenderRecord",
    "Delivery",
    "DocumentRequest",
    "Event",
    "Feedback",
    "Figures",
    "Guideline",
    "Invitation",
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
    "Trigger",
    "WebSession",
    "Webhook",
    "WorkDay",
    "now",
    "open_store",
]
