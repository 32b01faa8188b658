"""Report for which questions pairs of answers were last chosen, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from annotate.store import Figures, Store

NAME = "question_choice"


@dataclass(frozen=True)
class ChosenQuestion:
    """Show one question that was chosen.

    score: the share of the weighted traffic's coverage that it added; novelty: cosine distance to the
    nearest question with pairs, 1 without any.
    """

    question: int
    text: str
    score: float
    novelty: float


@dataclass(frozen=True)
class QuestionChoice:
    """Hold the questions last chosen, those worth most first; `unpaired` were there to choose from."""

    questions: tuple[ChosenQuestion, ...] = ()
    unpaired: int = 0
    computed_at: datetime | None = None


def read_question_choice(store: Store) -> QuestionChoice:
    """Return what was last chosen; nothing where nothing ever was."""
    with store.reading() as session:
        found = session.get(Figures, NAME)
        if found is None:
            return QuestionChoice()
        chosen = tuple(ChosenQuestion(**one) for one in found.value["questions"])
        return QuestionChoice(chosen, found.stamp["unpaired"], found.computed_at)


def write_question_choice(
    store: Store, chosen: Sequence[ChosenQuestion], unpaired: int, seconds: float
) -> None:
    """Keep a choice in place of the last one."""
    value = {"questions": [asdict(one) for one in chosen]}
    with store.writing.begin() as session:
        session.merge(Figures(name=NAME, stamp={"unpaired": unpaired}, value=value, seconds=seconds))
