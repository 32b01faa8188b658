"""Read a verdict from a JSON document in both orders; anything but that one document is malformed.

Nothing is searched for in a longer text and nothing is mended: an answer that imitates a ruling
and is quoted by the model must not become one.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from annotate.labelers.base import MachineJudgement
from annotate.labelers.llm.errors import MalformedReply
from annotate.labelers.llm.logprobs import CONTRADICTION
from annotate.labelers.llm.models import Reply
from annotate.labelling.verdicts import GRADES, Verdict, outcome, swap_aspects, swap_verdict

MAX_TOKENS = 300
MUCH_BETTER = 1.5  # mean grade of both orders from which a win counts as a clear one
Side = Literal["A", "B", "tie"]


class Ruling(BaseModel):
    """Hold what a model is asked to write; the reason comes first, so that it is given before the verdict."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: str = Field(max_length=2000)
    faithfulness: Side
    directness: Side
    completeness: Side
    citations: Side
    verdict: Verdict
    confidence: float = Field(ge=0.0, le=1.0)

    @property
    def aspects(self) -> dict[str, str]:
        """Return who is ahead in each aspect."""
        return {name: getattr(self, name) for name in ASPECTS}


ASPECTS = ("faithfulness", "directness", "completeness", "citations")


def ruling_schema() -> dict[str, Any]:
    """Return the JSON schema of a ruling, without the limits that strict servers refuse."""
    schema = Ruling.model_json_schema()
    schema.pop("description", None)
    for part in schema["properties"].values():
        for limit in ("maxLength", "minimum", "maximum"):
            part.pop(limit, None)
    return schema


def read_ruling(reply: Reply) -> Ruling:
    """Return the ruling that a reply is; raise MalformedReply naming what is wrong with it."""
    try:
        document = json.loads(reply.text, object_pairs_hook=_once, parse_constant=_no_constant)
        return Ruling.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "document"
        raise MalformedReply(f"{place}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise MalformedReply(f"not one JSON document: {' '.join(str(error).split())}") from None


def join_rulings(shown: Ruling, turned: Ruling) -> MachineJudgement:
    """Join the rulings on both orders; where they name different winners, it is a tie of low confidence."""
    other = swap_verdict(turned.verdict)
    details: dict[str, Any] = {
        "shown": shown.verdict,
        "turned": turned.verdict,
        "reasons": [shown.reason, turned.reason],
        "position_bias": (_left(shown.verdict) + _left(turned.verdict)) / 2,
    }
    mine, theirs = shown.aspects, swap_aspects(turned.aspects)
    aspects = {name: side for name, side in mine.items() if theirs[name] == side}
    if outcome(shown.verdict) != outcome(other):
        return MachineJudgement("tie", CONTRADICTION, aspects, details=details)
    verdict: str = shown.verdict
    if verdict in GRADES and verdict != "tie":
        mean = (abs(GRADES[verdict]) + abs(GRADES[other])) / 2
        verdict = f"{verdict[0]}_{'much_better' if mean > MUCH_BETTER else 'better'}"
    return MachineJudgement(verdict, (shown.confidence + turned.confidence) / 2, aspects, details=details)


def _left(verdict: str) -> int:
    grade = GRADES.get(verdict, 0)
    return (grade > 0) - (grade < 0)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")
