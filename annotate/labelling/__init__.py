"""Run the ledger: every use case of labelling, from the task to the preference."""

from annotate.labelling.assessors import AssessorView, list_assessors, register, set_active
from annotate.labelling.assignments import (
    Submission,
    amend,
    expire,
    flag,
    release,
    renew,
    reserve,
    reserve_pair,
    skip,
    submit,
)
from annotate.labelling.guidelines import GuidelineVersion, adopt_guidelines
from annotate.labelling.preferences import refresh_preferences
from annotate.labelling.tasks import ChosenPair, create_tasks
from annotate.labelling.verdicts import ASPECTS, ERROR_TAGS, VERDICTS
from annotate.labelling.views import AnswerView, AssignmentView, PairView

__all__ = [
    "ASPECTS",
    "ERROR_TAGS",
    "VERDICTS",
    "AnswerView",
    "AssessorView",
    "AssignmentView",
    "ChosenPair",
    "GuidelineVersion",
    "PairView",
    "Submission",
    "adopt_guidelines",
    "amend",
    "create_tasks",
    "expire",
    "flag",
    "list_assessors",
    "refresh_preferences",
    "register",
    "release",
    "renew",
    "reserve",
    "reserve_pair",
    "set_active",
    "skip",
    "submit",
]
