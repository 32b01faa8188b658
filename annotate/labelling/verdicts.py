"""Define the verdicts, aspects and error tags of a judgement, and how they turn with the order."""

from __future__ import annotations

from typing import Literal

from annotate.errors import VerdictError

Verdict = Literal["A_much_better", "A_better", "tie", "B_better", "B_much_better", "both_bad"]
VERDICTS: tuple[Verdict, ...] = (
    "A_much_better",
    "A_better",
    "tie",
    "B_better",
    "B_much_better",
    "both_bad",
)
GRADES: dict[str, int] = {"A_much_better": 2, "A_better": 1, "tie": 0, "B_better": -1, "B_much_better": -2}
OUTCOMES = ("first", "second", "tie", "both_bad")
ASPECTS = (
    "faithfulness",
    "citations",
    "directness",
    "completeness",
    "freshness",
    "style_and_length",
    "language_quality",
    "safety",
)
ERROR_TAGS = (
    "hallucination",
    "over_generalisation",
    "outdated",
    "wrong_entity",
    "no_direct_answer",
    "loop",
    "too_long",
    "too_short",
    "dry",
    "poor_structure",
    "ungrammatical",
    "unethical",
    "no_citation",
    "one_source_only",
    "should_not_have_been_answered",
)
SIDES = ("A", "B")
_OTHER = {"A": "B", "B": "A", "tie": "tie"}


def check_verdict(verdict: str) -> str:
    """Return the verdict, or raise VerdictError naming the six that exist."""
    if verdict not in VERDICTS:
        raise VerdictError(f"unknown verdict {verdict!r}; known: {', '.join(VERDICTS)}")
    return verdict


def swap_verdict(verdict: str) -> str:
    """Return the verdict as seen with the two answers in the other order."""
    if verdict[0] in _OTHER and verdict[1] == "_":
        return _OTHER[verdict[0]] + verdict[1:]
    return verdict


def swap_aspects(aspects: dict[str, str]) -> dict[str, str]:
    """Return aspect verdicts (`A`, `B` or `tie`) as seen in the other order."""
    return {aspect: _OTHER[side] for aspect, side in aspects.items()}


def swap_tags(tags: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the error tags of both sides as seen in the other order."""
    return {_OTHER[side]: names for side, names in tags.items()}


def outcome(verdict: str) -> str:
    """Return who won, without the strength: first, second, tie or both_bad."""
    if verdict in ("tie", "both_bad"):
        return verdict
    return "first" if verdict.startswith("A") else "second"


def check_reasons(aspects: dict[str, str], tags: dict[str, list[str]]) -> None:
    """Raise VerdictError when an aspect, a tag or a side does not exist."""
    wrong = [name for name in aspects if name not in ASPECTS]
    wrong += [side for side in aspects.values() if side not in _OTHER]
    wrong += [side for side in tags if side not in SIDES]
    wrong += [name for names in tags.values() for name in names if name not in ERROR_TAGS]
    if wrong:
        raise VerdictError(f"unknown aspect, tag or side: {', '.join(map(repr, wrong))}")
