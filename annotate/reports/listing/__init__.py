"""Read long lists a page at a time, the newest first, for programs that go through all of them."""

from annotate.reports.listing.asked import AskedReport, read_asked
from annotate.reports.listing.judgements import JudgementRow, list_judgements
from annotate.reports.listing.pairs import AnswerRow, PairDetails, PairSummary, read_pair
from annotate.reports.listing.preferences import PreferenceRow, list_preferences, read_preference

__all__ = [
    "AnswerRow",
    "AskedReport",
    "JudgementRow",
    "PairDetails",
    "PairSummary",
    "PreferenceRow",
    "list_judgements",
    "list_preferences",
    "read_asked",
    "read_pair",
    "read_preference",
]
