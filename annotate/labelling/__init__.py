"""Run the labelling: every use case, from the task to the preference.

ledger       lend tasks out, take judgements in
controls     gold tasks, exams, signals, reviews
machines     calibration and routing of machine assessors
aggregation  many verdicts into one;  agreement  how far assessors agree
"""

from annotate.labelling.assessors import AssessorView, list_assessors, register, set_active
from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.campaigns import CampaignView, list_campaigns, open_campaign
from annotate.labelling.guidelines import GuidelineVersion, adopt_guidelines
from annotate.labelling.ledger.leaving import drop_judgements, expire, flag, release, skip, undo
from annotate.labelling.ledger.reserving import renew, reserve, reserve_pair
from annotate.labelling.ledger.submitting import Submission, amend, submit
from annotate.labelling.preferences import refresh_pair, refresh_preferences
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
    "CampaignRules",
    "CampaignView",
    "ChosenPair",
    "GuidelineVersion",
    "PairView",
    "Submission",
    "adopt_guidelines",
    "amend",
    "create_tasks",
    "drop_judgements",
    "expire",
    "flag",
    "list_assessors",
    "list_campaigns",
    "open_campaign",
    "refresh_pair",
    "refresh_preferences",
    "register",
    "release",
    "renew",
    "reserve",
    "reserve_pair",
    "set_active",
    "skip",
    "submit",
    "undo",
]
