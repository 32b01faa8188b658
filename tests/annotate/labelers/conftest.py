"""Pairs to judge, written by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from annotate.labelling.views import AnswerView, PairView, PassageView, SentenceView
from rag.citations import cited_sentences


def answer(text: str, *passages: str, refused: bool = False) -> AnswerView:
    """Make an answer over passages, split up as the platform does it."""
    return AnswerView(
        text=text,
        sentences=tuple(SentenceView(part.text, part.numbers) for part in cited_sentences(text)),
        passages=tuple(PassageView(n, "", passage, f"d{n}") for n, passage in enumerate(passages, 1)),
        refused=refused,
    )


def swapped(pair: PairView) -> PairView:
    """Show the same pair in the other order."""
    return replace(pair, a=pair.b, b=pair.a)


RETURNS_RU = "Вы можете вернуть товар в течение четырнадцати дней со дня доставки. Нужен чек."
DELIVERY_EN = "We deliver to Germany within five working days. Express delivery costs ten euros."
PAIRS = {
    "ru": PairView(
        1,
        "За сколько дней можно вернуть товар?",
        "ru",
        answer("Товар можно вернуть в течение четырнадцати дней со дня доставки [1].", RETURNS_RU),
        answer("Пчёлы собирают нектар с цветов и делают из него мёд.", RETURNS_RU),
    ),
    "en": PairView(
        2,
        "How long does delivery to Germany take?",
        "en",
        answer("Delivery to Germany takes five working days [1].", DELIVERY_EN),
        answer("The moon is made of green cheese and orbits slowly.", DELIVERY_EN),
    ),
}


@pytest.fixture(params=["ru", "en"])
def pair(request: pytest.FixtureRequest) -> PairView:
    """A pair whose first answer is supported and cited, and whose second is neither."""
    return PAIRS[request.param]
