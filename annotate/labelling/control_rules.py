"""Read what a campaign asks of its assessors: guidelines, training, exam, gold tasks, adjudication."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from annotate.errors import LabellingError

ACTS = ("warn", "pause", "ban", "drop")


@dataclass(frozen=True)
class GoldRule:
    """Say what happens when the share of right gold answers falls below a mark.

    The share is that of the `last` answers, and counts once there are `at_least` so many.
    """

    act: str
    below: float
    last: int = 30
    at_least: int = 10

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Read a rule; raise LabellingError when it is not one."""
        try:
            rule = cls(
                str(row["act"]),
                float(row["below"]),
                int(row.get("last", cls.last)),
                int(row.get("at_least", cls.at_least)),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise LabellingError(f"not a gold rule: {dict(row)}; it needs `act` and `below`") from error
        if rule.act not in ACTS or not 0 < rule.below <= 1 or not 1 <= rule.at_least <= rule.last:
            raise LabellingError(
                f"not a gold rule: {dict(row)}; `act` is one of {', '.join(ACTS)}, `below` a share, "
                "`at_least` not more than `last`"
            )
        return rule


@dataclass(frozen=True)
class ControlRules:
    """Hold the rules of quality control of one campaign; nothing is asked by default."""

    confirm_guideline: bool = False
    training_required: bool = False
    training_tasks: int = 10
    exam_required: bool = False
    exam_tasks: int = 20
    exam_pass_mark: float = 0.8
    exam_attempts: int = 3
    exam_wait_hours: float = 24.0
    gold_rules: tuple[GoldRule, ...] = ()
    adjudicate_below: float = 0.0
