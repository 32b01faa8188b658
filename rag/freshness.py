"""Weigh documents by their age, and show the newer of two that disagree first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Protocol, TypeVar

from rag.content import content_terms, numbers

HALF_LIFE_DAYS = 365.0
SAME_SUBJECT = 0.4  # share of the shorter passage's content words that the other one holds


class Dated(Protocol):
    """Stand for anything with a text and perhaps a date: a passage."""

    @property
    def text(self) -> str:
        """Return the text."""
        ...

    @property
    def published(self) -> date | None:
        """Return the date, where it is known."""
        ...


AnyDated = TypeVar("AnyDated", bound=Dated)


def recency_weight(published: date | None, today: date, half_life_days: float = HALF_LIFE_DAYS) -> float:
    """Return 0.5 ** (age / half-life): 1 today, half after each half-life.

    A future date weighs 1 and an unknown one 0.5, so that neither is lost. Raises ValueError for
    a half-life of zero or less. Source: Li & Croft, "Time-based language models", CIKM 2003.
    """
    if half_life_days <= 0:
        raise ValueError("half_life_days must be above 0")
    if published is None:
        return 0.5
    return float(0.5 ** (max((today - published).days, 0) / half_life_days))


def conflicts(passages: Sequence[Dated]) -> list[tuple[int, int]]:
    """Return the places of passages about one subject whose numbers differ and whose dates do too.

    Each pair comes once, the lower place first.
    """
    terms = [set(content_terms(passage.text)) for passage in passages]
    figures = [numbers(passage.text) for passage in passages]
    return [
        (one, other)
        for one in range(len(passages))
        for other in range(one + 1, len(passages))
        if _disagree(passages[one], passages[other])
        and _overlap(terms[one], terms[other]) >= SAME_SUBJECT
        and figures[one] - figures[other]
        and figures[other] - figures[one]
    ]


def newest_first(passages: Sequence[AnyDated]) -> tuple[list[AnyDated], bool]:
    """Put conflicting passages in order of date, newest first, and tell whether there are any.

    Passages that stand in no conflict keep their places.
    """
    places = sorted({place for pair in conflicts(passages) for place in pair})
    ordered = list(passages)
    dated = sorted(places, key=lambda place: passages[place].published or date.min, reverse=True)
    for place, source in zip(places, dated, strict=True):
        ordered[place] = passages[source]
    return ordered, bool(places)


def _disagree(one: Dated, other: Dated) -> bool:
    return bool(one.published and other.published and one.published != other.published)


def _overlap(one: set[str], other: set[str]) -> float:
    plain = [{term for term in terms if not re.search(r"\d", term)} for terms in (one, other)]
    return len(plain[0] & plain[1]) / max(min(map(len, plain)), 1)
