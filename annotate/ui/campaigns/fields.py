"""Say which rules the form of a campaign asks for, in which order, and how each is entered."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from annotate.labelling.campaign_rules import CampaignRules

Form = Literal["count", "flag", "share", "minutes", "hours", "words", "gold_rules"]
KNOWN = frozenset(field.name for field in fields(CampaignRules))


@dataclass(frozen=True)
class Field:
    """Describe the entry of one rule: its bounds as entered, and the rule that must be on for it to count.

    What is `optional` may be left empty. Shares are entered in per cent.
    """

    name: str
    form: Form
    low: float = 0
    high: float = 0
    optional: bool = False
    needs: str = ""


SECTIONS: dict[str, tuple[Field, ...]] = {
    "work": (
        Field("overlap", "count", 1, 20),
        Field("dynamic", "flag"),
        Field("max_overlap", "count", 1, 50, needs="dynamic"),
        Field("stop_posterior", "share", 50, 100, needs="dynamic"),
        Field("stop_lead", "count", 0, 10, needs="dynamic"),
        Field("lease_seconds", "minutes", 1, 1440),
        Field("undo_seconds", "minutes", 0, 1440),
    ),
    "people": (
        Field("skills", "words"),
        Field("daily_limit", "count", 1, 10_000, optional=True),
        Field("confirm_guideline", "flag"),
        Field("training_required", "flag"),
        Field("training_tasks", "count", 1, 200, needs="training_required"),
        Field("exam_required", "flag"),
        Field("exam_tasks", "count", 1, 200, needs="exam_required"),
        Field("exam_pass_mark", "share", 1, 100, needs="exam_required"),
        Field("exam_attempts", "count", 1, 20, needs="exam_required"),
        Field("exam_wait_hours", "hours", 0, 720, needs="exam_required"),
    ),
    "control": (
        Field("gold_share", "share", 0, 90),
        Field("gold_rules", "gold_rules"),
        Field("adjudicate_below", "share", 0, 100),
        Field("show_agreement", "flag"),
        Field("hints", "flag"),
    ),
    "balance": (),
    "machines": (
        Field("machine_accuracy", "share", 51, 100, optional=True),
        Field("model_labels", "flag"),
    ),
    "budget": (Field("label_budget", "count", 1, 10_000_000, optional=True),),
}
PRESETS: dict[str, dict[str, object]] = {
    "standard": {
        "overlap": 2,
        "dynamic": True,
        "max_overlap": 4,
        "gold_share": 0.05,
        "confirm_guideline": True,
    },
    "careful": {
        "overlap": 3,
        "dynamic": True,
        "max_overlap": 5,
        "gold_share": 0.1,
        "confirm_guideline": True,
        "training_required": True,
        "exam_required": True,
        "adjudicate_below": 0.8,
    },
    "quick": {"overlap": 1, "gold_share": 0.05},
}


def shown(section: str) -> tuple[Field, ...]:
    """Return the entries of a section whose rules there are."""
    return tuple(field for field in SECTIONS[section] if field.name in KNOWN)
